import {
  add,
  type AttentionOptions,
  broadcastTo,
  compile,
  type CompileOptions,
  constant,
  entry,
  fill,
  grad,
  GraphError,
  isFinite,
  mul,
  multiHeadAttention,
  repeat,
  reshape,
  rotaryEmbedding,
  scaledDotProductAttention,
  sum,
  tensor,
  type Tensor,
  all,
  cast,
  stack,
} from 'gradloom'
import { memory } from 'gradloom/inspect'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'

const TARGETS: readonly CompileOptions[] = [{ target: 'js' }, { target: 'wasm', threads: 1 }]
const wave = (n: number, by = 1.7): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(by * i) + 0.1)
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void => {
  expect(actual.length).toBe(expected.length)
  Array.from(expected).forEach((v, i) => expect(actual[i], `at ${i}`).toBeCloseTo(v, digits))
}
const [T, S, D, E] = [5, 6, 4, 3] as const
const SPECS = { q: tensor([2, 4, T, D]), k: tensor([2, 2, S, D]), v: tensor([2, 2, S, E]) }
const FEEDS = { q: wave(2 * 4 * T * D), k: wave(2 * 2 * S * D, 2.3), v: wave(2 * 2 * S * E, 3.1) }

describe.each(TARGETS)('attention on %o', (options) => {
  /** Two ways to the same, with their gradients by q, k and v. */
  function agree(build: (q: Tensor, k: Tensor, v: Tensor) => readonly [Tensor, Tensor]): void {
    const net = compile(
      entry(SPECS, ({ q, k, v }) => {
        const ways = build(q, k, v).map((y) => {
          const weights = reshape(constant(wave(2 * 4 * T * E, 0.7), { shape: [2 * 4 * T * E] }), y.shape)
          const [gq, gk, gv] = grad(sum(mul(y, weights)) as Tensor<[]>, [q, k, v])
          return [y, gq, gk, gv]
        })
        return { outputs: Object.fromEntries(ways.flatMap((way, i) => way.map((t, j) => [`${j}${i}`, t]))) }
      }),
      options,
    )
    const results = net(FEEDS) as Record<string, Float32Array>
    for (const j of [0, 1, 2, 3]) close(results[`${j}0`]!, results[`${j}1`]!)
  }
  const grouped = (q: Tensor, k: Tensor, v: Tensor, more: AttentionOptions = {}): Tensor =>
    scaledDotProductAttention(q, k, v, { enableGqa: true, ...more })

  test('of grouped heads is that of repeated keys and values', () => {
    const twice = (t: Tensor): Tensor => repeat(t, 2, { axis: 1 })
    agree((q, k, v) => [grouped(q, k, v), scaledDotProductAttention(q, twice(k), twice(v))])
    agree((q, k, v) => [
      grouped(q, k, v, { isCausal: true }),
      scaledDotProductAttention(q, twice(k), twice(v), { isCausal: true }),
    ])
  })

  const lower = Array.from({ length: T }, (_, t) => Array.from({ length: S }, (_, s) => s <= t))
  test('that is causal is that under a mask of the lower triangle, bool or added', () => {
    const mask = cast(constant(lower.map((row) => row.map(Number))), 'bool')
    const added = constant(lower.map((row) => row.map((x) => (x ? 0 : -Infinity))))
    agree((q, k, v) => [grouped(q, k, v, { isCausal: true }), grouped(q, k, v, { mask })])
    agree((q, k, v) => [grouped(q, k, v, { mask: added }), grouped(q, k, v, { mask })])
    const keys = cast(constant([1, 0, 1, 1, 0, 1]), 'bool')
    const both = cast(constant(lower.map((row) => row.map((x, s) => Number(x && s !== 1 && s !== 4)))), 'bool')
    agree((q, k, v) => [grouped(q, k, v, { isCausal: true, mask: keys }), grouped(q, k, v, { mask: both })])
  })

  test('added scores of equal rows change nothing, and scale is a factor of the query', () => {
    agree((q, k, v) => [grouped(q, k, v, { mask: fill([T, 1], 3) }), grouped(q, k, v)])
    agree((q, k, v) => [grouped(q, k, v, { scale: 0.25 }), grouped(mul(q, 0.5), k, v)])
  })

  test.each([
    ['bool', 0],
    ['float32', -Infinity],
  ] as const)('to nothing, by a %s mask, gives zeros with gradients 0', (dtype, no) => {
    const yes = dtype === 'bool' ? 1 : 0
    const rows = [[yes, yes, no], [no, no, no]] // prettier-ignore
    const net = compile(
      entry({ x: tensor([2, 4]), k: tensor([3, 4]) }, ({ x, k }) => {
        const y = scaledDotProductAttention(x, k, k, { mask: cast(constant(rows), dtype) })
        const [gx, gk] = grad(sum(mul(y, y)), [x, k])
        const [again] = grad(add(sum(mul(gx, gx)), sum(gk)), [x])
        return { outputs: { y, gx, gk, again } }
      }),
      options,
    )
    // What is masked may be as large as it likes.
    const { y, gx, gk, again } = net({ x: wave(8), k: wave(12).fill(1e30, 8) })
    for (const values of [y, gx, again]) {
      expect([...values].every(Number.isFinite)).toBe(true)
      expect([...values.slice(4)]).toEqual([0, 0, 0, 0])
    }
    expect([...gk.slice(8)]).toEqual([0, 0, 0, 0])
  })

  test('of huge scores does not overflow', () => {
    const net = compile(
      entry({ x: tensor([4, 4]) }, ({ x }) => {
        const y = scaledDotProductAttention(mul(x, 1e4), mul(x, 1e4), x, { isCausal: true })
        const [g] = grad(sum(y), [x])
        return { outputs: { ok: all(isFinite(stack([y, g]))) } }
      }),
      options,
    )
    expect(net({ x: wave(16) }).ok).toBe(1)
  })

  test('keeps no repeated keys or values and no mask', () => {
    const net = compile(
      entry({ q: tensor([1, 8, 32, 64]), k: tensor([1, 1, 32, 64]) }, ({ q, k }) => {
        const y = scaledDotProductAttention(q, k, k, { enableGqa: true, isCausal: true })
        const [gq, gk] = grad(sum(mul(y, y)), [q, k])
        return { outputs: { gq, gk } }
      }),
      options,
    )
    const sizes = memory(net).buffers.filter((b) => b.region === 'scratch').map((b) => b.bytes / 4) // prettier-ignore
    const [scores, queries, keys, rows] = [8 * 32 * 32, 8 * 32 * 64, 32 * 64, 8 * 32]
    expect([...new Set(sizes)].filter((n) => ![scores, queries, keys, rows].includes(n))).toEqual([])
    // A copy of the keys for all heads would be one of these: they are the result, its cotangent and the gradient of q.
    expect(sizes.filter((n) => n === queries).length).toBeLessThanOrEqual(3)
  })

  test('of several heads is what Keras computes', () => {
    const [B, N, H, V, O] = [2, 4, 6, 3, 5]
    const shapes = { wq: [4, N, H], wk: [3, 2, H], wv: [3, 2, V], wo: [N, V, O], bq: [N, H], bk: [2, H], bv: [2, V], bo: [O] } // prettier-ignore
    type Name = keyof typeof shapes
    const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
    const data = Object.fromEntries(Object.entries(shapes).map(([name, shape], i) => [name, wave(sizeOf(shape), 1.1 + i / 7)])) as Record<Name, Float32Array> // prettier-ignore
    const weights = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, constant(data[name as Name], { shape })])) as unknown as Record<Name, Tensor> // prettier-ignore
    const [x, y] = [wave(B * T * 4), wave(B * S * 3, 0.9)]
    const net = compile(
      entry({ x: tensor([B, T, 4]), y: tensor([B, S, 3]), mask: tensor([B, T, S], 'bool') }, ({ x, y, mask }) => ({
        outputs: { z: multiHeadAttention(x, y, undefined, { ...weights, mask }) },
      })),
      options,
    )
    const mask = Uint8Array.from({ length: B * T * S }, (_, i) => Number(i % 3 !== 0))
    const { z } = net({ x, y, mask })
    const project = (
      from: Float32Array,
      row: number,
      w: Float32Array,
      b: Float32Array,
      features: number,
      n: number,
      size: number,
      heads: number,
    ): number[] =>
      // prettier-ignore
      Array.from({ length: size }, (_, h) => {
        let total = b[n * size + h]!
        for (let i = 0; i < features; i++) total += from[row * features + i]! * w[(i * heads + n) * size + h]!
        return total
      })
    const expected: number[] = []
    for (let b = 0; b < B; b++)
      for (let t = 0; t < T; t++) {
        const heads = Array.from({ length: N }, (_, n) => {
          const q = project(x, b * T + t, data.wq, data.bq, 4, n, H, N)
          const e = Array.from({ length: S }, (_, s) => {
            const k = project(y, b * S + s, data.wk, data.bk, 3, n >> 1, H, 2)
            return mask[(b * T + t) * S + s] ? Math.exp(q.reduce((a, v, i) => a + v * k[i]!, 0) / Math.sqrt(H)) : 0
          })
          const total = e.reduce((a, c) => a + c, 0)
          const v = e.map((_, s) => project(y, b * S + s, data.wv, data.bv, 3, n >> 1, V, 2))
          return Array.from({ length: V }, (_, i) => e.reduce((a, w, s) => a + (w / total) * v[s]![i]!, 0))
        })
        for (let o = 0; o < O; o++)
          expected.push(heads.reduce((a, head, n) => head.reduce((c, v, i) => c + v * data.wo[(n * V + i) * O + o]!, a), data.bo[o]!)) // prettier-ignore
      }
    close(z as Float32Array, expected, 4)
  })
})

