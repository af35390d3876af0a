import { classes, draws, floats, integers, oneHotOf, type Operand, shares } from '../losses/measure'

// One case and more for each metric: data of any number of samples, and its value by a plain formula over all samples at once.

export interface Samples {
  readonly y: readonly (readonly number[])[]
  readonly p: readonly (readonly number[])[]
  readonly w: readonly number[]
}
export interface Case {
  readonly className: string
  readonly config?: Readonly<Record<string, unknown>>
  /** Targets and predictions for so many samples. */
  readonly data: (count: number) => readonly [y: Operand, p: Operand]
  readonly formula: (samples: Samples) => number | readonly number[]
  /** Whether the value is as large as the weights are. */
  readonly counts?: boolean
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const share = (a: number, b: number): number => (b === 0 ? 0 : a / b)

// Data. Probabilities stay away from thresholds by more than float32 loses.
const yes = (count: number): readonly [Operand, Operand] => [classes('yes', [count], 2), draws('chance', [count])]
const several = (count: number): readonly [Operand, Operand] => [
  floats([count, 3], [...classes('several', [count, 3], 2).data]),
  draws('chances', [count, 3]),
]
const hot = (count: number): readonly [Operand, Operand] => [
  oneHotOf(classes('hot', [count], 4), 4),
  shares('shares', [count, 4]),
]
const sparse = (count: number): readonly [Operand, Operand] => [
  classes('hot', [count], 4),
  shares('shares', [count, 4]),
]
const numbers = (count: number): readonly [Operand, Operand] => [classes('a', [count], 3), classes('b', [count], 3)]
const real = (count: number): readonly [Operand, Operand] => [
  draws('real y', [count, 3], -2, 2),
  draws('real p', [count, 3], -2, 2),
]
const positive = (count: number): readonly [Operand, Operand] => [
  draws('positive y', [count, 3], 0.2, 2),
  draws('positive p', [count, 3], 0.2, 2),
]

/** A weighted mean of what each sample gives. */
const meanOf =
  (of: (y: readonly number[], p: readonly number[]) => number) =>
  ({ y, p, w }: Samples): number =>
    share(total(w.map((v, i) => v * of(y[i]!, p[i]!))), total(w))
const each = (of: (y: number, p: number) => number) => (y: readonly number[], p: readonly number[]) =>
  total(y.map((v, i) => of(v, p[i]!))) / y.length
const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values))
const log = Math.log
const softplus = (x: number): number => Math.log1p(Math.exp(x))
const logOfSum = (z: readonly number[]): number => log(total(z.map(Math.exp)))

interface Cells {
  readonly tp: number
  readonly fp: number
  readonly tn: number
  readonly fn: number
}
/** Of single elements: what they are, what is said of them, what they count. */
function cellsOf(elements: readonly (readonly [y: number, says: boolean, w: number])[]): Cells {
  const weight = (is: boolean, said: boolean): number =>
    total(elements.map(([y, says, w]) => ((y !== 0) === is && says === said ? w : 0)))
  return { tp: weight(true, true), fp: weight(false, true), tn: weight(false, false), fn: weight(true, false) }
}
const at = ({ y, p, w }: Samples, threshold: number): Cells =>
  cellsOf(y.flatMap((row, i) => row.map((v, k) => [v, p[i]![k]! > threshold, w[i]!] as const)))
const column = ({ y, p, w }: Samples, k: number): Samples => ({ y: y.map((r) => [r[k]!]), p: p.map((r) => [r[k]!]), w })
const precision = ({ tp, fp }: Cells): number => share(tp, tp + fp)
const recall = ({ tp, fn }: Cells): number => share(tp, tp + fn)
const specificity = ({ tn, fp }: Cells): number => share(tn, tn + fp)
const topCells = ({ y, p, w }: Samples, k: number): Cells =>
  cellsOf(y.flatMap((row, i) => row.map((v, c) => [v, p[i]!.filter((q) => q > p[i]![c]!).length < k, w[i]!] as const)))
const even = (count: number): number[] => Array.from({ length: count }, (_, i) => i / (count - 1))
const best = (samples: Samples, least: number, held: (c: Cells) => number, found: (c: Cells) => number): number =>
  Math.max(0, ...even(21).map((t) => at(samples, t)).filter((c) => held(c) >= least).map(found)) // prettier-ignore

