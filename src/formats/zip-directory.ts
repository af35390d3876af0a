import { FormatError, quoted } from './error'

/** What the directory of an archive says of a file in it, and the stretch of its data. Source: PKWARE's APPNOTE 6.3. */
export interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  readonly size: number
  readonly begin: number
  readonly end: number
}

const FORMAT = 'zip'
export const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
export const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22]
export const [STORED, DEFLATED] = [0, 8]
/** Names are UTF-8. */
export const UNICODE = 0x800
const [COMPRESSION, DESCRIPTOR] = [0x6, 0x8]
const ELSEWHERE = 0xffffffff
const MAX_COMMENT = 0xffff
const MAX_NAME = 4096
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function refuseEntry(name: string, what: string, cause?: unknown): never {
  throw new FormatError(FORMAT, `the entry ${quoted(name)} ${what}`, name, { cause })
}
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** What entries are called by: paths, which a system may unpack to, or names of arrays, which stay where they are. */
export type Naming = 'path' | 'array'

/** Refuses names that would leave the folder they are put into, or that systems read differently. */
export function checkEntryName(name: string, naming: Naming = 'path'): void {
  // Control characters break logs and, as \0, paths.
  // eslint-disable-next-line no-control-regex
  const odd = /[\u0000-\u001f\u007f\\]|[\uD800-\uDFFF]/u.test(name) || (naming === 'path' && name.includes(':'))
  if (odd || name.split('/').some((part) => part === '' || part === '.' || part === '..') || name.length > MAX_NAME)
    refuseEntry(name, 'has a name that is no path inside the archive')
}

/**
 * The files of an archive, in the order of its directory. Refuses archives in parts, zip64 and encryption, methods other than
 * stored and deflated, names twice, data that overlap or lie beyond the directory, and headers that contradict it.
 */
export function readDirectory(bytes: Uint8Array, naming?: Naming): ZipEntry[] {
  const { begin, end, count } = findDirectory(bytes)
  const entries = new Map<string, ZipEntry & { readonly start: number }>()
  let at = begin
  for (let i = 0; i < count; i++) {
    const entry = readEntry(bytes, at, begin, end, naming)
    if (entries.has(entry.name)) refuseEntry(entry.name, 'is there for the second time')
    entries.set(entry.name, entry)
    at = entry.next
  }
  if (at !== end) throw new FormatError(FORMAT, `the directory ends at byte ${at}, not ${end} as declared`, at)
  checkOverlap([...entries.values()])
  return [...entries.values()].filter(({ name }) => !name.endsWith('/'))
}

function findDirectory(bytes: Uint8Array): { begin: number; end: number; count: number } {
  const view = viewOf(bytes)
  const last = bytes.length - END_BYTES
  let at = last
  while (at >= 0 && !(view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at))
    if (--at < last - MAX_COMMENT) at = -1
  if (at < 0)
    throw new FormatError(FORMAT, 'the file has no end of a directory: it is no zip file or truncated', bytes.length)
  const [disk, first, here, count] = [4, 6, 8, 10].map((field) => view.getUint16(at + field, true))
  const [size, begin] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)]
  if (count === 0xffff || size === ELSEWHERE || begin === ELSEWHERE)
    throw new FormatError(FORMAT, 'zip64, for archives above 4 GiB, is not read', at)
  if (disk !== 0 || first !== 0 || here !== count)
    throw new FormatError(FORMAT, 'the archive is one part of several', at)
  if (begin + size !== at)
    throw new FormatError(
      FORMAT,
      `the directory should lie from byte ${begin} to ${begin + size}, but ends at ${at}`,
      at,
    )
  return { begin, end: at, count: count! }
}

