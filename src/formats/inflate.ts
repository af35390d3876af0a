import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { requireBytes } from './bytes'
import { crc32 } from './crc'
import { FormatError } from './error'
import { loadPackage } from './package'

/** What we use of the package fflate, which is loaded on demand. */
export interface Fflate {
  readonly Gunzip: new (onData: (piece: Uint8Array) => void) => {
    push(chunk: Uint8Array): void
    onmember?: (offset: number) => void
  }
  deflateSync(bytes: Uint8Array, options: { readonly level: DeflateLevel }): Uint8Array<ArrayBuffer>
  gzipSync(
    bytes: Uint8Array,
    options: { readonly level: DeflateLevel; readonly mtime: number },
  ): Uint8Array<ArrayBuffer>
}
/** From 0, stored as it is, to 9, smallest. */
export type DeflateLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** Options of what inflates. */
export interface InflateOptions {
  /** How many bytes may come out, all entries together; by default 64 times the size of the file, at least 64 MiB. */
  readonly maxBytes?: number
}

export const loadFflate = async (what: string): Promise<Fflate> => (await loadPackage('fflate', what)) as Fflate

const LEAST_LIMIT = 64 * 2 ** 20
const LIMIT_RATIO = 64
// A length of 258 bytes takes two bits at the least. Source: RFC 1951, 3.2.
const MOST_RATIO = 1032
// What comes out of one piece before its size can be looked at: 17 MB at the most.
const PIECE = 2 ** 14

export function inflateLimit(what: string, bytes: Uint8Array, options: InflateOptions): number {
  requireBytes(what, bytes)
  checkKeys(what, options, ['maxBytes'])
  const { maxBytes = Math.max(LEAST_LIMIT, LIMIT_RATIO * bytes.length) } = options
  if (typeof maxBytes === 'number' && maxBytes >= 0) return maxBytes
  throw new GraphError(`${what}: maxBytes must be a number of bytes from 0, it is ${String(maxBytes)}`)
}

/** Throws for what is no level of compression. */
export function checkLevel(what: string, level: unknown): void {
  if (!(Number.isInteger(level) && (level as number) >= 0 && (level as number) <= 9))
    throw new GraphError(`${what}: level must be a whole number from 0 to 9, it is ${String(level)}`)
}

// The shortest header of a gzip file.
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
const TRAILER_BYTES = 8
const NO_STREAM = 'is no deflate stream that ends where it should'

/**
 * The `size` bytes that a deflate stream is said to hold, which is to take all of `bytes`. Stops where there are more; `refuse`
 * gets what is wrong. No more is allocated than so few bytes can hold.
 */
export function inflate(
  { Gunzip }: Fflate,
  bytes: Uint8Array,
  size: number,
  refuse: (what: string, cause?: unknown) => never,
): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0 || size > MOST_RATIO * bytes.length)
    refuse(`declares ${size} bytes, which ${bytes.length} compressed bytes cannot hold`)
  const out = new Uint8Array(size)
  let at = 0
  let over = false
  let member = 0
  const stream = new Gunzip((piece) => {
    over = piece.length > size - at
    if (over) return
    out.set(piece, at)
    at += piece.length
  })
  // Where a deflate stream ended is told only by where the next member of a gzip file begins, so one is made to follow.
  stream.onmember = (offset) => (member ||= offset)
  const end = HEADER.length + bytes.length + TRAILER_BYTES
  try {
    stream.push(HEADER)
    for (let begin = 0; begin < bytes.length && !over && member === 0; begin += PIECE)
      stream.push(bytes.subarray(begin, begin + PIECE))
    if (!over) stream.push(Uint8Array.of(...new Uint8Array(TRAILER_BYTES), ...HEADER))
  } catch (error) {
    refuse(NO_STREAM, error)
  }
  if (member !== end && (member > 0 || !over)) refuse(NO_STREAM)
  if (over || at < size) refuse(`inflates to ${over ? 'more than' : `${at} of`} the ${size} bytes it declares`)
  return out
}

const FORMAT = 'gzip'
const [TEXT, HEADER_CRC, EXTRA, NAME, COMMENT] = [1, 2, 4, 8, 16]

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/**
 * What a gzip file of one member holds; its size and checksum are checked. Throws FormatError for anything else and for more
 * than `maxBytes`. Needs the package fflate. Source: RFC 1952.
 */
export async function gunzip(bytes: Uint8Array, options: InflateOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const limit = inflateLimit(FORMAT, bytes, options)
  const begin = headerLength(bytes)
  const end = bytes.length - TRAILER_BYTES
  if (end < begin) throw new FormatError(FORMAT, `the file ends at byte ${bytes.length}, in its header`, bytes.length)
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES)
  const size = trailer.getUint32(4, true)
  const refuse = (what: string, cause?: unknown): never => {
    throw new FormatError(FORMAT, `the file ${what}`, end + 4, { cause })
  }
  if (size > limit) refuse(`declares ${size} bytes, more than maxBytes, ${limit}`)
  const out = inflate(await loadFflate('gunzip'), bytes.subarray(begin, end), size, refuse)
  if (crc32(out) !== trailer.getUint32(0, true)) throw new FormatError(FORMAT, 'the checksum is another', end)
  return out
}

/** A gzip file of these bytes, without name and date. Needs the package fflate. */
export async function gzip(bytes: Uint8Array, level: DeflateLevel = 6): Promise<Uint8Array<ArrayBuffer>> {
  requireBytes(FORMAT, bytes)
  checkLevel(FORMAT, level)
  return (await loadFflate('gzip')).gzipSync(bytes, { level, mtime: 0 })
}

function headerLength(bytes: Uint8Array): number {
  if (!isGzip(bytes)) throw new FormatError(FORMAT, 'the file does not begin as gzip files do', 0)
  if (bytes[2] !== 8) throw new FormatError(FORMAT, 'the method of compression is not deflate', 2)
  const flags = bytes[3] ?? 0
  if (flags > (TEXT | HEADER_CRC | EXTRA | NAME | COMMENT)) throw new FormatError(FORMAT, 'unknown flags are set', 3)
  let at = HEADER.length
  if (flags & EXTRA) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0)
  for (const flag of [NAME, COMMENT]) if (flags & flag) at = afterZero(bytes, at)
  return flags & HEADER_CRC ? at + 2 : at
}

/** Beyond the end where no zero follows. */
function afterZero(bytes: Uint8Array, at: number): number {
  const zero = at < bytes.length ? bytes.indexOf(0, at) : -1
  return zero < 0 ? bytes.length + 1 : zero + 1
}
