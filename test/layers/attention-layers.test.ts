import { GraphError } from 'gradloom'
import { input, layers, type Symbolic } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import type { AnyLayer, CallOptions } from '../../src/layers/layer'
import { expectFault } from '../fault'
import { checkLayer, type LayerCase, TARGETS, valuesOf, wave } from './layer-cases'

const { additiveAttention, attention, groupedQueryAttention, multiHeadAttention } = layers
const [B, Q, K, D] = [2, 3, 4, 4]
const three = [
  [null, Q, D],
  [null, K, 3],
  [null, K, D],
] as const

const scored: CallOptions = { returnAttentionScores: true }
const CASES: Readonly<Record<string, LayerCase>> = {
  'by products': { make: () => attention({ useScale: true }), inputs: three, options: scored },
  'by products, causal': { make: () => attention({}), inputs: [[null, null, D], [null, null, D]], options: { useCausalMask: true } }, // prettier-ignore
  'by sums with one factor': { make: () => attention({ scoreMode: 'concat', useScale: true }), inputs: three },
  'by sums with factors': { make: () => additiveAttention({}), inputs: three, options: { useCausalMask: true } },
  'of several heads': {
    make: () => multiHeadAttention({ numHeads: 2, keyDim: 3, valueDim: 2, outputShape: [2, 3] }),
    inputs: three,
    options: scored,
  },
  'of several heads over an inner axis': {
    make: () => multiHeadAttention({ numHeads: 2, keyDim: 2, attentionAxes: [2], useBias: false }),
    inputs: [[null, 2, 3, D], [null, 2, K, D]], // prettier-ignore
    options: { ...scored, useCausalMask: true },
  },
  'of several heads over two axes': {
    make: () => multiHeadAttention({ numHeads: 1, keyDim: 2, outputShape: 3 }),
    inputs: [[null, 2, 3, D], [null, 2, 2, D]], // prettier-ignore
    options: scored,
  },
  'of grouped queries': {
    make: () => groupedQueryAttention({ headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2 }),
    inputs: [[null, Q, D], [null, K, 3]], // prettier-ignore
    options: scored,
  },
}

const given = [wave(B * Q * D, 1.3), wave(B * K * 3, 0.9), wave(B * K * D, 2.3)]
const QUERY = [1, 1, 0, 1, 0, 1]
const VALUE = [1, 0, 1, 1, 1, 1, 0, 0]
const KEY = [1, 1, 1, 0, 1, 1, 1, 1]
const MASKS = [
  { shape: [B, Q], data: QUERY },
  { shape: [B, K], data: VALUE },
  { shape: [B, K], data: KEY },
]
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Weighted sums of values by scores and what is allowed, written out: [batch][query] rows of values, and weights. */
function attended(
  score: (b: number, q: number, k: number) => number,
  allowed: (b: number, q: number, k: number) => boolean,
  value: (b: number, k: number) => readonly number[],
  width: number,
) {
  const weights: number[] = []
  const output: number[] = []
  for (const b of range(B))
    for (const q of range(Q)) {
      const e = range(K).map((k) => (allowed(b, q, k) ? Math.exp(score(b, q, k)) : 0))
      const total = e.reduce((a, c) => a + c, 0)
      const w = e.map((v) => (total === 0 ? 0 : v / total))
      weights.push(...w)
      output.push(...range(width).map((i) => range(K).reduce((sum, k) => sum + w[k]! * value(b, k)[i]!, 0)))
    }
  return { output, weights }
}
const row = (x: ArrayLike<number>, at: number, width: number): number[] =>
  Array.from(x).slice(at * width, (at + 1) * width)
const query = (b: number, q: number): number[] => row(given[0]!, b * Q + q, D)
const value = (b: number, k: number): number[] => row(given[1]!, b * K + k, 3)
const key = (b: number, k: number): number[] => row(given[2]!, b * K + k, D)

const close = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length)
  wanted.forEach((w, i) => expect(got[i], `at ${i}`).toBeCloseTo(w, 10))
}

