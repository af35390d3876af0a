import type { StoredTensor } from '../../src/formats/stored-tensor'
import { arrayNameOf, DTYPES, sizeOf } from '../../src/ir/type'

/** Throws for a tensor whose parts disagree, which no reader may give. */
export function verifyTensor({ dtype, shape, data }: StoredTensor): void {
  if (!DTYPES.includes(dtype)) throw new Error(`the dtype is ${dtype}`)
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) throw new Error(`the shape is ${shape}`)
  if (data.constructor.name !== arrayNameOf(dtype)) throw new Error(`${dtype} is a ${data.constructor.name}`)
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} values for ${shape}`)
  if (dtype === 'bool' && data.some((value) => value > 1)) throw new Error('a condition is neither 0 nor 1')
}
