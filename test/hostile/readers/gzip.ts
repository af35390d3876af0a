import { gzipSync } from 'node:zlib'
import { strToU8 } from 'fflate'
import { FormatError } from '../../../src/formats/error'
import { gunzip } from '../../../src/formats/inflate'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'

const contents = ['', 'a', 'again and '.repeat(500)].map((text) => strToU8(text))

/** Files that declare another size, checksum or method, or that are several. */
function forged(random: () => number): Uint8Array {
  const file = gzipSync(oneOf(random, contents))
  const places = [2, 3, file.length - 8, file.length - 4]
  const at = oneOf(random, places)
  if (at < 4) file[at] = below(random, 256)
  else file.writeUInt32LE(oneOf(random, [0, 1, 5000, 5001, 2 ** 26, 2 ** 31, 2 ** 32 - 1]), at)
  return random() < 0.3 ? Buffer.concat([file, gzipSync(oneOf(random, contents))]) : file
}

export const gzip: Reader = {
  name: 'gzip',
  samples: () => contents.flatMap((bytes) => [gzipSync(bytes), gzipSync(bytes, { level: 0 })]),
  read: gunzip,
  refusals: [FormatError],
  verify: (result) => {
    if (!(result instanceof Uint8Array)) throw new Error('no bytes')
  },
  forged,
}
