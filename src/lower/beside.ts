import { coefficient, flatten } from '../ir/affine'
import type { Block, Reduction } from '../ir/block'
import { type Load, loadsOf } from '../ir/scalar'
import { isFloat, stridesOf } from '../ir/type'
import { longAxes } from './form'

const placeOf = ({ from, index, flat }: Load) => (flat ? index[0]! : flatten(index, stridesOf(from.shape)))

/** Whether a reduction finds its results side by side in memory rather than its terms; undefined where it finds neither. */
export function goesAcross({ axes, reduce, value }: Block): boolean | undefined {
  const [column, term] = [longAxes(axes).at(-1), reduce && longAxes(reduce.axes).at(-1)]
  if (!reduce || !term) return undefined
  for (const load of loadsOf([value, ...reduce.accumulators.map((a) => a.body)])) {
    const at = placeOf(load)
    if (coefficient(at, term) === 1) return false
    if (column && coefficient(at, column) === 1 && coefficient(at, term) > 1) return true
  }
  return undefined
}

/** Rows shorter than a vector are computed one by one anyway. */
const SHORT = 4

/** Whether what a block reads beside a contraction, and what it makes of it, fills vectors of the contraction's own width. */
export function fillsVectors(
  { axes, tensor }: Block,
  loads: readonly Load[],
  { accumulators: [own] }: Reduction,
): boolean {
  const column = longAxes(axes).at(-1)
  if (!column || column.extent < SHORT || !isFloat(own!.dtype)) return true
  if (isFloat(tensor.dtype) && tensor.dtype !== own!.dtype) return false
  return loads.every((load) => !load.offset && [0, 1].includes(coefficient(placeOf(load), column)))
}
