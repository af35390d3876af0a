import * as loom from 'gradloom'
import { GraphError, median, percentile, quantile, type QuantileMethod, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { checkComposed } from './function-case'
import { build, operand, VARIANTS } from './operands'
import { reduced, type Values } from './values'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const METHODS: readonly QuantileMethod[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest']

/** By definition: between the elements below and above q (n - 1). */
function shareOf(row: readonly number[], q: number, method: QuantileMethod): number {
  if (row.some(Number.isNaN)) return nan
  const sorted = [...row].sort((a, b) => a - b)
  const place = q * (row.length - 1)
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  const rest = place - Math.floor(place)
  if (rest === 0) return low
  if (method === 'lower') return low
  if (method === 'higher') return high
  if (method === 'midpoint') return (low + high) / 2
  if (method === 'linear') return low * (1 - rest) + high * rest
  return rest === 0.5 ? sorted[2 * Math.round(place / 2)]! : sorted[Math.round(place)]!
}
const floating = (x: Values): Values => ({ ...x, dtype: x.dtype === 'float64' ? 'float64' : 'float32' })
interface Axes {
  readonly axis?: number | readonly number[]
  readonly keepDims?: boolean
}
const over = (given: Values, { axis, keepDims = false }: Axes, of: (row: readonly number[]) => number): Values => {
  const all = given.shape.map((_, i) => i)
  const axes = axis === undefined ? all : [axis].flat().map((a) => (a < 0 ? a + all.length : a)).sort() // prettier-ignore
  const x = floating(given)
  return reduced(x, { axes, keepDims }, x.dtype, of)
}

describe('quantile', () => {
  const forms: readonly { readonly shape: readonly number[]; readonly options: Axes }[] = [
    { shape: [9], options: {} },
    { shape: [4, 6], options: { axis: 1 } },
    { shape: [6, 4], options: { axis: 0, keepDims: true } },
    { shape: [2, 3, 4], options: { axis: [0, -1] } },
    { shape: [2, 3, 4], options: { axis: 1, keepDims: true } },
    { shape: [3, 3], options: {} },
    { shape: [1], options: { axis: 0 } },
    { shape: [0, 3], options: { axis: 1 } },
    { shape: [], options: {} },
  ]
  it.each(forms.flatMap((form) => METHODS.map((method) => ({ ...form, method }))))('$shape $options $method', ({ shape, options, method }) => {
    for (const q of shape.length === 1 ? [0, 0.1, 0.25, 0.5, 0.83, 1] : [0.4]) {
      const reference = (x: Values): Values => over(x, options, (row) => shareOf(row, q, method))
      checkComposed({ inputs: [operand(shape, 'awayFromTies')], build: (x) => quantile(x, q, { ...options, method }), reference }) // prettier-ignore
    }
  }) // prettier-ignore

  it('of several shares at once, as a first axis', () => {
    const q = [0.9, 0, 0.5]
    for (const keepDims of [false, true]) {
      const reference = (x: Values): Values => {
        const parts = q.map((share) => over(x, { axis: 1, keepDims }, (row) => shareOf(row, share, 'linear')))
        const data = Float64Array.from(parts.flatMap((p) => Array.from(p.data)))
        return { ...parts[0]!, shape: [3, ...parts[0]!.shape], data }
      }
      checkComposed({ inputs: [operand([4, 5], 'awayFromTies')], build: (x) => quantile(x, q, { axis: 1, keepDims }), reference }) // prettier-ignore
      checkComposed({ inputs: [operand([4, 5], 'awayFromTies')], build: (x) => percentile(x, [90, 0, 50], { axis: 1, keepDims }), reference }) // prettier-ignore
    }
  })

  it('of the middle', () => {
    for (const options of [{}, { axis: 0 }, { axis: [0, 1], keepDims: true }] as { axis?: number; keepDims?: boolean }[])
      checkComposed({ inputs: [operand([4, 5], 'awayFromTies')], build: (x) => median(x, options), reference: (x) => over(x, options, (row) => shareOf(row, 0.5, 'linear')) }) // prettier-ignore
    for (const [domain, dtype] of [['integer', 'int32'], [200, 'uint8'], ['bool', 'bool']] as const)
      checkComposed({ inputs: [operand([4, 6], domain, dtype)], build: (x) => median(x, { axis: 1 }), reference: (x) => over(x, { axis: 1 }, (row) => shareOf(row, 0.5, 'linear')) }) // prettier-ignore
  })

  it('of NaN is NaN, of infinities what they are', () => {
    const rows = [[1, nan, 2], [1, inf, inf], [-inf, 0, inf], [-inf, -inf, -inf]] // prettier-ignore
    for (const [label, options] of Object.entries(VARIANTS)) {
      const of = ({ x }: Record<string, Tensor>) => ({ outputs: { m: median(x!, { axis: 1 }), q: quantile(x!, 0.75, { axis: 1 }), low: quantile(x!, 0, { axis: 1 }) } }) // prettier-ignore
      const { m, q, low } = build({ x: { shape: [4, 3], dtype: 'float32' } }, of, options).run({ x: rows.flat() })
      expect([...m!], label).toEqual([nan, inf, 0, -inf])
      expect([...q!], label).toEqual([nan, inf, inf, -inf])
      expect([...low!], label).toEqual([nan, 1, -inf, -inf])
    }
  })
})

describe('what cannot be is refused where it is written', () => {
  const x = makeInput('x', { shape: [2, 3], dtype: 'float32' })
  // prettier-ignore
  const rows: readonly (readonly [what: string, call: () => unknown, parts: readonly string[]])[] = [
    ['more than all', () => quantile(x, 1.1), ['quantile', 'from 0 to 1', '1.1', '"x"']],
    ['less than nothing', () => percentile(x, [50, -1]), ['percentile', 'from 0 to 100', '-1', '"x"']],
    ['no number', () => quantile(x, nan), ['quantile', 'NaN']],
    ['no shares', () => quantile(x, []), ['quantile', 'empty']],
    ['an axis that is none', () => median(x, { axis: 2 as never }), ['median', 'axis 2']],
    ['an empty axis', () => median(makeInput('none', { shape: [0, 3], dtype: 'float32' }), { axis: 0 }), ['median', 'no elements', '"none"']],
    ['a method that is none', () => quantile(x, 0.5, { method: 'hazen' as never }), ['quantile', 'hazen', 'linear, lower, higher']],
    ['an array', () => median([1] as never), ['median', 'tensor']],
  ]
  it.each(rows)('%s', (_, call, parts) => expectFault(call, GraphError, ...parts))
})

it('types know the shape', () => {
  const x = makeInput('x', { shape: [2, 3], dtype: 'int32' }) as Tensor<[2, 3], 'int32'>
  const m: Tensor<[2], 'float32'> = median(x, { axis: 1 })
  const q: Tensor<[2, 1], 'float32'> = quantile(x, 0.5, { axis: 1, keepDims: true })
  expect([m.shape, q.shape, loom.percentile(x, [1, 2]).shape]).toEqual([[2], [2, 1], [2]])
})
