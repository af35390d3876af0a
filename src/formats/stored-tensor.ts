import { arrayNameOf, type Data, DTYPES, showShape, type TensorType } from '../ir/type'
import { quoted } from './error'

/** Dense row-major values; `data` has one element for each position of `shape`. `bool` is bytes 0 and 1. */
export interface StoredTensor extends TensorType {
  readonly data: Data
}

/** Throws the error of a format for a tensor in a file; gets what is wrong as a sentence without its subject. */
export type Refuse = (what: string) => never

// NumPy's limit.
export const MAX_RANK = 64

/** The number of elements. Refuses extents that are no counts, and sizes and strides that are not exact. */
export function sizeOfStored(shape: readonly number[], refuse: Refuse): number {
  // An extent of 0 must not hide that the others overflow, whatever their order.
  const size = shape.reduce((product, extent) => product * (extent || 1), 8) / 8
  const exact = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) && Number.isSafeInteger(size * 8)
  if (!exact || shape.length > MAX_RANK) refuse(`has an impossible shape, ${showShape(shape)}`)
  return shape.includes(0) ? 0 : size
}

export function checkBools(data: Data, refuse: Refuse): void {
  const at = data.findIndex((value: number) => value > 1)
  if (at >= 0) refuse(`has a bool that is neither 0 nor 1 but ${data[at]} at element ${at}`)
}

/** Refuses a tensor that is to be written and whose dtype, shape and data disagree. */
export function checkStored(tensor: StoredTensor, refuse: Refuse): void {
  const { dtype, shape, data } = tensor as Partial<StoredTensor>
  if (dtype === undefined || !Array.isArray(shape) || !ArrayBuffer.isView(data))
    return refuse('must be { dtype, shape, data } with data in a typed array')
  if (!DTYPES.includes(dtype)) refuse(`has the dtype ${quoted(dtype)}, which cannot be stored`)
  if (data[Symbol.toStringTag] !== arrayNameOf(dtype)) refuse(`is ${dtype}, but has no ${arrayNameOf(dtype)}`)
  if (data.length !== sizeOfStored(shape, refuse)) refuse(`has ${data.length} elements for ${showShape(shape)}`)
  if (dtype === 'bool') checkBools(data, refuse)
}
