import { gzipSync } from 'node:zlib'
import { FormatError } from '../../../src/formats/error'
import { encodeIdx, readIdx } from '../../../src/formats/idx'
import type { StoredTensor } from '../../../src/formats/stored-tensor'
import { mutated } from '../mutate'
import type { Reader } from '../reader'
import { verifyTensor } from '../verify'

const plain = [
  encodeIdx({ dtype: 'uint8', shape: [3, 4, 4], data: Uint8Array.from({ length: 48 }, (_, i) => 5 * i) }),
  encodeIdx({ dtype: 'int32', shape: [4], data: Int32Array.of(1, -1, 7, 9) }),
  encodeIdx({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -1, 0.5, NaN) }),
  encodeIdx({ dtype: 'float64', shape: [], data: Float64Array.of(0.1) }),
  Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 255, 254, 1, 0),
]

export const idx: Reader = {
  name: 'idx',
  samples: () => [...plain, ...plain.map((bytes) => gzipSync(bytes))],
  read: readIdx,
  refusals: [FormatError],
  verify: (result) => verifyTensor(result as StoredTensor),
  // What is changed in a compressed file is found by its checksum, so files are changed before they are compressed.
  forged: (random) => gzipSync(mutated(plain, random)),
}
