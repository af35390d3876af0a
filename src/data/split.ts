import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { sizeOf } from '../ir/type'
import { countTo } from '../ir/count-to'
import { randomStream } from '../init/random'
import { checkSeed } from './checks'
import { datasetOf, stageOf } from './dataset'
import { skipped, taken } from './elements'
import { arrayName, isNumberArray, isRecord, newArray, type NumberArray, shapeOf, showValue, withShape } from './layout'
import type { Columns } from './rows'
import { draw, shuffled } from './shuffle'
import { tableOf } from './table'
import type { Dataset } from './types'

/** Options of `splitDataset`. */
export interface SplitOptions {
  /** Elements of the first part: a number from 1, or a fraction below 1. Default: what the second leaves. */
  readonly left?: number
  /** Elements of the second part, likewise. Default: what the first leaves. */
  readonly right?: number
  /** Whether the elements are put into another order first, once and for all. Default false. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
}

/**
 * The first elements of a dataset and the last, as two, as Keras's `split_dataset` does. Elements between them, where both
 * parts are given, are in neither. The size of the dataset must be known. Throws for parts that do not fit.
 */
export function splitDataset<T, B>(
  dataset: Dataset<T, B>,
  options: SplitOptions,
): [left: Dataset<T, B>, right: Dataset<T, B>] {
  const what = 'splitDataset'
  const stage = stageOf<T>(what, dataset)
  checkKeys(what, options, ['left', 'right', 'shuffle', 'seed'])
  checkFlags(what, options, ['shuffle'])
  const { left, right, shuffle = false, seed = 0 } = options
  const { size } = stage
  if (size === undefined || size === Infinity)
    throw new GraphError(`${what}: the size of the dataset is ${size === undefined ? 'not known' : 'endless'}; take(n) comes first`) // prettier-ignore
  if (left === undefined && right === undefined)
    throw new GraphError(`${what}: left or right must be given, a number of elements or a fraction of them`)
  const wanted = right === undefined ? undefined : partOf(what, 'right', right, size)
  const first = left === undefined ? size - wanted! : partOf(what, 'left', left, size)
  // Halves of an odd number are both rounded up: of two fractions the second gives way.
  const fits = left !== undefined && left < 1 && right !== undefined && right < 1 && left + right <= 1
  const second = fits ? Math.min(wanted!, size - first) : (wanted ?? size - first)
  if (first < 1 || second < 1 || first + second > size)
    throw new GraphError(`${what}: ${size} elements cannot be split into ${first} and ${second}`)
  checkSeed(what, seed)
  // In the order of one epoch: of another, a part would get elements of the other.
  const fixed: typeof stage = { ...stage, open: (opening) => stage.open({ ...opening, epoch: 0 }) }
  const ordered = shuffle ? shuffled(fixed, size, { seed, reshuffle: false }) : fixed
  return [datasetOf(taken(ordered, first)), datasetOf(skipped(ordered, size - second))]
}

/** Options of `trainTestSplit`. */
export interface TrainTestOptions {
  /** The part of the rows that is for testing, above 0 and below 1. Default 0.25. */
  readonly fraction?: number
  /** Default 0. */
  readonly seed?: number
  /** Whether rows are drawn; else the last are for testing. Default true. */
  readonly shuffle?: boolean
}

/**
 * Copies of the rows of arrays in two parts: an array, a typed array with a `shape`, or a record of such, whose rows stay
 * together. The number of rows for testing is rounded up. Throws where a part would be empty or columns differ in length.
 */
export function trainTestSplit<const C extends Columns>(
  arrays: C,
  options: TrainTestOptions = {},
): { train: C; test: C } {
  const what = 'trainTestSplit'
  checkKeys(what, options, ['fraction', 'seed', 'shuffle'])
  checkFlags(what, options, ['shuffle'])
  const { fraction = 0.25, seed = 0, shuffle = true } = options
  if (typeof fraction !== 'number' || !(fraction > 0 && fraction < 1))
    throw new GraphError(`${what}: fraction must be above 0 and below 1, it is ${String(fraction)}`)
  checkSeed(what, seed)
  const table = tableOf(what, '', arrays)
  if (!table) throw new GraphError(`${what}: arrays, or a record of arrays, are needed, it is ${showValue(arrays)}`)
  const rows = table.extent
  const tests = Math.ceil(rows * fraction)
  if (tests >= rows)
    throw new GraphError(`${what}: of ${rows} rows ${tests} would be for testing, which leaves none to train on`)
  const order = countTo(rows)
  const random = randomStream(seed, 'split')
  for (let last = shuffle ? rows - 1 : 0; last > 0; last--) {
    const place = draw(random, last + 1)
    ;[order[last], order[place]] = [order[place]!, order[last]!]
  }
  const part = (indices: readonly number[]): C => picked(arrays, indices) as C
  return { train: part(order.slice(0, rows - tests)), test: part(order.slice(rows - tests)) }
}

/** Rows of arrays in the form the arrays have. */
function picked(value: unknown, indices: readonly number[]): unknown {
  if (isNumberArray(value)) return pickedRows(value, indices)
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, picked(part, indices)])) // prettier-ignore
  return indices.map((index) => (value as readonly unknown[])[index])
}

function pickedRows(array: NumberArray, indices: readonly number[]): NumberArray {
  const row = shapeOf(array).slice(1)
  const size = sizeOf(row)
  const rows = newArray(arrayName(array), indices.length * size)
  indices.forEach((index, i) => rows.set(array.subarray(index * size, (index + 1) * size), i * size))
  return 'shape' in array ? withShape(rows, [indices.length, ...row]) : rows
}

function partOf(what: string, name: string, value: number, size: number): number {
  if (typeof value === 'number' && value > 0 && value < 1) return roundEven(value * size)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new GraphError(`${what}: ${name} must be a whole number from 1 or a fraction below 1, it is ${String(value)}`)
}

/** Halves go to the even number, as in Python. */
const roundEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))