type Point = readonly [x: number, y: number]
function area(
  samples: Samples,
  thresholds: readonly number[],
  pointOf: (c: Cells) => Point,
  height = (a: number, b: number) => (a + b) / 2,
): number {
  // prettier-ignore
  const points = [-1, ...thresholds, 2].map((t) => pointOf(at(samples, t)))
  return total(points.slice(1).map(([x, y], i) => (points[i]![0] - x) * height(points[i]![1], y)))
}
const inner = (count: number): number[] => even(count).slice(1, -1)
const roc = (c: Cells): Point => [1 - specificity(c) - (c.tn + c.fp === 0 ? 1 : 0), recall(c)]
const pr = (c: Cells): Point => [recall(c), precision(c)]
function gains(c: Cells): Point {
  const odds = share(c.tp + c.fn, c.tn + c.fp)
  return c.tp === 0 ? [0, 1] : [Math.max(0, 1 - (odds * c.fn) / c.tp), 1 - (odds * c.fp) / c.tp]
}
/** The area under precision where true positives grow evenly between points, by many small steps. */
function davisGoadrich(samples: Samples, thresholds: readonly number[]): number {
  const points = [-1, ...thresholds, 2].map((t) => at(samples, t))
  const steps = 20_000
  const pieces = points.slice(1).map((to, i) => {
    const from = points[i]!
    const [tp, all] = [from.tp - to.tp, from.tp + from.fp - to.tp - to.fp]
    if (tp === 0) return 0
    const precisions = Array.from({ length: steps }, (_, n) => {
      const s = (n + 0.5) / steps
      return (to.tp + s * tp) / (to.tp + to.fp + s * all)
    })
    return ((total(precisions) / steps) * tp) / (to.tp + to.fn)
  })
  return total(pieces)
}

function fScores(
  samples: Samples,
  beta: number,
  says: (row: readonly number[], k: number) => boolean,
  micro: boolean,
): { readonly scores: number[]; readonly met: number[] } {
  // prettier-ignore
  const { y, p, w } = samples
  const width = y[0]!.length
  const of = (k: number) => y.map((row, i) => [row[k]!, says(p[i]!, k), w[i]!] as const)
  const columns = Array.from({ length: width }, (_, k) => of(k))
  const cells = micro ? [cellsOf(columns.flat())] : columns.map(cellsOf)
  const square = beta * beta
  const scores = cells.map((c) => share((1 + square) * precision(c) * recall(c), square * precision(c) + recall(c)))
  return { scores, met: cells.map(({ tp, fn }) => tp + fn) }
}
const isMost = (row: readonly number[], k: number): boolean => row[k] === Math.max(...row)

function unions({ y, p, w }: Samples, ids: readonly number[], ignore?: number, count = 3): number {
  const within = (v: number): boolean => v >= 0 && v < count
  const rows = y.flatMap(([a], i) => (a === ignore || !within(a!) || !within(p[i]![0]!) ? [] : [[a!, p[i]![0]!, w[i]!] as const])) // prettier-ignore
  const found = ids.flatMap((k) => {
    const both = total(rows.map(([a, b, v]) => (a === k && b === k ? v : 0)))
    const either = total(rows.map(([a, b, v]) => (a === k || b === k ? v : 0)))
    return either > 0 ? [both / either] : []
  })
  return share(total(found), found.length)
}
const largestOf = ({ y, p, w }: Samples): Samples => ({
  y: y.map((r) => [largest(r)]),
  p: p.map((r) => [largest(r)]),
  w,
})

function r2(samples: Samples): { readonly scores: number[]; readonly spread: number[] } {
  const found = samples.y[0]!.map((_, k) => {
    const { y, p, w } = column(samples, k)
    const mean = total(y.map(([v], i) => v! * w[i]!)) / total(w)
    const spread = total(y.map(([v], i) => (v! - mean) ** 2 * w[i]!))
    return [1 - total(y.map(([v], i) => (v! - p[i]![0]!) ** 2 * w[i]!)) / spread, spread] as const
  })
  return { scores: found.map(([s]) => s), spread: found.map(([, s]) => s) }
}
const average = (values: readonly number[]): number => total(values) / values.length
const moments = (y: readonly number[], p: readonly number[]) => {
  const [a, b] = [average(y), average(p)]
  const of = (u: readonly number[], m: number, v: readonly number[], n: number): number => average(u.map((x, i) => (x - m) * (v[i]! - n))) // prettier-ignore
  return { a, b, yy: of(y, a, y, a), pp: of(p, b, p, b), yp: of(y, a, p, b) }
}
const pearson = (y: readonly number[], p: readonly number[]): number => {
  const { yy, pp, yp } = moments(y, p)
  return yp / Math.sqrt(yy * pp)
}