describe.each(TARGETS)('rotary embedding on %o', (options) => {
  test('turns pairs by angles that grow with the position', () => {
    const net = compile(
      entry({ x: tensor([T, 6]), at: tensor([T], 'int32') }, ({ x, at }) => ({
        outputs: {
          halves: rotaryEmbedding(x),
          pairs: rotaryEmbedding(x, { interleaved: true, base: 100 }),
          far: rotaryEmbedding(x, { positions: at }),
        },
      })),
      options,
    )
    const x = wave(T * 6)
    const at = Int32Array.of(0, 7, 1e6, 3, 99)
    const { halves, pairs, far } = net({ x, at })
    const expected = (
      base: number,
      place: (i: number) => readonly [number, number],
      positions?: Int32Array,
    ): number[] => {
      const y = new Array<number>(T * 6)
      for (let t = 0; t < T; t++)
        for (let i = 0; i < 3; i++) {
          const angle = (positions ? positions[t]! : t) * base ** (-i / 3)
          const [a, b] = place(i).map((k) => t * 6 + k) as [number, number]
          y[a] = x[a]! * Math.cos(angle) - x[b]! * Math.sin(angle)
          y[b] = x[b]! * Math.cos(angle) + x[a]! * Math.sin(angle)
        }
      return y
    }
    close(halves, expected(10000, (i) => [i, i + 3])) // prettier-ignore
    close(pairs, expected(100, (i) => [2 * i, 2 * i + 1])) // prettier-ignore
    close(far, expected(10000, (i) => [i, i + 3], at)) // prettier-ignore
  })

  test('makes scores depend on distances only', () => {
    const net = compile(
      entry({ x: tensor([1, T, 8]), shift: tensor([], 'int32') }, ({ x, shift }) => {
        const [w, back] = [fill([8, 2, 4], 0.3), fill([2, 4, 3], 0.5)]
        const positions = add(constant(Int32Array.of(0, 1, 2, 3, 4), { shape: [1, T] }), shift)
        const rotated = (rotary: object) =>
          multiHeadAttention(x, x, undefined, { wq: w, wk: w, wv: w, wo: back, rotary, isCausal: true })
        return { outputs: { a: rotated({}), b: rotated({ positions }) } }
      }),
      options,
    )
    const { a, b } = net({ x: wave(T * 8), shift: 1000 })
    close(a as Float32Array, b as Float32Array)
  })
})

