import { checkOneOf } from '../ir/names-of'
import type { Checked, Reduce, Shape, ShapeOr } from '../ir/shapes'
import { apply, explained, isTensor, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { addT, mulT } from '../ops/arith'
import { stackOp } from '../ops/arrange'
import { reducedShape } from '../ops/axes'
import { takeAlongAxisT } from '../ops/gather'
import { isNaNOp } from '../ops/logic'
import { partT } from '../ops/pieces'
import { whereT } from '../ops/select'
import { argsortT } from '../ops/sort'
import { like } from '../ops/unary'
import { reshapeT, transposeT } from '../ops/view'
import { type AnyReduceOptions, asFloat, reduceAttrs } from './build'
import type { Floating, Reducer, ReduceOptions } from './signatures'

/** What a quantile is that falls between two elements. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
/** Options of `quantile` and `percentile`. */
export interface QuantileOptions<Axis, Keep> extends ReduceOptions<Axis, Keep> {
  /** `linear` (the default) between both, the `lower`, the `higher`, the `midpoint`, or the `nearest`, of halves the even one. */
  readonly method?: QuantileMethod
}
type AnyOptions = QuantileOptions<number | readonly number[] | undefined, boolean>
type Quantiles<Op extends string> = <
  X extends Tensor,
  const Q extends number | readonly number[],
  const A extends number | readonly number[] | undefined = undefined,
  const K extends boolean = false,
>(
  x: X,
  q: Q,
  options?: QuantileOptions<Checked<Reduce<Op, X['shape'], A, K>, A>, K>,
) => Tensor<Q extends number ? ShapeOr<Reduce<Op, X['shape'], A, K>> : Shape, Floating<X['dtype']>>

/**
 * The value below which a share q of the elements lies, over the given axes (all if none): of n sorted elements what stands at
 * q (n - 1). q is a number from 0 to 1, or a list, which gives a new first axis. Integers give float32, one NaN gives NaN. The
 * gradient goes to the elements taken, by their weights; of equal ones to those that a stable sort puts there. An empty axis
 * is an error. As `quantile` in NumPy.
 */
export const quantile = ((x: Tensor, q: number | readonly number[], options: AnyOptions = {}) =>
  quantiles('quantile', x, q, 1, options)) as Quantiles<'quantile'>

/** As `quantile`, with q from 0 to 100. */
export const percentile = ((x: Tensor, q: number | readonly number[], options: AnyOptions = {}) =>
  quantiles('percentile', x, q, 100, options)) as Quantiles<'percentile'>

/** The middle element over the given axes (all if none), the mean of both where there are two: `quantile` at 1/2. */
export const median = ((x: Tensor, options: AnyReduceOptions = {}) =>
  quantiles('median', x, 0.5, 1, options)) as Reducer<'median', 'float'>

/** Elements at positions of a sorted line, and their weights. */
type Mix = readonly (readonly [position: number, weight: number])[]
const METHODS: Readonly<Record<QuantileMethod, (low: number, rest: number) => Mix>> = {
  linear: (low, rest) => [[low, 1 - rest], [low + 1, rest]], // prettier-ignore
  lower: (low) => [[low, 1]],
  higher: (low) => [[low + 1, 1]],
  midpoint: (low) => [[low, 0.5], [low + 1, 0.5]], // prettier-ignore
  nearest: (low, rest) => [[rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1, 1]],
}

function quantiles(op: string, x: Tensor, q: number | readonly number[], whole: number, options: AnyOptions): Tensor {
  const given = asFloat(op, x)
  const attrs = reduceAttrs(op, given, options, op === 'median' ? [] : ['method'])
  const { method = 'linear' } = options
  checkOneOf(op, 'method', method, Object.keys(METHODS))
  const mixOf = METHODS[method]
  const shares: unknown = typeof q === 'number' ? [q] : q
  if (!isList(shares)) throw explained(op, `q must be a number or an array of numbers, it is ${isTensor(q) ? 'a tensor' : typeof q}`, [x]) // prettier-ignore
  for (const share of shares)
    if (!(share >= 0 && share <= whole)) throw explained(op, `q is from 0 to ${whole}, got ${share}`, [x])
  if (shares.length === 0) throw explained(op, 'the list of q is empty', [x])
  const lines = asLines(given, attrs.axes)
  const n = lines.shape.at(-1)!
  if (n === 0) throw explained(op, 'there is no quantile of no elements', [x])
  const axis = lines.shape.length - 1
  const sorted = takeAlongAxisT(lines, argsortT(lines, false), axis)
  const shape = reducedShape(given, attrs)
  const at = (position: number): Tensor => reshapeT(partT(sorted, axis, position, 1), shape)
  const last = at(n - 1)
  const isLost = apply(isNaNOp, [last], {})
  const results = shares.map((share) => {
    const place = (share / whole) * (n - 1)
    const low = Math.floor(place)
    const mix: Mix = place === low ? [[low, 1]] : mixOf(low, place - low)
    const terms = mix.map(([position, weight]) =>
      weight === 1 ? at(position) : mulT(at(position), like(weight, given)),
    )
    return whereT(isLost, last, terms.reduce(addT))
  })
  return typeof q === 'number' ? results[0]! : apply(stackOp, results, { axis: 0 })
}

const isList = (shares: unknown): shares is readonly number[] => Array.isArray(shares)

/** Some axes as one, the last. */
function asLines(x: Tensor, axes: readonly number[]): Tensor {
  const others = x.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]))
  const turned = transposeT(x, [...others, ...axes])
  return reshapeT(turned, [...others.map((i) => x.shape[i]!), sizeOf(axes.map((i) => x.shape[i]!))])
}
