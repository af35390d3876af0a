import { type Axis, isAxis } from '../ir/affine'
import type { Block, Reduction } from '../ir/block'
import type { Load } from '../ir/scalar'
import { sizeOf } from '../ir/type'

/** A contraction is known by its form: a sum of products of two loads. */
export function isContraction(reduce: Reduction | undefined): boolean {
  if (!reduce || reduce.accumulators.length !== 1) return false
  const { combine, body } = reduce.accumulators[0]!
  return combine === 'add' && body.kind === 'call' && body.fn === 'mul' && body.args.every((a) => a.kind === 'load')
}

/** Only moves or makes elements, at positions that are known: no arithmetic. */
export const isView = ({ reduce, scatter, value }: Block): boolean =>
  !reduce && !scatter && value.kind !== 'call' && !(value.kind === 'load' && value.offset)

/** How often the body of a block is computed. */
export const pointsOf = (block: Block): number =>
  sizeOf(block.axes.map((a) => a.extent)) * sizeOf((block.reduce?.axes ?? []).map((a) => a.extent))

/** The axes along which there is more than one point: the others make no difference to a loop. */
export const longAxes = (axes: readonly Axis[]): Axis[] => axes.filter((a) => a.extent !== 1)

/** The load reads exactly the point of the axes, wherever either has extents of 1. */
export function isPointLoad({ from, index, flat }: Load, axes: readonly Axis[]): boolean {
  if (flat) return false
  const long = longAxes(axes)
  const own = index.filter((_, i) => from.shape[i] !== 1)
  return own.length === long.length && own.every((a, i) => isAxis(a, long[i]!))
}
