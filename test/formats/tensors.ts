import * as fc from 'fast-check'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { DTYPES, newData, sizeOf } from '../../src/ir/type'

export const bytesIn = ({ data }: StoredTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Random bytes, so that NaN payloads, infinities and negative zeros are among the floats. */
export const anyTensor = fc
  .tuple(fc.constantFrom(...DTYPES), fc.array(fc.nat(4), { maxLength: 4 }), fc.infiniteStream(fc.nat(255)))
  .map(([dtype, shape, random]): StoredTensor => {
    const data = newData(dtype, sizeOf(shape))
    const bytes = new Uint8Array(data.buffer)
    bytes.forEach((_, i) => (bytes[i] = random.next().value! & (dtype === 'bool' ? 1 : 255)))
    return { dtype, shape, data }
  })
