import { type Affine, type Axis, isAxis } from '../ir/affine'
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

/** The load reads exactly the point of the axes. */
export const isPointLoad = (load: Load, axes: readonly Axis[]): boolean => !load.flat && isPoint(load.index, axes)

const isPoint = (index: readonly Affine[], axes: readonly Axis[]): boolean =>
  index.length === axes.length &&
  index.every((a, i) => isAxis(a, axes[i]!) || (axes[i]!.extent === 1 && a.base === 0 && a.terms.size === 0))