describe.each(TARGETS)('attention layers on %s', (target) => {
  it.each(Object.entries(CASES))('%s: shape, config, gradients', (_, layerCase) => {
    checkLayer(target, layerCase)
  })

  const masked = (make: () => AnyLayer, more: CallOptions = {}) =>
    valuesOf(target, { make, inputs: three }, given, (mask) => ({ ...scored, mask, ...more }), MASKS)

  it.each([false, true])('the value mask hides keys, the query mask results, causal: %s', (useCausalMask) => {
    const { layer, outputs } = masked(() => attention({ useScale: true }), { useCausalMask })
    const allowed = (b: number, q: number, k: number) => VALUE[b * K + k] === 1 && (!useCausalMask || k <= q)
    const scale = layer.getWeights()[0]![0]!
    const right = attended((b, q, k) => scale * dot(query(b, q), key(b, k)), allowed, value, 3)
    close(outputs[0]!, right.output.map((v, i) => v * QUERY[Math.floor(i / 3)]!)) // prettier-ignore
    close(outputs[1]!, right.weights)
    const sums = masked(() => additiveAttention({}), { useCausalMask })
    const by = sums.layer.getWeights()[0]!
    const summed = (b: number, q: number, k: number): number =>
      dot(query(b, q).map((v, i) => Math.tanh(v + key(b, k)[i]!)), Array.from(by)) // prettier-ignore
    const other = attended(summed, allowed, value, 3)
    close(sums.outputs[0]!, other.output.map((v, i) => v * QUERY[Math.floor(i / 3)]!)) // prettier-ignore
    close(sums.outputs[1]!, other.weights)
  })

  it.each([
    ['MultiHeadAttention', 2, 2, () => multiHeadAttention({ numHeads: 2, keyDim: 2, outputShape: 3 })],
    ['GroupedQueryAttention', 4, 2, () => groupedQueryAttention({ headDim: 2, numQueryHeads: 4, numKeyValueHeads: 2 })],
  ] as const)('%s under all its masks at once', (_, heads, shared, make) => {
    const mask = range(B * Q * K).map((i) => Number(i % 5 !== 3))
    const { layer, outputs } = valuesOf(
      target,
      { make, inputs: three },
      given,
      ([q, v, k, attentionMask]) => ({ ...scored, mask: [q!, v!, k!], attentionMask: attentionMask!, useCausalMask: true }), // prettier-ignore
      [...MASKS, { shape: [B, Q, K], data: mask }],
    )
    const w = Object.fromEntries(layer.weights.map(({ name }, i) => [name, Array.from(layer.getWeights()[i]!)]))
    const projected = (name: string, x: readonly number[], head: number, count: number): number[] =>
      range(2).map((i) => x.reduce((sum, v, f) => sum + v * w[`${name}/kernel`]![(f * count + head) * 2 + i]!, w[`${name}/bias`]![head * 2 + i]!)) // prettier-ignore
    const perHead = range(heads).map((head) => {
      const own = Math.floor(head / (heads / shared))
      return attended(
        (b, q, k) => dot(projected('query', query(b, q), head, heads), projected('key', key(b, k), own, shared)) / Math.sqrt(2), // prettier-ignore
        (b, q, k) => Boolean(QUERY[b * Q + q]! && VALUE[b * K + k]! && KEY[b * K + k]! && mask[(b * Q + q) * K + k]! && k <= q), // prettier-ignore
        (b, k) => projected('value', value(b, k), own, shared),
        2,
      )
    })
    const width = w['attention_output/bias']!.length
    const right = range(B * Q).flatMap((n) =>
      range(width).map(
        (o) =>
        perHead.reduce((sum, { output }, head) => sum + range(2).reduce((t, i) => t + output[n * 2 + i]! * w['attention_output/kernel']![(head * 2 + i) * width + o]!, 0), w['attention_output/bias']![o]!), // prettier-ignore
      ),
    )
    close(outputs[0]!, right)
    const scores = range(B).flatMap((b) => perHead.flatMap(({ weights }) => row(weights, b, Q * K)))
    close(outputs[1]!, scores)
  })

  it('axes that are not attended over are batches, and several that are attended over are one', () => {
    const x = wave(2 * 3 * 4 * 5)
    const on = (shape: readonly number[], x: Float64Array, attentionAxes?: number | readonly number[]) => {
      const make = () => multiHeadAttention({ numHeads: 2, keyDim: 2, attentionAxes })
      return valuesOf(target, { make, inputs: [shape, shape] }, [x, x], () => scored).outputs
    }
    const whole = [2, 3, 4, 5]
    for (const [i, values] of on(whole, x, 2).entries()) close(values, on([6, 4, 5], x)[i]!)
    for (const [i, values] of on(whole, x, -2).entries()) close(values, on(whole, x, [2])[i]!)
    for (const [i, values] of on(whole, x).entries()) close(values, on([2, 12, 5], x)[i]!)
    const turned = (x: ArrayLike<number>, rows: number, columns: number): Float64Array =>
      Float64Array.from({ length: x.length }, (_, i) => {
        const [feature, c, r] = [i % 5, Math.floor(i / 5) % rows, Math.floor(i / (5 * rows)) % columns]
        const b = Math.floor(i / (5 * rows * columns))
        return x[((b * rows + c) * columns + r) * 5 + feature]!
      })
    const [output, weights] = on(whole, x, 1)
    const [back, same] = on([2, 4, 3, 5], turned(x, 3, 4), 2)
    close(output!, [...turned(back!, 4, 3)])
    close(weights!, same!)
  })

  it('scores are dropped in training only, and the query mask goes on', () => {
    const makes: readonly (() => AnyLayer)[] = [
      () => attention({ dropout: 0.5 }),
      () => additiveAttention({ dropout: 0.5, trainable: false }),
      () => multiHeadAttention({ numHeads: 2, keyDim: 2, dropout: 0.5 }),
      () => groupedQueryAttention({ headDim: 2, numQueryHeads: 2, numKeyValueHeads: 1, dropout: 0.5 }),
    ]
    for (const make of makes) {
      const at = (training: boolean) =>
        valuesOf(target, { make, inputs: three }, given, () => ({ training })).outputs[0]!
      const plain = valuesOf(target, { make, inputs: three }, given, () => ({})).outputs[0]!
      expect(at(false)).toEqual(plain)
      const dropped = at(true)
      expect(dropped).not.toEqual(plain)
      expect(dropped.every(Number.isFinite)).toBe(true)
    }
  })
})

