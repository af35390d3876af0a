import { strToU8, type Zippable } from 'fflate'
import { FormatError } from '../../../src/formats/error'
import { readZip } from '../../../src/formats/zip'
import { below, oneOf } from '../random'
import type { Reader } from '../reader'
import { zipped } from '../zipped'

const CONTENTS = ['', 'short', '{"a":[1,2,3]}', 'again and '.repeat(200)].map((text) => strToU8(text))
const NAMES = ['config.json', 'a/b.bin', 'é', '../up', '/root', 'a//b', 'C:\\x', '__proto__', 'folder/', '.', 'a\0b']
const FIELDS = {
  local: [4, 6, 8, 14, 18, 22, 26, 28],
  central: [6, 8, 10, 16, 20, 24, 28, 30, 32, 34, 42],
  end: [4, 6, 8, 10, 12, 16, 20],
}
const SIGNATURES = { local: 'PK\x03\x04', central: 'PK\x01\x02', end: 'PK\x05\x06' }
const VALUES = [0, 1, 2, 8, 9, 22, 30, 46, 64, 255, 2000, 65535, 2 ** 20, 2 ** 26, 2 ** 31, 2 ** 32 - 1]

/** An archive of other names, or one in which fields of the headers are other numbers than they should be. */
export function forgedZip(random: () => number, entries: Zippable): Uint8Array {
  const out = Buffer.from(zipped(entries))
  for (let n = below(random, 3); n > 0; n--) {
    const where = oneOf(random, ['local', 'central', 'end'] as const)
    const places: number[] = []
    for (let at = out.indexOf(SIGNATURES[where], 0, 'latin1'); at >= 0;)
      at = out.indexOf(SIGNATURES[where], places.push(at) && at + 1, 'latin1')
    const at = oneOf(random, places) + oneOf(random, FIELDS[where])
    const value = random() < 0.3 ? oneOf(random, places) : oneOf(random, VALUES)
    if (random() < 0.5 && at + 4 <= out.length) out.writeUInt32LE(value, at)
    else if (at + 2 <= out.length) out.writeUInt16LE(value & 0xffff, at)
  }
  return out
}

export const zip: Reader = {
  name: 'zip',
  samples: () => [
    zipped({ 'config.json': CONTENTS[2]!, 'a/b.bin': [CONTENTS[3]!, { level: 0 }], empty: CONTENTS[0]! }),
    zipped({ words: [CONTENTS[3]!, { comment: 'of an entry' }] }, { comment: 'of the archive' }),
    zipped({}),
  ],
  read: readZip,
  refusals: [FormatError],
  verify: (result) => {
    for (const name of (result as Map<string, Uint8Array>).keys())
      if (/^\/|\\|:|\0|(?:^|\/)(?:\.{1,2}|)(?:\/|$)/.test(name)) throw new Error(`the name ${JSON.stringify(name)}`)
  },
  forged: (random) => {
    const count = below(random, 4)
    const entries: Zippable = {}
    for (let i = 0; i < count; i++)
      entries[oneOf(random, NAMES)] = [oneOf(random, CONTENTS), { level: oneOf(random, [0, 6]) }]
    return forgedZip(random, entries)
  },
}
