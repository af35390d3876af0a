import { FormatError } from '../../../src/formats/error'
import { decodeSafetensors, encodeSafetensors } from '../../../src/formats/safetensors'
import type { StoredTensor } from '../../../src/formats/stored-tensor'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'
import { verifyTensor } from '../verify'

const tensors = new Map<string, StoredTensor>([
  ['dense/kernel', { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['dense/bias', { dtype: 'float64', shape: [3], data: Float64Array.of(0.1, 0.2, 0.3) }],
  ['step', { dtype: 'int32', shape: [], data: Int32Array.of(7) }],
  ['mask', { dtype: 'bool', shape: [3], data: Uint8Array.of(0, 1, 1) }],
  ['image', { dtype: 'uint8', shape: [1, 2, 0, 4], data: new Uint8Array() }],
])

function framed(header: string, body: number): Uint8Array {
  const text = Buffer.from(header)
  const out = new Uint8Array(8 + text.length + body)
  new DataView(out.buffer).setUint32(0, text.length, true)
  out.set(text, 8)
  return out
}

const NAMES = ['a', 'b', '__proto__', '__metadata__', 'constructor', '\\u0061', '']
const DTYPES = ['F32', 'F64', 'I32', 'I64', 'U8', 'BOOL', 'BF16', '__proto__']
const EXTENTS = [0, 1, 2, 3, 4, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, -1, 0.5]
const OFFSETS = [0, 1, 4, 8, 12, 16, 24, 2 ** 32, 2 ** 53]

/** Headers of right form whose shapes, offsets and names need not fit. */
function forged(random: () => number): Uint8Array {
  const fields = Array.from({ length: below(random, 4) }, () => {
    const shape = Array.from({ length: below(random, 4) }, () => oneOf(random, EXTENTS))
    const offsets = [oneOf(random, OFFSETS), oneOf(random, OFFSETS)]
    return `"${oneOf(random, NAMES)}":{"dtype":"${oneOf(random, DTYPES)}","shape":[${shape}],"data_offsets":[${offsets}]}`
  })
  return framed(`{${fields.join(',')}}`, oneOf(random, [0, 4, 8, 16, 24]))
}

export const safetensors: Reader = {
  name: 'safetensors',
  samples: () => [
    encodeSafetensors(tensors, { format: 'pt', note: 'é' }),
    encodeSafetensors(new Map([...tensors].slice(0, 1))),
    framed('{"s":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}', 16),
    encodeSafetensors(new Map()),
  ],
  read: decodeSafetensors,
  refusals: [FormatError],
  verify: (result) => {
    const read = result as ReturnType<typeof decodeSafetensors>
    for (const tensor of read.tensors.values()) verifyTensor(tensor)
    for (const text of Object.values(read.metadata))
      if (typeof text !== 'string') throw new Error('metadata is no text')
    decodeSafetensors(encodeSafetensors(read.tensors, read.metadata))
  },
  forged,
}
