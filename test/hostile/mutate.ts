import { below, oneOf } from './random'

type Random = () => number
type Mutation = (bytes: Uint8Array, random: Random, samples: readonly Uint8Array[]) => Uint8Array

const INTEGERS = [
  ...[0n, 1n, -1n, 2n, 127n, 128n, 255n, 256n, 65535n, 65536n],
  ...[31n, 32n, 40n, 53n, 62n, 63n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]),
]
const NUMBERS = [
  ...['0', '-1', '1', '00', '1.5', '-0', '1e9', '1e999', '-1e999', 'NaN', 'Infinity', 'null', '"1"', '[]', '{}'],
  ...['2147483647', '2147483648', '4294967296', '9007199254740992', '9007199254740993', '1'.repeat(400)],
]
const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', '\\u0000', '\\ud800', '\\', '"', '0'],
  ...[
    '../../etc/passwd',
    '/',
    'C:\\\\',
    '`${process.exit()}`',
    '*/ process.exit() /*',
    "');process.exit();//",
    'x\\ny',
  ],
  'n'.repeat(5000),
]
const BRACKETS: readonly (readonly [string, string])[] = [
  ['[', ']'],
  ['(', ')'],
  ['{', '}'],
  ['{"a":', '}'],
]
const EDGES = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
const MAX_BYTES = 2 ** 16

const joined = (...parts: Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((size, { length }) => size + length, 0))
  parts.reduce((at, part) => (out.set(part, at), at + part.length), 0)
  return out
}
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** A stretch, more often short than long. */
function range(bytes: Uint8Array, random: Random): [begin: number, end: number] {
  const begin = below(random, bytes.length + 1)
  const length = 2 ** (random() * Math.log2(bytes.length + 2)) - 1
  return [begin, Math.min(bytes.length, begin + Math.ceil(length))]
}

/** One of the matches of a pattern, replaced. */
function replaced(bytes: Uint8Array, random: Random, pattern: RegExp, make: (found: string) => string): Uint8Array {
  const text = textOf(bytes)
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return bytes
  const match = oneOf(random, found)
  return bytesOf(text.slice(0, match.index) + make(match[0]) + text.slice(match.index + match[0].length))
}

/** The ways in which a file is changed. Each gives a new array or the one that it was given. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: (bytes, random) => {
    const out = new Uint8Array(bytes)
    for (let n = 2 ** below(random, 4); n > 0 && out.length > 0; n--) {
      const at = below(random, out.length)
      out[at] = out[at]! ^ (1 << below(random, 8))
    }
    return out
  },
  edge: (bytes, random) => {
    const out = new Uint8Array(bytes)
    if (out.length > 0) out[below(random, out.length)] = oneOf(random, EDGES)
    return out
  },
  truncate: (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1)),
  behead: (bytes, random) => bytes.subarray(range(bytes, random)[1] % (bytes.length + 1)),
  insert: (bytes, random) => {
    const at = below(random, bytes.length + 1)
    const byte = random() < 0.5 ? oneOf(random, EDGES) : undefined
    const added = Uint8Array.from({ length: Math.ceil(2 ** (random() * 9)) }, () => byte ?? below(random, 256))
    return joined(bytes.subarray(0, at), added, bytes.subarray(at))
  },
  repeat: (bytes, random) => {
    const [begin, end] = range(bytes, random)
    const times = 1 + below(random, 4)
    const part = bytes.subarray(begin, end)
    return joined(bytes.subarray(0, end), ...new Array<Uint8Array>(times).fill(part), bytes.subarray(end))
  },
  remove: (bytes, random) => {
    const [begin, end] = range(bytes, random)
    return joined(bytes.subarray(0, begin), bytes.subarray(end))
  },
  move: (bytes, random) => {
    const [begin, end] = range(bytes, random)
    const rest = joined(bytes.subarray(0, begin), bytes.subarray(end))
    const at = below(random, rest.length + 1)
    return joined(rest.subarray(0, at), bytes.subarray(begin, end), rest.subarray(at))
  },
  magic: (bytes, random) => {
    const out = new Uint8Array(bytes)
    for (let i = 0; i < Math.min(8, out.length); i++) if (random() < 0.4) out[i] = below(random, 256)
    return out
  },
  integer: (bytes, random) => {
    const out = new Uint8Array(bytes)
    const width = oneOf(random, [1, 2, 4, 8])
    // Headers are short, so half of the numbers that are put in are put near an end.
    const room = random() < 0.5 ? Math.min(64, out.length) : out.length
    const at = random() < 0.5 ? below(random, room) : out.length - room + below(random, room)
    if (at < 0 || at + width > out.length) return out
    let value = BigInt.asUintN(64, oneOf(random, INTEGERS))
    const little = random() < 0.5
    for (let i = 0; i < width; i++, value >>= 8n) out[little ? at + i : at + width - 1 - i] = Number(value & 255n)
    return out
  },
  number: (bytes, random) => replaced(bytes, random, /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, () => oneOf(random, NUMBERS)),
  name: (bytes, random) => replaced(bytes, random, /(?<=["'])[\w./:-]{1,80}(?=\\?["'])/g, () => oneOf(random, NAMES)),
  word: (bytes, random) => {
    const words = [...textOf(bytes).matchAll(/\b[A-Za-z_]\w{2,40}\b/g)].map(([word]) => word)
    return words.length === 0 ? bytes : replaced(bytes, random, /\b[A-Za-z_]\w{2,40}\b/g, () => oneOf(random, words))
  },
  nest: (bytes, random) => {
    const depth = Math.ceil(2 ** (random() * 13))
    const [open, close] = oneOf(random, BRACKETS)
    return replaced(bytes, random, /\d+|"[^"]*"/g, (found) => open.repeat(depth) + found + close.repeat(depth))
  },
  splice: (bytes, random, samples) => {
    const other = oneOf(random, samples)
    return joined(bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(below(random, other.length + 1)))
  },
}

const NAMES_OF_MUTATIONS = Object.keys(MUTATIONS)

/** A file that is nearly one of the samples: changed once or a few times. */
export function mutated(samples: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = oneOf(random, samples)
  for (let n = 1 + below(random, random() < 0.5 ? 1 : 5); n > 0; n--)
    bytes = MUTATIONS[oneOf(random, NAMES_OF_MUTATIONS)]!(bytes, random, samples)
  // A copy, because what is read may keep it, and samples are used again.
  return new Uint8Array(bytes.subarray(0, Math.max(MAX_BYTES, ...samples.map(({ length }) => 2 * length))))
}
