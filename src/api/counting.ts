import { checkFlags, checkKeys, checkOneOf } from '../ir/names-of'
import { apply, type Arg, explained, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat, newData, sizeOf } from '../ir/type'
import { addT, divT, mulT, subT } from '../ops/arith'
import { anyOp, minOp } from '../ops/extrema'
import { gatherT } from '../ops/gather'
import { iotaT } from '../ops/iota'
import { dataConstant } from '../ops/leaf'
import { logicalNotOp } from '../ops/logic'
import { concatT, partT } from '../ops/pieces'
import { castTensor, promote } from '../ops/promote'
import { maxT } from '../ops/reduce'
import { bincountT, searchSortedT } from '../ops/search'
import { equalOp, lessEqualOp, lessT, whereT } from '../ops/select'
import { argsortT } from '../ops/sort'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { asFloat, checkNumber } from './build'
import type { Indices } from './indexing'
import { constant } from './leaf'
import type { ShapeOf } from './signatures'

/** Options of `searchSorted` and `digitize`. */
export interface SearchOptions {
  /** Before (`left`, the default) or behind the elements that equal a value. */
  readonly side?: 'left' | 'right'
}

/**
 * Where each value would be put into a sorted line, int32 in the shape of the values: how many elements stand before it. The
 * line is one [n] for values of any shape (or a number), or there are many, [..., n] for values [..., m]. NaN is larger than
 * every number. Dtypes are promoted; a line that is not sorted gives some position. No gradient. As `searchsorted` in NumPy
 * and PyTorch.
 */
export function searchSorted<V extends Arg>(
  sorted: Tensor,
  values: V,
  options: SearchOptions = {},
): Tensor<ShapeOf<V>, 'int32'> {
  requireTensor('searchSorted', sorted)
  checkKeys('searchSorted', options, ['side'])
  const { side = 'left' } = options
  checkOneOf('searchSorted', 'side', side, ['left', 'right'])
  const [line, sought] = promote('searchSorted', [sorted, values]) as [Tensor, Tensor]
  return searchSortedT(line, sought, side === 'right') as Tensor<ShapeOf<V>, 'int32'>
}

/**
 * The number of the bin of each element, int32 in the shape of x: bins [m] rise, and i means bins[i - 1] <= x < bins[i], or
 * bins[i - 1] < x <= bins[i] if `right`; 0 and m lie outside. Bins are a tensor, or numbers, which are checked. As `digitize` in
 * NumPy, for bins that rise.
 */
export function digitize<X extends Tensor>(
  x: X,
  bins: Tensor | readonly number[],
  options: { readonly right?: boolean } = {},
): Tensor<X['shape'], 'int32'> {
  requireTensor('digitize', x)
  checkKeys('digitize', options, ['right'])
  checkFlags('digitize', options, ['right'])
  const { right = false } = options
  const [line, values] = promote('digitize', [isTensor(bins) ? bins : rising(bins, x), x]) as [Tensor, Tensor]
  if (line.shape.length !== 1) throw explained('digitize', 'bins are one line [m]', [line])
  return searchSortedT(line, values, !right) as Tensor<X['shape'], 'int32'>
}

function rising(bins: readonly number[], x: Tensor): Tensor {
  requireNumbers('digitize', bins, x)
  const at = bins.findIndex((b, i) => !(i === 0 ? b === b : bins[i - 1]! <= b))
  if (at >= 0) throw explained('digitize', `bins must rise, ${bins[at]} at position ${at} does not`, [x])
  return numbers('digitize', bins, x)
}

function requireNumbers(op: string, values: unknown, x: Tensor): void {
  if (!Array.isArray(values))
    throw explained(op, `an array of numbers or a tensor is needed, got ${typeof values}`, [x])
}

/** In the dtype of a tensor beside them, if they are of it. */
function numbers(op: string, values: readonly number[], x: Tensor): Tensor {
  requireNumbers(op, values, x)
  const { dtype } = x
  return constant([...values], { dtype: isFloat(dtype) ? dtype : values.every(Number.isInteger) ? 'int32' : 'float32' })
}

/** Up to so many values a comparison with each costs less than a search. */
const MOST_COMPARED = 32

/**
 * Whether each element is one of the values (a tensor of any shape, or numbers): bool in the shape of x. With `invert` whether
 * it is none of them. NaN equals nothing. As `isin` in NumPy.
 */
export function isIn<X extends Tensor>(
  x: X,
  values: Tensor | readonly number[],
  options: { readonly invert?: boolean } = {},
): Tensor<X['shape'], 'bool'> {
  requireTensor('isIn', x)
  checkKeys('isIn', options, ['invert'])
  checkFlags('isIn', options, ['invert'])
  const { invert = false } = options
  const list = isTensor(values) ? values : numbers('isIn', values, x)
  const [elements, others] = promote('isIn', [x, list]) as [Tensor, Tensor]
  const line = reshapeT(others, [sizeOf(others.shape)])
  const found = line.shape[0]! <= MOST_COMPARED ? compared(elements, line) : sought(elements, line)
  return (invert ? apply(logicalNotOp, [found], {}) : found) as never
}

