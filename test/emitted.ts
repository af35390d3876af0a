import {
  adam,
  add,
  argMax,
  cast,
  compile,
  constant,
  entry,
  glorotUniform,
  greater,
  matmul,
  mean,
  mul,
  relu,
  softmax,
  sparseSoftmaxCrossEntropy,
  sub,
  tensor,
  type Tensor,
  update,
  variable,
  zeros,
} from 'gradloom'

export const BINDINGS = [{ B: 4 }, { B: 3 }]

/** Two entries over one state: every dtype, constants, slots, a count of steps and a computed index. */
export function classifier(schedule: 'plain' | 'fast', target: 'js' | 'wasm') {
  const W1 = variable('hidden/W', [5, 8], glorotUniform())
  const b1 = variable('hidden/b', [8], zeros())
  const W2 = variable('out/W', [8, 3], glorotUniform())
  const total = variable('total', [], 0.1, { dtype: 'float64' })
  const steps = variable('steps', [], 0, { dtype: 'int32' })
  const shift = constant([0.5, -0, 1e-7, -3.25, 1e20])
  const logits = (x: Tensor<[number, 5], 'float32'>) => matmul(relu(add(matmul(sub(x, shift), W1), b1)), W2)
  return compile(
    {
      train: entry({ x: tensor(['B', 5]), y: tensor(['B'], 'uint8') }, ({ x, y }) => {
        const loss = mean(sparseSoftmaxCrossEntropy(logits(x), sub(cast(y, 'int32'), 1)))
        return {
          outputs: { loss, steps },
          updates: [
            ...adam(loss, [W1, b1, W2], { learningRate: 0.05 }),
            update(steps, add(steps, 1)),
            update(total, add(total, cast(loss, 'float64'))),
          ],
        }
      }),
      predict: entry({ x: tensor(['B', 5]), temperature: tensor([]) }, ({ x, temperature }) => {
        const p = softmax(mul(logits(x), temperature))
        return { outputs: { p, label: argMax(p), sure: greater(p, 0.5), total } }
      }),
      count: entry({}, () => ({ outputs: { steps } })),
    },
    { schedule, seed: 3, target, threads: 1 },
  )
}

type Values = Record<string, number | ArrayLike<number>>
export interface Module {
  train(feeds: object): Values
  predict(feeds: object): Values
  count(feeds: object): Values
  readonly state: {
    readonly names: readonly string[]
    get(name: string): number | Float32Array
    set(name: string, v: unknown): void
  }
}

export const data = (rows: number, seed: number) => ({
  x: Float32Array.from({ length: rows * 5 }, (_, i) => Math.sin(seed + i * 1.7)),
  y: Uint8Array.from({ length: rows }, (_, i) => 1 + ((seed + i) % 3)),
})
/** Five steps and two predictions, in both sizes, and what they leave behind: everything as text, bit for bit. */
export function history({ train, predict, count, state }: Module): string[] {
  const rows: Values[] = []
  for (let i = 0; i < 5; i++) rows.push(train(data(i % 2 === 0 ? 4 : 3, i)))
  for (const n of [3, 4]) rows.push(predict({ x: data(n, n).x, temperature: 0.75 }))
  rows.push(count({}))
  for (const name of state.names) rows.push({ [name]: state.get(name) })
  return rows.flatMap((row) =>
    Object.entries(row).map(([name, v]) => {
      const shape = (v as { readonly shape?: readonly number[] }).shape
      return `${name} [${String(shape)}] ${typeof v === 'number' ? v : Array.from(v).join(' ')}`
    }),
  )
}

let loaded = 0
/** A new instance each time: the same text would be the same module. */
export const load = async (text: string): Promise<Module> =>
  (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(`${text}// ${loaded++}`)}`)) as Module
