import { checkKeys } from '../ir/names-of'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape, sizeOf } from '../ir/type'
import { axisList, normalizeAxis } from '../ops/axes'
import { flipOp, reshapeT, transposeT } from '../ops/view'
import { checkNumber } from './build'
import type { SameRank } from './signatures'

type Axes = number | readonly number[]
type Moved<X extends Tensor> = Tensor<SameRank<X['shape']>, X['dtype']>
/** All elements in row-major order as one vector. */
export function flatten<X extends Tensor>(x: X): Tensor<[number], X['dtype']> {
  requireTensor('flatten', x)
  return reshapeT(x, [sizeOf(x.shape)]) as never
}

/** x with two axes exchanged. */
export function swapAxes<X extends Tensor>(x: X, first: number, second: number): Moved<X> {
  requireTensor('swapAxes', x)
  const [a, b] = [first, second].map((axis) => normalizeAxis('swapAxes', axis, x.shape)) as [number, number]
  return transposeT(x, x.shape.map((_, i) => (i === a ? b : i === b ? a : i))) as never // prettier-ignore
}

/** x with axes moved to other places, the others in their order; negative ones count from the end. */
export function moveAxis<X extends Tensor>(x: X, source: Axes, destination: Axes): Moved<X> {
  requireTensor('moveAxis', x)
  const [from, to] = [axisList('moveAxis', source, x.shape), axisList('moveAxis', destination, x.shape)]
  if (from.length !== to.length || [from, to].some((axes) => new Set(axes).size !== axes.length))
    throw explained('moveAxis', `axes ${showShape(from)} and places ${showShape(to)} must be as many, each once`, [x])
  const rest = x.shape.flatMap((_, i) => (from.includes(i) ? [] : [i]))
  return transposeT(x, x.shape.map((_, i) => (to.includes(i) ? from[to.indexOf(i)]! : rest.shift()!))) as never // prettier-ignore
}

/** x turned by `times` quarters in the plane of two axes (the first two by default), from the first towards the second. */
export function rot90<X extends Tensor>(
  x: X,
  options: { readonly times?: number; readonly axes?: readonly [number, number] } = {},
): Moved<X> {
  requireTensor('rot90', x)
  checkKeys('rot90', options, ['times', 'axes'])
  const { times = 1, axes = [0, 1] } = options
  checkNumber('rot90', 'times', times, Number.isInteger, 'a whole number')
  const [a, b] = axes.map((axis) => normalizeAxis('rot90', axis, x.shape)) as [number, number]
  if (a === b) throw explained('rot90', `two axes are needed, both are ${a}`, [x])
  const flipped = (t: Tensor, ...along: readonly number[]): Tensor => apply(flipOp, [t], { axes: along })
  const turns = ((times % 4) + 4) % 4
  if (turns === 0) return x as never
  if (turns === 2) return flipped(x, Math.min(a, b), Math.max(a, b)) as never
  const swapped = swapAxes(turns === 1 ? flipped(x, b) : x, a, b)
  return (turns === 1 ? swapped : flipped(swapped, b)) as never
}
