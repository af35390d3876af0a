import {
  adam,
  add,
  argMax,
  checkpoint,
  compile,
  type CompileOptions,
  constant,
  entry,
  type Entry,
  grad,
  GraphError,
  log,
  matmul,
  mean,
  mul,
  named,
  NonFiniteError,
  oneHot,
  sgd,
  sin,
  softmax,
  square,
  sub,
  sum,
  tanh,
  type Tensor,
  tensor,
  variable,
} from 'gradloom'
import { explain, memory, source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { randomNumbers } from './ops/cases'

function values(count: number, seed: number): Float32Array {
  const random = randomNumbers(seed)
  return Float32Array.from({ length: count }, () => random() - 0.5)
}
const [BATCH, WIDTH] = [32, 16]
type Wrap = <F extends (x: Tensor) => Tensor>(fn: F) => F
const plain: Wrap = (fn) => fn
const kept: Wrap = (fn) => checkpoint(fn)

/** Layers of dense and tanh, in segments of equal length. */
function chain(layers: number, segments: number, wrap: Wrap, rule: typeof sgd | typeof adam = sgd): Entry {
  const W = Array.from({ length: layers }, (_, i) => variable(`W${i}`, [WIDTH, WIDTH], values(WIDTH * WIDTH, i + 1)))
  const b = Array.from({ length: layers }, (_, i) => variable(`b${i}`, [WIDTH], 0.1))
  return entry({ x: tensor([BATCH, WIDTH]) }, ({ x }) => {
    const each = layers / segments
    let h: Tensor = x
    for (let s = 0; s < segments; s++)
      h = wrap((first: Tensor) => {
        let y = first
        for (let i = s * each; i < (s + 1) * each; i++) y = tanh(add(matmul(y, W[i]! as Tensor), b[i]!))
        return y
      })(h)
    const loss = mean(square(sub(h, 0.1)))
    const updates = rule(
      loss,
      W.flatMap((w, i) => [w, b[i]!]),
      { learningRate: 0.01 },
    )
    return { outputs: { loss }, updates }
  })
}
const listed = (v: unknown): number[] => (typeof v === 'number' ? [v] : [...(v as Float32Array)])
type Run = (feeds: object) => Record<string, number>
const X = values(BATCH * WIDTH, 99)

const MODES: Readonly<Record<string, CompileOptions>> = {
  js: { target: 'js' },
  // Updates that are copied would need as much memory as the parameters.
  unfused: { target: 'js', fuse: false, passes: { inPlace: true } },
  'as built': { target: 'js', passes: { simplify: false } },
  ...('WebAssembly' in globalThis ? { wasm: { target: 'wasm', threads: 1 } as const } : {}),
}

describe.each(Object.entries(MODES))('checkpoint, %s', (_, options) => {
  it.each([
    [16, 4, 0.6, sgd],
    [16, 4, 0.6, adam],
    [36, 6, 0.4, sgd],
  ] as const)('of %i layers in %i segments saves memory', (layers, segments, ratio, rule) => {
    const program = (wrap: Wrap) =>
      compile<Record<string, Entry>>({ main: chain(layers, segments, wrap, rule) }, options)
    const [all, some] = [program(plain), program(kept)]
    const bytes = [all, some].map((p) => memory(p['main'] as object).workBytes)
    expect(bytes[1]! / bytes[0]!).toBeLessThan(ratio)
    for (let i = 0; i < 3; i++) {
      const [a, b] = [all, some].map((p) => (p['main'] as unknown as Run)({ x: X })['loss'])
      expect(b).toBeCloseTo(a!, 5)
    }
    for (const name of all.state.names) {
      const [a, b] = [all, some].map((p) => listed(p.state.get(name)))
      b!.forEach((v, i) => expect(Math.abs(v - a![i]!), name).toBeLessThan(1e-5))
    }
  })

  it('has the same values and gradients of two orders', () => {
    const of = (wrap: Wrap) => {
      const W = variable('W', [4, 4], values(16, 3), { dtype: 'float32' })
      const s = variable('s', [], 0.7)
      const main = entry({ x: tensor([3, 4]) }, ({ x }) => {
        const outside = sin(mul(x, s))
        const inner = wrap((h: Tensor) => tanh(matmul(h, W as Tensor)))
        const y = wrap((h: Tensor) => mul(inner(add(h, outside)), softmax(mul(h, s))))(x)
        const loss = sum(square(y))
        const [dx, dW, ds] = grad(loss, [x, W, s])
        const size = add(sum(square(dx)), add(sum(square(dW)), square(ds)))
        const [ddx, ddW, dds] = grad(size, [x, W, s])
        return { outputs: { loss, dx, dW, ds, ddx, ddW, dds } }
      })
      return compile<Record<string, Entry>>({ main }, options)['main'] as unknown as Run
    }
    const [a, b] = [of(plain), of(kept)].map((run) => run({ x: values(12, 5) }) as Record<string, unknown>)
    for (const [name, wanted] of Object.entries(a!)) {
      const [p, q] = [wanted, b![name]].map(listed)
      q!.forEach((v, i) => expect(Math.abs(v - p![i]!), name).toBeLessThanOrEqual(2e-5 * (1 + Math.abs(p![i]!))))
    }
  })
})

describe('checkpoint', () => {
  it('runs what it computes again in the backward part, each layer but the last of a segment twice', () => {
    const { main } = compile<Record<string, Entry>>({ main: chain(4, 2, kept) }, { target: 'js' })
    const text = source(main as object)
    const [forward, backward] = text.split('  // backward')
    const tanhs = explain(main as object).kernels.filter((k) => k.origin.includes('tanh again'))
    expect(tanhs.length).toBeGreaterThanOrEqual(2)
    for (const { kernel } of tanhs) {
      expect(forward!.split('function step()')[1]).not.toContain(`${kernel}(`)
      expect(backward).toContain(`${kernel}(`)
    }
  })

  it('takes several operands, ints among them, one of them twice', () => {
    const W = variable('W', [3], [1, 2, 3])
    const of = (wrap: typeof checkpoint) =>
      entry({ x: tensor([3]) }, ({ x }) => {
        const k = argMax(x)
        const pick = wrap((a: Tensor<[3]>, b: Tensor<[3]>, i: Tensor<[], 'int32'>) =>
          mul(mul(a, tanh(b)), add(oneHot(i, 3), W)),
        )
        const loss = sum(pick(x, x, k))
        const [dx, dW] = grad(loss, [x, W])
        return { outputs: { loss, dx, dW } }
      })
    const [a, b] = [of((fn) => fn), of(checkpoint)].map((e) => compile(e)({ x: [0.1, 0.9, -0.4] }))
    expect(b!.loss).toBeCloseTo(a!.loss, 6)
    for (const name of ['dx', 'dW'] as const) b![name].forEach((v, i) => expect(v).toBeCloseTo(a![name][i]!, 6))
  })

  it('is nothing where the result does not depend on the operands', () => {
    const run = compile(
      entry({ x: tensor([2]) }, ({ x }) => {
        const y = checkpoint((_: Tensor<[2]>) => constant([1, 2]))(x)
        const [dx] = grad(sum(checkpoint((v: Tensor<[2]>) => v)(x)), [x])
        return { outputs: { y, dx } }
      }),
    )
    const { y, dx } = run({ x: [3, 4] })
    expect([listed(y), listed(dx)]).toEqual([[1, 2], [1, 1]]) // prettier-ignore
  })

  it('refuses what is no tensor', () => {
    expect(() => checkpoint((x: Tensor) => x)(3 as never)).toThrow(GraphError)
    expect(() => checkpoint(() => 3 as never)()).toThrow(/^checkpoint: expected a tensor, got number/)
  })

  it('keeps names for people, and is guarded', () => {
    const W = variable('W', [2], [1, 2])
    const build = () =>
      entry({ x: tensor([2]) }, ({ x }) => {
        const y = checkpoint((v: Tensor<[2]>) => named('logs', log(named('z', mul(v, W)))))(x)
        const loss = sum(y)
        return { outputs: { loss }, updates: sgd(loss, [W]) }
      })
    const text = source(compile(build(), { target: 'js' }), { of: 'd_W' })
    expect(text).toContain('d_W')
    const program = compile(build(), { guard: true })
    expect(program({ x: [1, 2] }).loss).toBeCloseTo(Math.log(4), 5)
    let found: unknown
    try {
      program({ x: [1, 0] })
    } catch (error) {
      found = error
    }
    expect(found).toBeInstanceOf(NonFiniteError)
    expect(found).toMatchObject({ tensor: 'logs', part: 'forward', index: [1], value: -Infinity })
  })
})
