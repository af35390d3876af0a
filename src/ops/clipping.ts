import { apply, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { addT, divT, mulT } from './arith'
import { minimumOp } from './binary'
import { sumT } from './broadcast'
import { scalarConstant } from './leaf'
import { castTensor } from './promote'
import { isZero, lessEqualOp, lessT, maximumOp, whereT } from './select'
import { normT } from './statistics'
import { squareT } from './transcendental'
import { like, sqrtT } from './unary'

/** min(max(x, low), high), NaN kept; bounds are scalars of the dtype of x. */
export const clipBetween = (x: Tensor, low: Tensor, high: Tensor): Tensor =>
  apply(minimumOp, [apply(maximumOp, [x, low], {}), high], {})

/** 1 up to the limit, exactly, then limit / norm: selected, so that a norm of 0 is divided by nowhere. */
const shrinking = (norm: Tensor, limit: Tensor): Tensor =>
  whereT(apply(lessEqualOp, [norm, limit], {}), like(1, norm), divT(limit, norm))

/** x times min(1, limit / norm), norms taken over axes. */
export const clipNormT = (x: Tensor, limit: Tensor, axes: readonly number[]): Tensor =>
  mulT(x, shrinking(normT(x, { axes, keepDims: true }), limit))

/** The norm of all tensors as one vector, of the widest of their dtypes; its gradient at the origin is 0. */
function globalNorm(tensors: readonly Tensor[]): Tensor {
  const dtype: DType = tensors.some((x) => x.dtype === 'float64') ? 'float64' : 'float32'
  const squares = tensors.map((x) =>
    castTensor(sumT(squareT(x), { axes: x.shape.map((_, i) => i), keepDims: false }), dtype),
  )
  const total = squares.reduce(addT, scalarConstant(0, dtype))
  const none = isZero(total)
  return whereT(none, like(0, total), sqrtT(whereT(none, like(1, total), total)))
}

/** All tensors times min(1, limit / norm), the norm that of all; NaN everywhere where it is not finite. */
export function clipGlobalT(
  tensors: readonly Tensor[],
  limit: Tensor,
): { readonly clipped: Tensor[]; readonly norm: Tensor } {
  const norm = globalNorm(tensors)
  const isKnown = lessT(norm, like(Infinity, norm))
  const scale = whereT(isKnown, shrinking(norm, castTensor(limit, norm.dtype)), like(NaN, norm))
  return { clipped: tensors.map((x) => mulT(x, castTensor(scale, x.dtype))), norm }
}
