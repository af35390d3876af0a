import { bytesOf, type Data, type DType, showShape, viewData } from '../ir/type'
import { requireBytes, requireMap } from './bytes'
import { FormatError, quoted } from './error'
import { checkBools, checkStored, MAX_RANK, sizeOfStored, type StoredTensor } from './stored-tensor'

type Metadata = Record<string, string>

const FORMAT = 'safetensors'
// The reference implementation's limit on the header: it bounds what a hostile file can cost, as that on the rank does.
const MAX_HEADER = 100_000_000
const LENGTH_BYTES = 8
const METADATA = '__metadata__'
const END = ''
const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c]
const WHITE: readonly unknown[] = [SPACE, 0x09, 0x0a, 0x0d]
const UTF8 = new TextDecoder('utf-8', { fatal: true })
const STORED: Record<DType, string> = { float32: 'F32', float64: 'F64', int32: 'I32', uint8: 'U8', bool: 'BOOL' }
const READ_AS = new Map(Object.entries(STORED).map(([dtype, stored]) => [stored, dtype as DType])).set('I64', 'int32')
// The format is little-endian, and so is typed-array memory on every target we support: bytes are copied as they are.
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * The bytes of a safetensors file: larger elements first, which aligns all of them, otherwise in the order given.
 * Throws FormatError for what could not be read back: shape, dtype and data that disagree, a name that is reserved
 * or not well-formed Unicode, a header beyond the limit.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Metadata> = {},
): Uint8Array<ArrayBuffer> {
  requireMap('encodeSafetensors', tensors)
  for (const [name, tensor] of tensors) checkTensor(name, tensor)
  const ordered = [...tensors].sort(([, a], [, b]) => bytesOf(b.dtype) - bytesOf(a.dtype))
  const json = headerJson(ordered, metadata)
  const length = Math.ceil(json.length / 8) * 8
  if (length > MAX_HEADER) throw new FormatError(FORMAT, `the header has ${length} bytes, more than ${MAX_HEADER}`)
  let at = LENGTH_BYTES + length
  const out = new Uint8Array(ordered.reduce((size, [, { data }]) => size + data.byteLength, at))
  new DataView(out.buffer).setUint32(0, length, true)
  out.fill(SPACE, LENGTH_BYTES, at).set(json, LENGTH_BYTES)
  for (const [, { data }] of ordered) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}

/**
 * Reads a safetensors file that nobody vouches for; the tensors are copies, in the order of the header. I64 becomes
 * int32. Throws FormatError, before anything is returned, for other dtypes, a file that is truncated or has bytes
 * to spare, a header that is not exactly what the format allows, an I64 beyond int32, a BOOL other than 0 and 1.
 */
export function decodeSafetensors(bytes: Uint8Array): { tensors: Map<string, StoredTensor>; metadata: Metadata } {
  requireBytes('decodeSafetensors', bytes)
  const start = LENGTH_BYTES + headerLength(bytes)
  const { entries, metadata } = readHeader(new HeaderReader(new Uint8Array(bytes.subarray(LENGTH_BYTES, start))))
  checkLayout(entries, bytes.length - start)
  return { tensors: new Map(entries.map((entry) => [entry.name, readTensor(entry, bytes.subarray(start))])), metadata }
}

const jsonOf = (text: string): string => JSON.stringify(wellFormed(text))

function refuse(name: string, what: string): never {
  throw new FormatError(FORMAT, `tensor ${quoted(name)} ${what}`, name)
}

function checkTensor(name: string, tensor: StoredTensor): void {
  if (name === METADATA) refuse(name, 'has a reserved name')
  checkOrder(name)
  checkStored(tensor, (what) => refuse(name, what))
}

function checkOrder(name: string): void {
  if (!LITTLE_ENDIAN) refuse(name, 'needs a little-endian machine')
}

function headerJson(ordered: [string, StoredTensor][], metadata: Readonly<Metadata>): Uint8Array {
  // Joined by hand because an object would move keys like '7' to the front.
  const texts = Object.entries(metadata).map(([key, text]) => `${jsonOf(key)}:${jsonOf(text)}`)
  const fields = texts.length > 0 ? [`"${METADATA}":{${texts.join(',')}}`] : []
  let begin = 0
  for (const [name, { dtype, shape, data }] of ordered) {
    const end = begin + data.byteLength
    fields.push(`${jsonOf(name)}:{"dtype":"${STORED[dtype]}","shape":[${shape}],"data_offsets":[${begin},${end}]}`)
    begin = end
  }
  return new TextEncoder().encode(`{${fields.join(',')}}`)
}

function wellFormed(text: string): string {
  // In a `u` pattern surrogates match only where they are alone, which UTF-8, and so other readers, cannot carry.
  if (typeof text === 'string' && !/[\uD800-\uDFFF]/u.test(text)) return text
  throw new FormatError(FORMAT, `a name or metadata is not well-formed text: ${quoted(String(text))}`)
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < LENGTH_BYTES)
    throw new FormatError(FORMAT, `the file ends at byte ${bytes.length}, before any header`, bytes.length)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true))
  const most = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER)
  if (length > most)
    throw new FormatError(FORMAT, `the header length is ${length}, more than the ${most} bytes possible`, 0)
  return length
}

/** What the header says of a tensor. The offsets count bytes from the header's end. */
type Entry = ReturnType<typeof readEntry>

