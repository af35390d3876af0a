import { type CompileOptions } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { lossOf } from '../../src/losses/lookup'
import { classes, draws, integers, measured, type Operand, shares, slopes } from './measure'

// Losses and options of which Keras 3.0.5 has no records, against plain float64 formulas of their own.

type Row = readonly [
  className: string,
  config: Readonly<Record<string, unknown>>,
  target: Operand,
  prediction: Operand,
  formula: (y: readonly number[], p: readonly number[]) => readonly number[],
]

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const rows = (values: readonly number[], width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width))
const logOfSum = (values: readonly number[]): number => Math.log(total(values.map(Math.exp)))
/** Columns of a matrix, row-major. */
const columns = (values: readonly number[], width: number): number[][] =>
  Array.from({ length: width }, (_, k) => values.filter((_, i) => i % width === k))

const LABELS = classes('labels', [5], 3)
const P = shares('p', [5, 3])
const Y = shares('y', [5, 3])
/** Samples of 4 rows of 3 features with two classes each: axis 1 is that of the classes. */
const MIDDLE = draws('middle', [3, 2, 4], -2, 2)
const MIDDLE_Y = draws('middle y', [3, 2, 4], 0, 1)
const MIDDLE_LABELS = classes('middle labels', [3, 4], 2)
/** Values of [3, 2, 4] as the 12 pairs that stand along axis 1, in the order of [3, 4]. */
const pairs = (values: readonly number[]): number[][] =>
  Array.from({ length: 12 }, (_, i) => [0, 1].map((k) => values[Math.floor(i / 4) * 8 + k * 4 + (i % 4)]!))

const overlapOf = (y: readonly number[], p: readonly number[]) => ({
  both: total(y.map((v, i) => v * p[i]!)),
  missed: total(y.map((v, i) => v * (1 - p[i]!))),
  excess: total(y.map((v, i) => (1 - v) * p[i]!)),
})
const tversky = (y: readonly number[], p: readonly number[], alpha: number, beta: number): number => {
  const { both, missed, excess } = overlapOf(y, p)
  return 1 - both / (both + alpha * missed + beta * excess + 1e-7)
}
const dice = (y: readonly number[], p: readonly number[]): number =>
  1 - (2 * overlapOf(y, p).both) / (total(y) + total(p) + 1e-7)

const EMBEDDED = draws('embedded', [6, 4], -0.7, 0.7)
const GROUPS = integers([6], [0, 1, 0, 2, 1, 0])
function circle(
  y: readonly number[],
  p: readonly number[],
  gamma: number,
  margin: number,
  withSelf: boolean,
): number[] {
  const points = rows(p, 4)
  return points.map((a, i) => {
    const positive: number[] = []
    const negative: number[] = []
    points.forEach((b, j) => {
      const d = Math.max(0, 1 - total(a.map((v, k) => v * b[k]!)))
      if (y[i] !== y[j]) negative.push(gamma * Math.max(0, 1 + margin - d) * (1 - margin - d))
      else if (i !== j || withSelf) positive.push(-gamma * (margin + d) * (margin - d))
    })
    return Math.log1p(Math.exp(logOfSum(positive) + logOfSum(negative)))
  })
}

/** The probability of labels is that of all paths that say them: 2 samples, 4 steps, 3 classes, 0 the blank. */
const STEPS = draws('steps', [3, 4, 3], -1, 1)
const SAID = integers([3, 2], [1, 2, 2, 2, 1, 0])
function ctc(y: readonly number[], p: readonly number[]): number[] {
  return rows(y, 2).map((labels, b) => {
    const logs = rows(p.slice(b * 12, (b + 1) * 12), 3).map((z) => z.map((v) => v - logOfSum(z)))
    const want = labels.filter((l) => l !== 0).join()
    const paths = Array.from({ length: 3 ** 4 }, (_, n) => [0, 1, 2, 3].map((t) => Math.floor(n / 3 ** t) % 3))
    const says = (path: readonly number[]): string => path.filter((l, t) => l !== 0 && l !== path[t - 1]).join()
    return -logOfSum(paths.filter((path) => says(path) === want).map((path) => total(path.map((l, t) => logs[t]![l]!))))
  })
}

const crossentropy = (y: readonly number[], z: readonly number[]): number =>
  total(y.map((v, k) => v * (logOfSum(z) - z[k]!)))
const smooth = (y: readonly number[], s: number): number[] => y.map((v) => v * (1 - s) + s / y.length)