describe('what attention layers refuse', () => {
  const on =
    (layer: AnyLayer, shapes: readonly (readonly (number | null)[])[], options: object = {}): (() => unknown) =>
    () =>
      (layer as unknown as (x: readonly Symbolic[], options: object) => unknown)(shapes.map((batchShape) => input({ batchShape })), options) // prettier-ignore
  const heads = { numHeads: 2, keyDim: 2 }
  const pair = [[null, 3, 4], [null, 5, 4]] as const // prettier-ignore
  const mask = (shape: readonly number[]) => ({ attentionMask: input({ batchShape: shape, dtype: 'bool' }) })
  const BAD: readonly (readonly [string, () => unknown, readonly string[]])[] = [
    ['one input', on(attention({}), [[null, 3, 4]]), ['takes 2 to 3 inputs']],
    ['other features', on(attention({}), [[null, 3, 4], [null, 5, 3]]), ['Attention', 'same features']],
    ['ranks', on(additiveAttention({}), [[null, 4], [null, 5, 4]]), ['the query must be floats [batch, steps, features]']],
    ['a mask of both', on(attention({}), pair, mask([2, 3, 5])), ['no attentionMask']],
    ['a mode that is none', () => attention({ scoreMode: 'sum' as never }), ["scoreMode must be 'dot' or 'concat'"]],
    ['keys and values', on(multiHeadAttention(heads), [...pair, [null, 6, 4]]), ['key and value differ']],
    ['the axis of the batch', on(multiHeadAttention({ ...heads, attentionAxes: [0] }), pair), ['attentionAxes', 'of 1']],
    ['axes that differ', on(multiHeadAttention({ ...heads, attentionAxes: 1 }), [[null, 3, 4, 4], [null, 3, 5, 4]]), ['not attended over']],
    ['a causal order of two axes', on(multiHeadAttention(heads), [[null, 3, 4, 4], [null, 3, 4, 4]], { useCausalMask: true }), ['one axis']],
    ['a mask of other extents', on(multiHeadAttention(heads), pair, mask([2, 3, 4])), ['attentionMask must be bool [batch, 3, 5]']],
    ['no heads', () => multiHeadAttention({ keyDim: 2 } as never), ['numHeads is missing']],
    ['heads that do not divide', () => groupedQueryAttention({ headDim: 2, numQueryHeads: 3, numKeyValueHeads: 2 }), ['multiple', '3 and 2']],
  ] // prettier-ignore
  it.each(BAD)('%s', (_, build, parts) => {
    expectFault(build, GraphError, ...parts)
  })
})
