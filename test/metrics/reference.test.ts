import { type CompileOptions, constant, fill } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { metricOf, METRICS } from '../../src/metrics/lookup'
import { type Measured, standalone, type StandaloneMetric } from '../../src/metrics/standalone'
import { draws, floats, measured, type Operand, slopes } from '../losses/measure'
import { type Case, CASES, samplesOf, weightsOf } from './reference'

const TARGETS: readonly (readonly [string, CompileOptions])[] = [
  ['js', { target: 'js' }],
  ['wasm', { target: 'wasm', threads: 1 }],
]
const COUNT = 15
const ROWS = CASES.map((c, i) => [i, c.className, c.config ?? {}, c] as const)

const context = { target: constant([0]), prediction: constant([0]) }
const fresh = ({ className, config = {} }: Case, options: CompileOptions): StandaloneMetric =>
  standalone(metricOf({ className, config }, context), options)
const shaped = ({ data, shape }: Operand): Measured => Object.assign(data.slice(), { shape })
const part = ({ shape, data, dtype }: Operand, from: number, to: number): Operand => {
  const width = data.length / shape[0]!
  return { shape: [to - from, ...shape.slice(1)], data: data.slice(from * width, to * width), dtype }
}
type Given = readonly [y: Operand, p: Operand, w?: Operand | undefined]
const take = (metric: StandaloneMetric, [y, p, w]: Given): void => {
  metric.update(shaped(y), shaped(p), w && shaped(w))
}
const over = (c: Case, options: CompileOptions, ...batches: readonly Given[]): number[] => {
  const metric = fresh(c, options)
  for (const batch of batches) take(metric, batch)
  return [metric.result()].flat()
}
function expectNear(got: readonly number[], want: number | readonly number[], relative: number): void {
  const right = [want].flat()
  expect(got).toHaveLength(right.length)
  right.forEach((v, i) => { expect(Math.abs(got[i]! - v), `${got[i]} for ${v}`).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(v))) }) // prettier-ignore
}

test('there is a case for each metric', () => {
  const covered = new Set(CASES.map((c) => c.className))
  expect(METRICS.map((m) => m.className).filter((name) => !covered.has(name))).toEqual([])
  expect(METRICS).toHaveLength(44)
})

describe.each(TARGETS)('on %s', (_, options) => {
  test.each(ROWS)('%i %s %o is its formula, in one batch or several, with weights or without', (...[, , , c]) => {
    const [y, p] = c.data(COUNT)
    const w = weightsOf(COUNT)
    const ones = floats([COUNT], new Array<number>(COUNT).fill(1))
    // The integral under interpolated precision is a sum of small steps.
    const relative = c.config?.['curve'] === 'PR' ? 1e-8 : 1e-12
    for (const weight of [undefined, w]) {
      const right = c.formula(samplesOf(y, p, Array.from((weight ?? ones).data)))
      // A value of 0 would be no test.
      expect([right].flat().some((v) => Math.abs(v) > 1e-3)).toBe(true)
      expectNear(over(c, options, [y, p, weight]), right, relative)
      const batches = [[0, 5], [5, 8], [8, 15]].map(([from, to]): Given => [part(y, from!, to!), part(p, from!, to!), weight && part(weight, from!, to!)]) // prettier-ignore
      expectNear(over(c, options, ...batches), right, relative)
    }
  })
})

const JS = TARGETS[0]![1]

/** Whose values a step could be taken by: all but those that count or compare. */
const SMOOTH = CASES.filter(({ className }) => /Error$|Correlation|R2Score|Similarity|inge$|Divergence|Poisson|ntropy$|^Mean$|^Sum$/.test(className)) // prettier-ignore

test.each(SMOOTH.map((c) => [c.className, c.config ?? {}, c] as const))(
  '%s %o has the slopes of its formula',
  (_, __, c) => {
    const [y, p] = c.data(COUNT)
    const w = weightsOf(COUNT)
    const metric = metricOf({ className: c.className, config: c.config ?? {} }, context)
    const of = (values: readonly number[]): readonly number[] =>
      [c.formula(samplesOf(y, { ...p, data: Float64Array.from(values) }, Array.from(w.data)))].flat()
    const factors = Array.from(draws(`slopes of ${c.className}`, [of(Array.from(p.data)).length], 0.5, 2).data)
    const got = measured(
      { y, p, w },
      ({ y, p, w }) => {
        const start = metric.states(y!, p!).map(({ name, shape, dtype }) => [name, fill(shape, 0, { dtype })] as const)
        return metric.result(metric.update(Object.fromEntries(start), y!, p!, w))
      },
      factors,
    )
    const right = slopes(of, p.data, factors)
    const size = Math.max(...right.map(Math.abs))
    expect(size).toBeGreaterThan(1e-3)
    right.forEach((v, i) => { expect(Math.abs(got.gradient[i]! - v)).toBeLessThanOrEqual(1e-7 * size + 1e-9) }) // prettier-ignore
  },
)

test.each(ROWS)('%i %s %o: a constant factor of weights is none of the value; weight 0 is no row', (...[, , , c]) => {
  const [y, p] = c.data(COUNT)
  const w = weightsOf(COUNT)
  const scaled = floats(
    [COUNT],
    Array.from(w.data, (v) => v * 8),
  )
  const right = over(c, JS, [y, p, w])
  expectNear(over(c, JS, [y, p, scaled]), c.counts ? right.map((v) => v * 8) : right, 1e-12)
  // A last axis of 1 changes nothing.
  expectNear(over(c, JS, [y, p, { ...w, shape: [COUNT, 1] }]), right, 1e-12)
  const kept = Array.from(w.data).flatMap((v, i) => (v === 0 ? [] : [i]))
  const only = (o: Operand): Operand => {
    const values = kept.flatMap((i) => Array.from(part(o, i, i + 1).data))
    const data = o.dtype === 'int32' ? Int32Array.from(values) : Float64Array.from(values)
    return { ...o, shape: [kept.length, ...o.shape.slice(1)], data }
  }
  expectNear(over(c, JS, [only(y), only(p), only(w)]), right, 1e-12)
})

test.each(ROWS)('%i %s %o: nothing seen gives no 0 / 0, and a reset forgets', (...[, , , c]) => {
  const [y, p] = c.data(COUNT)
  const metric = fresh(c, JS)
  expect(() => metric.result()).toThrow('before the first batch')
  take(metric, [y, p])
  const right = metric.result()
  metric.reset()
  // Scores of R² are none without samples, as in Keras.
  if (c.className !== 'R2Score') expect([metric.result()].flat().every((v) => v === 0)).toBe(true)
  take(metric, [y, p])
  expect(metric.result()).toEqual(right)
})
