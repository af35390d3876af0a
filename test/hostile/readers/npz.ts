import { readFileSync } from 'node:fs'
import { FormatError } from '../../../src/formats/error'
import { encodeNpy } from '../../../src/formats/npy'
import { decodeNpz } from '../../../src/formats/npz'
import type { StoredTensor } from '../../../src/formats/stored-tensor'
import { mutated } from '../mutate'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'
import { verifyTensor } from '../verify'
import { npy } from './npy'
import { forgedZip } from './zip'
import { zipped } from '../zipped'

const records = readFileSync(new URL('../../fixtures/npy/numpy.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly base64: string; readonly npz?: boolean })
const arrays = npy.samples()
const NAMES = ['a.npy', 'b.npy', 'arr_0.npy', '__proto__.npy', '.npy', 'a.pkl', '../a.npy']

export const npz: Reader = {
  name: 'npz',
  samples: () => [
    ...records.filter((record) => record.npz).map(({ base64 }) => Buffer.from(base64, 'base64')),
    zipped({ 'x.npy': encodeNpy({ dtype: 'float32', shape: [2000], data: new Float32Array(2000) }) }),
  ],
  read: decodeNpz,
  refusals: [FormatError],
  verify: (result) => {
    for (const tensor of (result as Map<string, StoredTensor>).values()) verifyTensor(tensor)
  },
  // What is changed in a compressed array is found by its checksum, so arrays are changed before they are compressed.
  forged: (random) => {
    const inner = (): Uint8Array => (random() < 0.3 ? npy.forged!(random) : mutated(arrays, random))
    const names = Array.from({ length: 1 + below(random, 3) }, () => oneOf(random, NAMES))
    return forgedZip(
      random,
      Object.fromEntries(names.map((name) => [name, [inner(), { level: oneOf(random, [0, 6]) }]])),
    )
  },
}
