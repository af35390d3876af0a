import { readFileSync } from 'node:fs'
import { FormatError } from '../../../src/formats/error'
import { decodeNpy, encodeNpy } from '../../../src/formats/npy'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'
import { verifyTensor } from '../verify'

const records = readFileSync(new URL('../../fixtures/npy/numpy.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly base64: string; readonly refused?: string; readonly npz?: boolean })

const KEYS = ["'descr'", "'fortran_order'", "'shape'", "'__proto__'", '"descr"', 'descr']
const VALUES = [
  ...["'<f4'", "'>i8'", "'|u1'", "'|O'", "'|b1'", "[('a', '<f4')]", "'\\x00'", 'True', 'False', 'None', '()', '(3,)'],
  ...['(2, 3)', '(0, 9007199254740991)', '(4294967296, 4294967296)', '(-1,)', '(1e3,)', "__import__('os')"],
]

/** Headers that are nearly dictionaries of NumPy. */
function forged(random: () => number): Uint8Array {
  const fields = Array.from({ length: below(random, 6) }, () => `${oneOf(random, KEYS)}: ${oneOf(random, VALUES)}`)
  const text = `{${fields.join(oneOf(random, [', ', ',', ' ']))}${oneOf(random, ['}', ',}', '', '}}'])}\n`
  const length = random() < 0.8 ? text.length : below(random, 65536)
  const frame = [0x93, ...Buffer.from('NUMPY'), 1, 0, length & 255, length >> 8]
  return Uint8Array.from([...frame, ...Buffer.from(text), ...new Uint8Array(below(random, 40))])
}

export const npy: Reader = {
  name: 'npy',
  samples: () =>
    records.filter(({ refused, npz }) => !refused && !npz).map(({ base64 }) => Buffer.from(base64, 'base64')),
  read: decodeNpy,
  refusals: [FormatError],
  verify: (result) => {
    const tensor = result as ReturnType<typeof decodeNpy>
    verifyTensor(tensor)
    verifyTensor(decodeNpy(encodeNpy(tensor)))
  },
  forged,
}