export const CASES: readonly Case[] = [
  { className: 'Accuracy', data: numbers, formula: meanOf(each((y, p) => (y === p ? 1 : 0))) },
  { className: 'BinaryAccuracy', data: yes, formula: meanOf(each((y, p) => (p > 0.5 === (y === 1) ? 1 : 0))) },
  { className: 'BinaryAccuracy', config: { threshold: 0.3 }, data: several, formula: meanOf(each((y, p) => (p > 0.3 === (y === 1) ? 1 : 0))) }, // prettier-ignore
  { className: 'CategoricalAccuracy', data: hot, formula: meanOf((y, p) => (largest(y) === largest(p) ? 1 : 0)) },
  { className: 'SparseCategoricalAccuracy', data: sparse, formula: meanOf(([y], p) => (y === largest(p) ? 1 : 0)) },
  { className: 'TopKCategoricalAccuracy', config: { k: 2 }, data: hot, formula: meanOf((y, p) => (p.filter((v) => v > p[largest(y)]!).length < 2 ? 1 : 0)) }, // prettier-ignore
  { className: 'SparseTopKCategoricalAccuracy', config: { k: 3 }, data: sparse, formula: meanOf(([y], p) => (p.filter((v) => v > p[y!]!).length < 3 ? 1 : 0)) }, // prettier-ignore
  { className: 'SparseTopKCategoricalAccuracy', config: { k: 2, fromSortedIds: true }, data: (n) => [classes('y', [n], 3), classes('ids', [n, 3], 3)], formula: meanOf(([y], p) => (p.slice(0, 2).includes(y!) ? 1 : 0)) }, // prettier-ignore
  { className: 'TruePositives', data: yes, formula: (s) => at(s, 0.5).tp, counts: true },
  { className: 'FalsePositives', config: { thresholds: [0.8, 0.2] }, data: several, formula: (s) => [at(s, 0.8).fp, at(s, 0.2).fp], counts: true }, // prettier-ignore
  { className: 'TrueNegatives', config: { thresholds: 0.4 }, data: several, formula: (s) => at(s, 0.4).tn, counts: true }, // prettier-ignore
  { className: 'FalseNegatives', config: { thresholds: [0.1, 0.5, 0.9] }, data: yes, formula: (s) => [0.1, 0.5, 0.9].map((t) => at(s, t).fn), counts: true }, // prettier-ignore
  { className: 'Precision', config: { thresholds: [0.2, 0.7] }, data: several, formula: (s) => [0.2, 0.7].map((t) => precision(at(s, t))) }, // prettier-ignore
  { className: 'Precision', config: { topK: 2 }, data: several, formula: (s) => precision(topCells(s, 2)) },
  { className: 'Precision', config: { classId: 1, thresholds: 0.4 }, data: several, formula: (s) => precision(at(column(s, 1), 0.4)) }, // prettier-ignore
  { className: 'Recall', data: yes, formula: (s) => recall(at(s, 0.5)) },
  { className: 'Recall', config: { topK: 1, classId: 2 }, data: several, formula: ({ y, p, w }) => recall(cellsOf(y.map((r, i) => [r[2]!, largest(p[i]!) === 2, w[i]!]))) }, // prettier-ignore
  { className: 'SensitivityAtSpecificity', config: { specificity: 0.6, numThresholds: 21 }, data: yes, formula: (s) => best(s, 0.6, specificity, recall) }, // prettier-ignore
  { className: 'SpecificityAtSensitivity', config: { sensitivity: 0.6, numThresholds: 21 }, data: several, formula: (s) => best(s, 0.6, recall, specificity) }, // prettier-ignore
  { className: 'PrecisionAtRecall', config: { recall: 0.5, numThresholds: 21, classId: 0 }, data: several, formula: (s) => best(column(s, 0), 0.5, recall, precision) }, // prettier-ignore
  { className: 'RecallAtPrecision', config: { precision: 0.5, numThresholds: 21 }, data: several, formula: (s) => best(s, 0.5, precision, recall) }, // prettier-ignore
  { className: 'AUC', data: yes, formula: (s) => area(s, inner(200), roc) },
  { className: 'AUC', config: { fromLogits: true, numThresholds: 50 }, data: (n) => [classes('yes', [n], 2), draws('logits', [n], -3, 3)], formula: ({ y, p, w }) => area({ y, w, p: p.map((r) => r.map((z) => 1 / (1 + Math.exp(-z)))) }, inner(50), roc) }, // prettier-ignore
  { className: 'AUC', config: { curve: 'PR', numThresholds: 12 }, data: several, formula: (s) => davisGoadrich(s, inner(12)) }, // prettier-ignore
  { className: 'AUC', config: { curve: 'PR', summationMethod: 'minoring', thresholds: [0.7, 0.2, 0.4] }, data: several, formula: (s) => area(s, [0.2, 0.4, 0.7], pr, Math.min) }, // prettier-ignore
  { className: 'AUC', config: { curve: 'PRGAIN', numThresholds: 30 }, data: several, formula: (s) => area(s, inner(30), gains) }, // prettier-ignore
  { className: 'AUC', config: { multiLabel: true, numLabels: 3, numThresholds: 20, summationMethod: 'majoring', labelWeights: [1, 2, 5] }, data: several, formula: (s) => total([0, 1, 2].map((k) => [1, 2, 5][k]! * area(column(s, k), inner(20), roc, Math.max))) / 8 }, // prettier-ignore
  { className: 'AUC', config: { numThresholds: 20, labelWeights: [1, 2, 5] }, data: several, formula: ({ y, p, w }) => area({ y: y.flat().map((v) => [v]), p: p.flat().map((v) => [v]), w: w.flatMap((v) => [v, 2 * v, 5 * v]) }, inner(20), roc) }, // prettier-ignore
  { className: 'F1Score', data: hot, formula: (s) => fScores(s, 1, isMost, false).scores },
  { className: 'F1Score', config: { average: 'micro', threshold: 0.4 }, data: several, formula: (s) => fScores(s, 1, (r, k) => r[k]! > 0.4, true).scores[0]! }, // prettier-ignore
  { className: 'FBetaScore', config: { beta: 2, average: 'macro' }, data: hot, formula: (s) => average(fScores(s, 2, isMost, false).scores) }, // prettier-ignore
  { className: 'FBetaScore', config: { beta: 0.5, average: 'weighted', threshold: 0.3 }, data: several, formula: (s) => { const { scores, met } = fScores(s, 0.5, (r, k) => r[k]! > 0.3, false); return share(total(scores.map((v, k) => v * met[k]!)), total(met)) } }, // prettier-ignore
  { className: 'IoU', config: { numClasses: 3, targetClassIds: [0, 2], ignoreClass: 1 }, data: numbers, formula: (s) => unions(s, [0, 2], 1) }, // prettier-ignore
  { className: 'IoU', config: { numClasses: 2, targetClassIds: [1, 0] }, data: numbers, formula: (s) => unions(s, [0, 1], undefined, 2) }, // prettier-ignore
  { className: 'MeanIoU', config: { numClasses: 3 }, data: numbers, formula: (s) => unions(s, [0, 1, 2]) },
  { className: 'OneHotIoU', config: { numClasses: 4, targetClassIds: [1, 3] }, data: hot, formula: (s) => unions(largestOf(s), [1, 3], undefined, 4) }, // prettier-ignore
  { className: 'OneHotMeanIoU', config: { numClasses: 4, ignoreClass: 2 }, data: hot, formula: (s) => unions(largestOf(s), [0, 1, 2, 3], 2, 4) }, // prettier-ignore
  { className: 'BinaryIoU', config: { threshold: 0.6, targetClassIds: [1] }, data: yes, formula: ({ y, p, w }) => unions({ y, w, p: p.map(([v]) => [v! >= 0.6 ? 1 : 0]) }, [1]) }, // prettier-ignore
  { className: 'MeanSquaredError', data: real, formula: meanOf(each((y, p) => (y - p) ** 2)) },
  { className: 'RootMeanSquaredError', data: real, formula: (s) => Math.sqrt(meanOf(each((y, p) => (y - p) ** 2))(s)) },
  { className: 'MeanAbsoluteError', data: real, formula: meanOf(each((y, p) => Math.abs(y - p))) },
  { className: 'MeanAbsolutePercentageError', data: positive, formula: meanOf(each((y, p) => (100 * Math.abs(y - p)) / y)) }, // prettier-ignore
  { className: 'MeanSquaredLogarithmicError', data: positive, formula: meanOf(each((y, p) => (Math.log1p(y) - Math.log1p(p)) ** 2)) }, // prettier-ignore
  { className: 'LogCoshError', data: real, formula: meanOf(each((y, p) => log(Math.cosh(p - y)))) },
  { className: 'CosineSimilarity', data: real, formula: meanOf((y, p) => total(y.map((v, k) => v * p[k]!)) / (Math.hypot(...y) * Math.hypot(...p))) }, // prettier-ignore
  { className: 'R2Score', data: real, formula: (s) => average(r2(s).scores) },
  { className: 'R2Score', config: { classAggregation: null }, data: real, formula: (s) => r2(s).scores },
  { className: 'R2Score', config: { classAggregation: 'varianceWeightedAverage', numRegressors: 2 }, data: real, formula: (s) => { const { scores, spread } = r2(s); const n = s.w.filter((v) => v !== 0).length; const plain = total(scores.map((v, k) => v * spread[k]!)) / total(spread); return 1 - ((1 - plain) * (n - 1)) / (n - 3) } }, // prettier-ignore
  { className: 'PearsonCorrelation', data: real, formula: meanOf(pearson) },
  { className: 'ConcordanceCorrelation', data: real, formula: meanOf((y, p) => { const { a, b, yy, pp, yp } = moments(y, p); return (2 * yp) / (yy + pp + (a - b) ** 2 + 1e-7) }) }, // prettier-ignore
  { className: 'Hinge', data: (n) => [floats([n, 3], [...classes('several', [n, 3], 2).data].map((v) => 2 * v - 1)), draws('real p', [n, 3], -2, 2)], formula: meanOf(each((y, p) => Math.max(1 - y * p, 0))) }, // prettier-ignore
  { className: 'SquaredHinge', data: (n) => [classes('several', [n, 3], 2), draws('real p', [n, 3], -2, 2)], formula: meanOf(each((y, p) => Math.max(1 - (2 * y - 1) * p, 0) ** 2)) }, // prettier-ignore
  { className: 'CategoricalHinge', data: hot, formula: meanOf((y, p) => Math.max(0, Math.max(...y.map((v, k) => (1 - v) * p[k]!)) - total(y.map((v, k) => v * p[k]!)) + 1)) }, // prettier-ignore
  { className: 'KLDivergence', data: (n) => [shares('other', [n, 4]), shares('shares', [n, 4])], formula: meanOf((y, p) => total(y.map((v, k) => v * log(v / p[k]!)))) }, // prettier-ignore
  { className: 'Poisson', data: positive, formula: meanOf(each((y, p) => p - y * log(p + 1e-7))) },
  { className: 'BinaryCrossentropy', config: { fromLogits: true, labelSmoothing: 0.2 }, data: (n) => [classes('several', [n, 3], 2), draws('real p', [n, 3], -2, 2)], formula: meanOf(each((y, z) => softplus(z) - (y * 0.8 + 0.1) * z)) }, // prettier-ignore
  { className: 'CategoricalCrossentropy', data: hot, formula: meanOf((y, p) => log(total(p)) - log(p[largest(y)]!)) },
  { className: 'SparseCategoricalCrossentropy', config: { fromLogits: true, ignoreClass: 2 }, data: sparse, formula: ({ y, p, w }) => meanOf(([v], z) => (v === 2 ? 0 : logOfSum(z) - z[v!]!))({ y, p, w: w.map((v, i) => (y[i]![0] === 2 ? 0 : v)) }) }, // prettier-ignore
  { className: 'Mean', data: real, formula: meanOf((_, p) => average(p)) },
  { className: 'Sum', data: real, formula: ({ p, w }) => total(p.map((r, i) => total(r) * w[i]!)), counts: true },
]

/** The samples of two operands, each a row, and their weights. */
export function samplesOf(y: Operand, p: Operand, w: readonly number[]): Samples {
  const rows = ({ shape, data }: Operand): number[][] => {
    const width = data.length / shape[0]!
    return w.map((_, i) => Array.from(data.slice(i * width, (i + 1) * width)))
  }
  return { y: rows(y), p: rows(p), w }
}
export const weightsOf = (count: number): Operand => {
  const drawn = draws('weights', [count], 0.1, 2)
  return floats(
    [count],
    Array.from(drawn.data, (v, i) => (i % 5 === 3 ? 0 : v)),
  )
}
export { integers }