function compared(x: Tensor, line: Tensor): Tensor {
  const beside = reshapeT(x, [...x.shape, 1])
  return apply(anyOp, [apply(equalOp, [beside, line], {})], { axes: [x.shape.length], keepDims: false })
}
function sought(x: Tensor, line: Tensor): Tensor {
  const sorted = gatherT(line, argsortT(line, false), 0)
  // What is larger than all is sought one behind the last: there stands the last again, which it does not equal.
  const most = partT(sorted, 0, line.shape[0]! - 1, 1)
  return apply(equalOp, [gatherT(concatT([sorted, most], 0), searchSortedT(sorted, x, false), 0), x], {})
}

/** Options of `bincount`. */
export interface BincountOptions<W extends Tensor | undefined> {
  /** How many numbers there are to count: 0 up to it. */
  readonly length: number
  /** What each counts, in the shape of x; 1 by default. */
  readonly weights?: W
}

/**
 * How often each number from 0 up to `length` stands along the last axis: x (int32 or uint8) `[..., n]` gives int32
 * `[..., length]`; with weights (floats or int32, in the shape of x) the sum of those that stand with it, in their dtype, and
 * with a gradient. A number out of range is an error of the call that runs the graph, as in `gather`. As `bincount` in Keras.
 */
export function bincount<W extends Tensor | undefined = undefined>(
  x: Indices,
  options: BincountOptions<W>,
): Tensor<number[], W extends Tensor ? W['dtype'] : 'int32'> {
  // Plain JavaScript may leave them out.
  const isGiven = (options as object | undefined) !== undefined
  requireTensor('bincount', x)
  checkKeys('bincount', isGiven ? options : {}, ['length', 'weights'])
  const { length, weights } = { ...options }
  checkNumber('bincount', 'length', length, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')
  return bincountT(weights === undefined ? [x] : [x, weights], length) as never
}

/** Options of `histogram`. */
export interface HistogramOptions {
  /** How many bins of equal width, 10 by default. */
  readonly bins?: number
  /** The first edge and the last; from the smallest to the largest element by default. */
  readonly range?: readonly [low: number, high: number]
}
/** What `histogram` gives. */
export interface Histogram<D extends 'float32' | 'float64'> {
  /** How many elements each bin has. */
  readonly counts: Tensor<[number], 'int32'>
  /** Where bins begin, and where the last ends. */
  readonly edges: Tensor<[number], D>
}

/**
 * How many elements of x lie in each of so many bins of equal width, with their edges: bin i is edges[i] <= x < edges[i + 1], the
 * last one with its end. What lies outside, and NaN, is not counted; where low equals high the range is half a unit to both
 * sides. Integers are counted as float32. As `histogram` in NumPy; without a range, a NaN among the elements makes the edges NaN.
 */
export function histogram<X extends Tensor>(
  x: X,
  options: HistogramOptions = {},
): Histogram<X['dtype'] extends 'float64' ? 'float64' : 'float32'> {
  const given = asFloat('histogram', x)
  checkKeys('histogram', options, ['bins', 'range'])
  const { bins = 10, range } = options
  const flat = reshapeT(given, [sizeOf(given.shape)])
  checkNumber('histogram', 'bins', bins, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')
  const isHeld = (v: number): boolean => Number.isFinite(flat.dtype === 'float32' ? Math.fround(v) : v)
  if (range && !(Array.isArray(range) && range.length === 2 && range.every(isHeld) && range[0] <= range[1]))
    throw explained('histogram', `range is [low, high], finite ${flat.dtype} and low <= high, it is [${String(range)}]`, [x]) // prettier-ignore
  // Of no elements it is from 0 to 1, as in NumPy.
  const known = range ?? (flat.shape[0] === 0 ? ([0, 1] as const) : undefined)
  const edges = known ? knownEdges(known, bins, flat) : edgesOf(flat, bins)
  // In the last bin is all from its beginning on; what lies beyond its end counts 0.
  const place = searchSortedT(partT(edges, 0, 0, bins), flat, true)
  const isWithin = apply(lessEqualOp, [flat, partT(edges, 0, bins, 1)], {})
  const counts = bincountT([place, castTensor(isWithin, 'int32')], bins + 1)
  return { counts: partT(counts, 0, 1, bins), edges } as never
}

function knownEdges([from, to]: readonly [number, number], bins: number, x: Tensor): Tensor {
  const [low, high] = from === to ? [from - 0.5, to + 0.5] : [from, to]
  const data = newData(x.dtype, bins + 1)
  data.set(Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + (i * (high - low)) / bins)))
  return dataConstant(data, { dtype: x.dtype, shape: [bins + 1] })
}

/** In float64, as for a range that is given: the distance of two float32 numbers may be none. */
function edgesOf(x: Tensor, bins: number): Tensor {
  const whole = { axes: [0], keepDims: false }
  const [least, most] = [apply(minOp, [x], whole), maxT(x, whole)].map((t) => castTensor(t, 'float64')) as [
    Tensor,
    Tensor,
  ]
  const isPoint = apply(equalOp, [least, most], {})
  const low = whereT(isPoint, subT(least, like(0.5, least)), least)
  const high = whereT(isPoint, addT(most, like(0.5, most)), most)
  const i = iotaT(bins + 1)
  const inside = addT(low, mulT(castTensor(i, 'float64'), divT(subT(high, low), like(bins, low))))
  return castTensor(whereT(lessT(i, like(bins, i)), inside, high), x.dtype)
}