function readHeader(reader: HeaderReader): { entries: Entry[]; metadata: Metadata } {
  const entries: Entry[] = []
  // Without a prototype, so that '__proto__' is a key like any other.
  const metadata = Object.create(null) as Metadata
  for (const name of reader.keys()) {
    if (name !== METADATA) entries.push(readEntry(reader, name))
    else for (const key of reader.keys()) metadata[key] = reader.string()
  }
  reader.expect(END)
  return { entries, metadata }
}

function readEntry(reader: HeaderReader, name: string) {
  let stored = ''
  let shape: number[] | undefined
  let offsets: number[] = []
  for (const key of reader.keys()) {
    if (key === 'dtype') stored = reader.string()
    else if (key === 'shape') shape = reader.counts()
    else if (key === 'data_offsets') offsets = reader.counts()
    else refuse(name, `has an unknown field ${quoted(key)}`)
  }
  const dtype = READ_AS.get(stored)
  if (!dtype) refuse(name, `has the dtype ${quoted(stored)}, not one of ${[...READ_AS.keys()].join(', ')}`)
  if (!shape) refuse(name, 'has no shape')
  checkOrder(name)
  const size = sizeOfStored(shape, (what) => refuse(name, what)) * (stored === 'I64' ? 8 : bytesOf(dtype))
  const [begin = 0, end = 0] = offsets
  if (offsets.length === 2 && end - begin === size) return { name, stored, dtype, shape, begin, end }
  return refuse(name, `has ${size} bytes by its shape ${showShape(shape)}, but data_offsets ${showShape(offsets)}`)
}

/** The tensors must fill the `size` bytes behind the header: no overlap, no hole, nothing beyond and nothing left. */
function checkLayout(entries: readonly Entry[], size: number): void {
  let at = 0
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      refuse(name, `${begin < at ? 'overlaps another' : 'leaves a hole'}: begins at ${begin}, not ${at}`)
    at = end
  }
  if (at !== size) throw new FormatError(FORMAT, `the tensors have ${at} bytes of data, but the file has ${size}`)
}

function readTensor({ name, stored, dtype, shape, begin, end }: Entry, body: Uint8Array): StoredTensor {
  // Not `slice`: on a Node Buffer that is a view, and a view of the file may be unaligned or change later.
  const { buffer } = new Uint8Array(body.subarray(begin, end))
  const data = viewData(dtype, buffer, 0, buffer.byteLength / bytesOf(dtype))
  if (dtype === 'bool') checkBools(data, (what) => refuse(name, what))
  return { dtype, shape, data: stored === 'I64' ? narrowed(name, data) : data }
}

/** int32 from 64-bit integers in halves, low first. The high half of one that fits repeats the sign of the low half. */
function narrowed(name: string, halves: Data): Data {
  const low = halves.filter((_: number, i: number) => i % 2 === 0)
  const at = low.findIndex((half: number, i: number) => halves[2 * i + 1] !== half >> 31)
  if (at >= 0) refuse(name, `has an I64 value beyond int32 at element ${at}`)
  return low
}

/**
 * Reads exactly the JSON that a header may consist of. Not `JSON.parse`: it hides duplicate keys, rounds numbers,
 * reorders keys, and builds whatever a hostile header asks for before anything can be checked.
 */
class HeaderReader {
  private at = 0
  constructor(private readonly bytes: Uint8Array<ArrayBuffer>) {}

  /** Each key of an object; its value is to be read before the next is asked for. */
  *keys(): Generator<string> {
    const seen = new Set<string>()
    this.expect('{')
    while (!this.accept('}')) {
      if (seen.size > 0) this.expect(',')
      const key = this.string()
      if (seen.has(key)) this.fail(`the key ${quoted(key)} for the second time`)
      seen.add(key)
      this.expect(':')
      yield key
    }
  }

  string(): string {
    this.expect('"')
    const { bytes, at: start } = this
    while (this.at < bytes.length && bytes[this.at] !== QUOTE) this.at += bytes[this.at] === BACKSLASH ? 2 : 1
    try {
      return wellFormed(JSON.parse(UTF8.decode(bytes.subarray(start - 1, ++this.at))) as string)
    } catch {
      return this.fail('no well-formed string', start - 1)
    }
  }

  /** A list of integers from 0 on, as many as a shape may have. */
  counts(): number[] {
    const out: number[] = []
    this.expect('[')
    while (!this.accept(']')) {
      if (out.length > 0) this.expect(',')
      this.accept(END)
      const next = String.fromCharCode(...this.bytes.subarray(this.at, this.at + 17))
      const digits = /^(?:0|[1-9]\d{0,15})(?![\w.])/.exec(next)?.[0]
      if (digits === undefined || out.length === MAX_RANK) return this.fail('no integer that is possible here')
      this.at += digits.length
      out.push(Number(digits))
    }
    return out
  }

  expect(token: string): void {
    if (!this.accept(token)) this.fail(token === END ? 'more than one JSON value' : `no ${token}`)
  }

  /** Moves past white space, except at the very start, and past `token` where it is next. END is next at the end. */
  private accept(token: string): boolean {
    while (this.at > 0 && WHITE.includes(this.bytes[this.at])) this.at++
    const found = this.bytes[this.at] === token.codePointAt(0)
    if (found) this.at += token.length
    return found
  }

  private fail(what: string, at = this.at): never {
    throw new FormatError(FORMAT, `the header has ${what} at byte ${LENGTH_BYTES + at} of the file`, LENGTH_BYTES + at)
  }
}