const ROWS: readonly Row[] = [
  ['Dice', {}, Y, P, (y, p) => [dice(y, p)]],
  ['Dice', { axis: 0 }, Y, P, (y, p) => columns(y, 3).map((c, k) => dice(c, columns(p, 3)[k]!))],
  ['Dice', { axis: [1, 2] }, MIDDLE_Y, MIDDLE_Y, (y, p) => rows(y, 8).map((r, i) => dice(r, rows(p, 8)[i]!))],
  ['Tversky', {}, Y, P, (y, p) => [tversky(y, p, 0.5, 0.5)]],
  ['Tversky', { alpha: 0.3, beta: 0.9, axis: -1 }, Y, P, (y, p) => rows(y, 3).map((r, i) => tversky(r, rows(p, 3)[i]!, 0.3, 0.9))], // prettier-ignore
  ['Circle', { gamma: 5 }, GROUPS, EMBEDDED, (y, p) => circle(y, p, 5, 0.4, false)],
  ['Circle', { margin: 0.25, gamma: 80 }, { ...GROUPS, shape: [6, 1] }, EMBEDDED, (y, p) => circle(y, p, 80, 0.25, false)], // prettier-ignore
  ['Circle', { removeDiagonal: false, gamma: 2 }, GROUPS, EMBEDDED, (y, p) => circle(y, p, 2, 0.4, true)],
  ['CategoricalGeneralizedCrossEntropy', {}, LABELS, P, (y, p) => rows(p, 3).map((r, i) => (1 - r[y[i]!]! ** 0.5) / 0.5)], // prettier-ignore
  ['CategoricalGeneralizedCrossEntropy', { q: 0.2 }, { ...LABELS, shape: [5, 1] }, P, (y, p) => rows(p, 3).map((r, i) => (1 - r[y[i]!]! ** 0.2) / 0.2)], // prettier-ignore
  ['CTC', {}, SAID, STEPS, ctc],
  ['CategoricalCrossentropy', { axis: 1, fromLogits: true }, MIDDLE_Y, MIDDLE, (y, p) => pairs(p).map((z, i) => crossentropy(pairs(y)[i]!, z))], // prettier-ignore
  ['CategoricalCrossentropy', { axis: 1, fromLogits: true, labelSmoothing: 0.3 }, MIDDLE_Y, MIDDLE, (y, p) => pairs(p).map((z, i) => crossentropy(smooth(pairs(y)[i]!, 0.3), z))], // prettier-ignore
  ['SparseCategoricalCrossentropy', { axis: 1, fromLogits: true }, MIDDLE_LABELS, MIDDLE, (y, p) => pairs(p).map((z, i) => crossentropy([0, 1].map((k) => (k === y[i] ? 1 : 0)), z))], // prettier-ignore
  ['SparseCategoricalCrossentropy', { axis: 1, fromLogits: true, ignoreClass: 1 }, MIDDLE_LABELS, MIDDLE, (y, p) => pairs(p).map((z, i) => (y[i] === 1 ? 0 : crossentropy([1, 0], z)))], // prettier-ignore
  ['BinaryCrossentropy', { axis: 1, fromLogits: true }, MIDDLE_Y, MIDDLE, (y, p) => pairs(p).map((z, i) => total(z.map((v, k) => Math.log1p(Math.exp(v)) - pairs(y)[i]![k]! * v)) / 2)], // prettier-ignore
  ['CosineSimilarity', { axis: 1 }, MIDDLE_Y, MIDDLE, (y, p) => pairs(p).map((z, i) => -total(z.map((v, k) => (v * pairs(y)[i]![k]!) / (Math.hypot(...z) * Math.hypot(...pairs(y)[i]!)))))], // prettier-ignore
  ['CategoricalFocalCrossentropy', { axis: 1, fromLogits: true, gamma: 3, alpha: [0.2, 0.7] }, MIDDLE_Y, MIDDLE, (y, p) => pairs(p).map((z, i) => total(z.map((v, k) => [0.2, 0.7][k]! * (1 - Math.exp(v - logOfSum(z))) ** 3 * pairs(y)[i]![k]! * (logOfSum(z) - v))))], // prettier-ignore
]

const TARGETS: readonly (readonly [string, CompileOptions])[] = [
  ['js', { target: 'js' }],
  ['wasm', { target: 'wasm', threads: 1 }],
]

describe.each(TARGETS)('on %s', (_, options) => {
  test.each(ROWS.map((row, i) => [i, row[0], row[1], row] as const))(
    '%i %s %o is its formula, value and gradient',
    (...row) => {
      // prettier-ignore
      const [className, config, y, p, formula] = row[3]
      const right = formula(Array.from(y.data), Array.from(p.data))
      const c = Array.from(draws(`c ${row[0]}`, [right.length], -1, 1).data)
      const loss = lossOf({ className, config })
      const got = measured({ y, p }, ({ y, p }) => loss(y!, p!), c, options)
      const near = (a: readonly number[], b: readonly number[], relative: number): void => {
        expect(a).toHaveLength(b.length)
        const size = Math.max(1, ...b.map(Math.abs))
        a.forEach((v, i) => { expect(Math.abs(v - b[i]!), `${v} for ${b[i]}`).toBeLessThanOrEqual(relative * size) }) // prettier-ignore
      }
      near(got.value, right, 1e-12)
      near(
        got.gradient,
        slopes((at) => formula(Array.from(y.data), at), p.data, c),
        1e-7,
      )
      expect(got.gradient.some((g) => Math.abs(g) > 1e-3)).toBe(true)
    },
  )
})