describe('bad attention', () => {
  const build = (body: (x: Tensor<[2, 4, 5, 6]>) => unknown) => () =>
    compile(
      entry({ x: tensor([2, 4, 5, 6]) }, ({ x }) => {
        body(x)
        return { outputs: { x: add(x, 1) } }
      }),
    )
  const of = (...shape: number[]): Tensor => broadcastTo(constant(1), shape)
  const heads = { wq: of(6, 2, 3), wk: of(6, 2, 3), wv: of(6, 2, 4), wo: of(2, 4, 7) }
  const sequence = (): Tensor => of(2, 5, 6)
  const attend = scaledDotProductAttention
  const BAD: readonly (readonly [
    what: string,
    body: (x: Tensor<[2, 4, 5, 6]>) => unknown,
    parts: readonly string[],
  ])[] = [
    ['features', (x) => attend(x, of(2, 4, 5, 3), x), ['same features', '6 and 3', 'operand 2']],
    ['keys and values', (x) => attend(x, of(2, 4, 3, 6), x), ['3 keys, but 5 values']],
    ['ranks', (x) => attend(x, of(5, 6), x), ['one rank']],
    ['batches', (x) => attend(x, of(3, 4, 5, 6), of(3, 4, 5, 6)), ['batches of q and k differ']],
    ['heads that share', (x) => attend(x, of(2, 2, 5, 6), of(2, 2, 5, 6)), ['4 heads', 'have 2', 'enableGqa: true']],
    ['heads that cannot', (x) => attend(x, of(2, 3, 5, 6), of(2, 3, 5, 6), { enableGqa: true }), ['no multiple of 3']],
    ['a mask of numbers', (x) => attend(x, x, x, { mask: cast(of(5, 5), 'int32') }), ['the mask must be bool', 'int32[5, 5]']], // prettier-ignore
    ['the shape of a mask', (x) => attend(x, x, x, { mask: of(5, 4) }), ['mask [5, 4]', '[2, 4, 5, 5]']],
    ['dtypes', (x) => attend(cast(x, 'float64'), x, x), ['one float dtype']],
    ['a scale', (x) => attend(x, x, x, { scale: NaN }), ['scale', 'NaN']],
    ['odd features', () => rotaryEmbedding(of(5, 3)), ['rotaryEmbedding', 'even d', 'float32[5, 3]']],
    ['positions', (x) => rotaryEmbedding(x, { positions: of(4) }), ['positions', '[2, 4, 5]']],
    ['a base', (x) => rotaryEmbedding(x, { base: 0 }), ['base', '0']],
    ['a projection', () => multiHeadAttention(sequence(), sequence(), undefined, { ...heads, wk: of(5, 2, 3) }), ['wk must be float32[6, ?, 3]']], // prettier-ignore
    ['a bias', () => multiHeadAttention(sequence(), sequence(), undefined, { ...heads, bo: of(6) }), ['bo must be float32[7]']], // prettier-ignore
    ['a key', () => multiHeadAttention(sequence(), sequence(), of(2, 4, 6), heads), ['key must be float32[2, 5, ?]']],
    ['heads of projections', () => multiHeadAttention(sequence(), sequence(), undefined, { ...heads, wk: of(6, 3, 3), wv: of(6, 3, 4) }), ['no multiple of 3']], // prettier-ignore
  ]
  test.each(BAD)('%s', (_, body, parts) => {
    expectFault(build(body), GraphError, ...parts)
  })
})
