import {
  add,
  compile,
  concat,
  constant,
  emit,
  entry,
  erf,
  exp,
  fmod,
  log1p,
  matmul,
  mean,
  mul,
  pow,
  sgd,
  sigmoid,
  sin,
  square,
  sum,
  tensor,
  type Tensor,
  update,
  variable,
} from 'gradloom'
import { expect, test } from 'vitest'
import { BINDINGS, classifier, history, load, type Module } from './emitted'
import { mlp } from './mlp'

/** The bytes of the WebAssembly module in an emitted text. */
function bytesIn(text: string): Buffer {
  const found = /WebAssembly\.instantiate\(decode\('([^']*)'\)/.exec(text)
  return Buffer.from(found![1]!, 'base64')
}

test.each([
  ['js', 'wasm'],
  ['wasm', 'js'],
] as const)('compiled for %s, emitted as %s: bit for bit what that target computes in memory', async (from, to) => {
  for (const schedule of ['plain', 'fast'] as const) {
    const other = schedule === 'plain' ? 'fast' : 'plain'
    const text = emit(classifier(other, from), { format: to, bindings: BINDINGS, schedule })
    const expected = history(classifier(schedule, to) as unknown as Module)
    expect(history(await load(text)), schedule).toEqual(expected)
  }
})

test('functions that are no instructions', async () => {
  const x = Float64Array.from({ length: 37 }, (_, i) => (i - 18) / 3)
  x.set([NaN, Infinity, -Infinity, -0, 1e-310, 800])
  const program = () =>
    compile(
      entry({ x: tensor([37], 'float64') }, ({ x }) => ({
        outputs: { a: erf(x), b: sigmoid(x), c: fmod(x, 0.7), d: pow(x, 3), e: exp(x), f: add(log1p(x), sin(x)) },
      })),
      { target: 'wasm', threads: 1 },
    )
  type Call = (feeds: object) => Readonly<Record<string, Float64Array>>
  const text = emit(program(), { format: 'wasm' })
  const { main } = (await load(text)) as unknown as { main: Call }
  const right = (program() as unknown as Call)({ x })
  for (const [name, values] of Object.entries(main({ x }))) expect([...values], name).toEqual([...right[name]!])
  expect(text).toMatch(/math: \{.* erf.*\}/)
})

test('specialisations of one memory: pages for the largest, no trace of one in the results of another', async () => {
  const build = () => {
    const W = variable('W', [40, 24], (shape) => Array.from({ length: shape[0]! * shape[1]! }, (_, i) => Math.sin(i)))
    const calls = variable('calls', [], 0, { dtype: 'int32' })
    const shift = constant(Array.from({ length: 40 }, (_, i) => i / 40))
    return compile(
      {
        main: entry({ x: tensor(['B', 40]), k: tensor(['K', 24]) }, ({ x, k }) => {
          const y = matmul(add(x, shift), W)
          return { outputs: { y: concat([y, k]), total: sum(y), calls }, updates: [update(calls, add(calls, 1))] }
        }),
        count: entry({}, () => ({ outputs: { calls, W } })),
      },
      { target: 'wasm', threads: 1 },
    )
  }
  const sizes = [[1, 0], [700, 3], [5, 1], [0, 2]] as const // prettier-ignore
  const text = emit(build(), { format: 'wasm', bindings: sizes.map(([B, K]) => ({ B, K })) })
  interface Emitted {
    main(feeds: object): object
    count(feeds: object): object
    state: { get(name: string): unknown }
  }
  const module = (await load(text)) as unknown as Emitted
  const program = build()
  for (const round of [0, 1, 2])
    for (const [B, K] of sizes) {
      const x = Float32Array.from({ length: B * 40 }, (_, i) => Math.cos(i + round))
      const feeds = { x, k: new Float32Array(K * 24).fill(B) }
      expect(module.main(feeds)).toEqual(program.main(feeds))
    }
  expect(module.count({})).toEqual(program.count({}))
  expect(module.state.get('calls')).toBe(12)
  expect(Number(/initial: (\d+)/.exec(text)![1])).toBeGreaterThan(2)
  // No size that fits: what the last one says of it.
  expect(() => module.main({ x: new Float32Array(80), k: new Float32Array(0) })).toThrow('input "x"')
})

test('small kernels of equal structure share functions in each specialisation', async () => {
  const build = () => {
    const weights = Array.from({ length: 40 }, (_, i) =>
      variable(`W${i}`, [4, 4], () => Array.from({ length: 16 }, (_, j) => Math.sin(i * 16 + j))),
    )
    return compile(
      {
        main: entry({ x: tensor(['B', 4]) }, ({ x }) => {
          let h: Tensor = x
          for (const W of weights) h = sigmoid(matmul(h, W))
          return { outputs: { h }, updates: sgd(mean(square(h)), weights, { learningRate: 0.5 }) }
        }),
      },
      { target: 'wasm', threads: 1 },
    )
  }
  const program = build()
  const text = emit(build(), { format: 'wasm', bindings: [{ B: 2 }, { B: 3 }] })
  const module = (await load(text)) as unknown as Pick<typeof program, 'main'>
  for (const B of [3, 2, 3, 2]) {
    const feeds = { x: Float32Array.from({ length: B * 4 }, (_, i) => Math.cos(i)) }
    expect(module.main(feeds)).toEqual(program.main(feeds))
  }
  // A function for each of 40 layers would have each name.
  const kernels = new Set(
    bytesIn(text)
      .toString('latin1')
      .match(/\bupdate_W\d+/g),
  )
  expect(kernels.size).toBeGreaterThan(0)
  expect(kernels.size).toBeLessThan(20)
})

test.each(['js', 'wasm'] as const)('a constant of more elements than a call takes arguments, %s', async (format) => {
  const table = constant(Array.from({ length: 70_000 }, (_, i) => i % 7))
  const run = compile(entry({ x: tensor([]) }, ({ x }) => ({ outputs: { y: sum(mul(table, x)) } })))
  const module = (await load(emit(run, { format }))) as unknown as { main: typeof run }
  expect(module.main({ x: 2 }).y).toBe(run({ x: 2 }).y)
})

test('the training step of a multilayer perceptron is small', () => {
  const text = emit(compile(mlp('W2').train, { target: 'js' }), { format: 'wasm', weights: 'none' })
  const module = bytesIn(text)
  console.info(`784-512-256-10, batch 128, sgd: ${text.length} bytes emitted, of which the module is ${module.length}`)
  expect(module.length).toBeLessThan(40 * 1024)
  expect(text.length).toBeLessThan(64 * 1024)
})