/** The entry at a place of the directory, and the place after it. `start` is where its local header lies. */
function readEntry(bytes: Uint8Array, at: number, directory: number, limit: number, naming: Naming | undefined) {
  const view = viewOf(bytes)
  if (limit - at < CENTRAL_BYTES || view.getUint32(at, true) !== CENTRAL)
    throw new FormatError(FORMAT, `no entry of the directory at byte ${at}`, at)
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)] as const
  const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true)) as [number, number, number]
  const [nameLength, extra, comment] = [28, 30, 32].map((f) => view.getUint16(at + f, true)) as [number, number, number]
  const start = view.getUint32(at + 42, true)
  const next = at + CENTRAL_BYTES + nameLength + extra + comment
  if (next > limit) throw new FormatError(FORMAT, `the entry of the directory at byte ${at} ends beyond it`, at)
  const nameBytes = bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameLength)
  const name = nameOf(nameBytes, (flags & UNICODE) !== 0, at)
  const folder = name.endsWith('/')
  const path = folder ? name.slice(0, -1) : name
  // NumPy takes arrays by any name, as "/a" or "a//b", which leads nowhere while it is no path.
  checkEntryName(naming === 'array' ? path.replaceAll(/^\/+|(?<=\/)\/+/g, '') : path, naming)
  if (flags & ~(UNICODE | COMPRESSION | DESCRIPTOR))
    refuseEntry(name, 'is encrypted or uses features that are not read')
  if (method !== STORED && method !== DEFLATED) refuseEntry(name, `is compressed by method ${method}, not by deflate`)
  if (packed === ELSEWHERE || size === ELSEWHERE || start === ELSEWHERE)
    refuseEntry(name, 'needs zip64, which is not read')
  if ((method === STORED && packed !== size) || (folder && size > 0))
    refuseEntry(name, `declares ${size} bytes, but has ${packed}`)
  const begin = dataBegin(bytes.subarray(0, directory), start, name, { flags, method, crc, packed, size, nameBytes })
  if (begin + packed > directory) refuseEntry(name, `ends at byte ${begin + packed}, beyond ${directory}`)
  return { name, deflated: method === DEFLATED, crc, size, start, begin, end: begin + packed, next }
}

function nameOf(bytes: Uint8Array, unicode: boolean, at: number): string {
  try {
    if (unicode || bytes.every((byte) => byte < 0x80)) return UTF8.decode(bytes)
  } catch {
    // Refused like a name in a code page.
  }
  throw new FormatError(FORMAT, `the entry of the directory at byte ${at} has a name that is not UTF-8`, at)
}

interface Declared {
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly nameBytes: Uint8Array
}

/** Where the data of an entry begin: after a local header that says what the directory says, or leaves it open. */
function dataBegin(bytes: Uint8Array, start: number, name: string, declared: Declared): number {
  const view = viewOf(bytes)
  if (start + LOCAL_BYTES > bytes.length || view.getUint32(start, true) !== LOCAL)
    refuseEntry(name, `has no header at byte ${start}`)
  const nameAt = start + LOCAL_BYTES
  const nameEnd = nameAt + view.getUint16(start + 26, true)
  const local = bytes.subarray(nameAt, nameEnd)
  const open = (view.getUint16(start + 6, true) & DESCRIPTOR) !== 0
  const says = (field: number, value: number): boolean => {
    const found = view.getUint32(start + field, true)
    return found === value || found === ELSEWHERE || (open && found === 0)
  }
  const same =
    view.getUint16(start + 6, true) === declared.flags &&
    view.getUint16(start + 8, true) === declared.method &&
    says(14, declared.crc) &&
    says(18, declared.packed) &&
    says(22, declared.size) &&
    local.length === declared.nameBytes.length &&
    local.every((byte, i) => byte === declared.nameBytes[i])
  if (!same) refuseEntry(name, `has a header at byte ${start} that contradicts the directory`)
  return nameEnd + view.getUint16(start + 28, true)
}

/** Data that serve for several entries are how small files become large. */
function checkOverlap(entries: readonly (ZipEntry & { readonly start: number })[]): void {
  let at = 0
  for (const { name, start, end } of [...entries].sort((a, b) => a.start - b.start)) {
    if (start < at) refuseEntry(name, `overlaps another: begins at ${start}, before ${at}`)
    at = end
  }
}
