import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { type Arg, describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { type DType, isFloat } from '../ir/type'
import { normalizeAxes } from '../ops/axes'
import { clipBetween, clipGlobalT, clipNormT } from '../ops/clipping'
import { scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'

/** A number, or a float scalar such as a variable or a schedule. */
type Limit = number | Tensor<[]>
type Clipped<X extends readonly Tensor[]> = { -readonly [I in keyof X]: Tensor<X[I]['shape'], X[I]['dtype']> }

/** A float tensor, for which clipping means something. */
function floatTensor(op: string, x: unknown): Tensor {
  requireTensor(op, x)
  if (isFloat(x.dtype)) return x
  throw new GraphError(`${op}: ${describe(x)} is ${x.dtype}; cast it to a float`)
}

function limitT(op: string, name: string, value: Arg, dtype: DType, isLegal: (v: number) => boolean, want: string) {
  if (isTensor(value)) {
    if (value.shape.length === 0 && isFloat(value.dtype)) return castTensor(value, dtype)
    throw new GraphError(`${op}: ${name} must be a number or a float scalar, it is ${describe(value)}`)
  }
  if (typeof value !== 'number' || !isLegal(value))
    throw new GraphError(`${op}: ${name} must be ${want}, it is ${String(value)}`)
  return scalarConstant(value, dtype)
}
const isFrom0 = (v: number): boolean => v >= 0
const FROM_0 = 'a number from 0'

/**
 * Elements below `low` become `low`, those above `high` become `high`; NaN stays. Takes a float tensor, or an array of them
 * such as gradients, and gives the same shapes and dtypes. Bounds are numbers or float scalars; a GraphError where two
 * numbers are not in order. Source: TensorFlow's clip_by_value.
 */
export function clipByValue<X extends Tensor>(x: X, low: Limit, high: Limit): Tensor<X['shape'], X['dtype']>
export function clipByValue<const X extends readonly Tensor[]>(xs: readonly [...X], low: Limit, high: Limit): Clipped<X>
export function clipByValue(x: Tensor | readonly Tensor[], low: Limit, high: Limit): unknown {
  if (typeof low === 'number' && typeof high === 'number' && !(low <= high))
    throw new GraphError(`clipByValue: the bounds must be ordered, they are ${low} and ${high}`)
  const clipped = (t: unknown): Tensor => {
    const values = floatTensor('clipByValue', t)
    const bound = (name: string, value: Limit): Tensor =>
      limitT('clipByValue', name, value, values.dtype, (v) => v === v, 'a number')
    return clipBetween(values, bound('low', low), bound('high', high))
  }
  return Array.isArray(x) ? x.map(clipped) : clipped(x)
}

/**
 * x · min(1, clipNorm / ‖x‖), norms taken over `axis` (all axes if absent): unchanged, bit for bit, up to that norm, and
 * without a division where the norm is 0. Where the norm is NaN so is the result; beside an infinity finite elements become
 * 0 and the infinity NaN. A float tensor of any shape, `clipNorm` a number from 0 or a float scalar.
 * Source: TensorFlow's clip_by_norm.
 */
export function clipByNorm<X extends Tensor>(
  x: X,
  clipNorm: Limit,
  options: { readonly axis?: number | readonly number[] } = {},
): Tensor<X['shape'], X['dtype']> {
  checkKeys('clipByNorm', options, ['axis'])
  const { axis } = options
  const values = floatTensor('clipByNorm', x)
  const limit = limitT('clipByNorm', 'clipNorm', clipNorm, values.dtype, isFrom0, FROM_0)
  return clipNormT(values, limit, normalizeAxes('clipByNorm', axis, values.shape))
}

/**
 * All tensors times min(1, clipNorm / norm), where norm = √Σ‖x‖² is that of all of them as one vector: unchanged, bit for
 * bit, up to that norm, 0 included. Where the norm is NaN or infinite every element becomes NaN, so that it shows. Takes one
 * or more float tensors; `norm` is a scalar, float64 if one of them is, and the norm before clipping.
 * Source: TensorFlow's clip_by_global_norm; Pascanu et al. 2013, arXiv:1211.5063.
 */
export function clipByGlobalNorm<const X extends readonly Tensor[]>(
  tensors: readonly [...X],
  clipNorm: Limit,
): { readonly clipped: Clipped<X>; readonly norm: Tensor<[], 'float32' | 'float64'> } {
  if (!Array.isArray(tensors) || tensors.length === 0)
    throw new GraphError('clipByGlobalNorm: expected an array of one or more tensors')
  const all = (tensors as readonly Tensor[]).map((x) => floatTensor('clipByGlobalNorm', x))
  const dtype = all.some((x) => x.dtype === 'float64') ? 'float64' : 'float32'
  return clipGlobalT(all, limitT('clipByGlobalNorm', 'clipNorm', clipNorm, dtype, isFrom0, FROM_0)) as never
}
