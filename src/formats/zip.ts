import { checkKeys } from '../ir/names-of'
import { requireMap } from './bytes'
import { crc32 } from './crc'
import { FormatError } from './error'
import { checkLevel, type DeflateLevel, inflate, inflateLimit, type InflateOptions, loadFflate } from './inflate'
import {
  CENTRAL,
  CENTRAL_BYTES,
  checkEntryName,
  DEFLATED,
  END,
  END_BYTES,
  LOCAL,
  LOCAL_BYTES,
  type Naming,
  readDirectory,
  refuseEntry,
  STORED,
  UNICODE,
} from './zip-directory'

const FORMAT = 'zip'
// What is needed to read deflated files: 2.0.
const VERSION = 20
// The first day that the format can express, so that the same content is the same file.
const DATE = (1 << 5) | 1
const MOST = 0xffffffff - 1

/** A file in an archive; `read` gives a copy of its bytes, whose size and checksum are checked. */
export interface ZipFile {
  readonly name: string
  readonly size: number
  /** The bytes of the file, inflated now. Throws a FormatError where they are not in order. */
  read(): Uint8Array<ArrayBuffer>
}

/**
 * The files of a zip archive that nobody vouches for. Sizes are checked before anything is inflated, and an entry stops where
 * it holds more than it declares. Rejects with FormatError for everything that is not exactly in order, for names that lead out
 * of the archive and for more than `maxBytes` in all. Needs the package fflate where an entry is compressed.
 */
export const openZip = (bytes: Uint8Array, options: InflateOptions = {}): Promise<ZipFile[]> => opened(bytes, options)

export async function opened(bytes: Uint8Array, options: InflateOptions, naming?: Naming): Promise<ZipFile[]> {
  const limit = inflateLimit(FORMAT, bytes, options)
  const entries = readDirectory(bytes, naming)
  const total = entries.reduce((sum, { size }) => sum + size, 0)
  if (total > limit) throw new FormatError(FORMAT, `the entries declare ${total} bytes, more than maxBytes, ${limit}`)
  const fflate = entries.some((entry) => entry.deflated) ? await loadFflate('zip') : undefined
  return entries.map(({ name, deflated, crc, size, begin, end }) => ({
    name,
    size,
    read: () => {
      const data = bytes.subarray(begin, end)
      const refuse = (what: string, cause?: unknown): never => refuseEntry(name, what, cause)
      const out = deflated ? inflate(fflate!, data, size, refuse) : new Uint8Array(data)
      return crc32(out) === crc ? out : refuse('has another checksum than declared')
    },
  }))
}

/** All files of a zip archive by name. As `openZip`, whose limits and errors it has. */
export async function readZip(
  bytes: Uint8Array,
  options: InflateOptions = {},
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  return new Map((await openZip(bytes, options)).map((file) => [file.name, file.read()]))
}

/** Options of `writeZip`. */
export interface ZipOptions {
  /** From 0, stored as it is, the default, to 9. Above 0 the package fflate is needed. */
  readonly level?: DeflateLevel
}

/** A zip archive of these files, in their order. Rejects with FormatError for names and sizes that could not be read back. */
export const writeZip = (
  files: ReadonlyMap<string, Uint8Array>,
  options: ZipOptions = {},
): Promise<Uint8Array<ArrayBuffer>> => written(files, options)

export async function written(
  files: ReadonlyMap<string, Uint8Array>,
  options: ZipOptions,
  naming?: Naming,
): Promise<Uint8Array<ArrayBuffer>> {
  requireMap(FORMAT, files)
  checkKeys(FORMAT, options, ['level'])
  const { level = 0 } = options
  checkLevel(FORMAT, level)
  const fflate = level > 0 ? await loadFflate('zip') : undefined
  const entries = [...files].map(([name, bytes]) => {
    checkEntryName(name, naming)
    const packed = fflate ? fflate.deflateSync(bytes, { level }) : bytes
    return { name: new TextEncoder().encode(name), bytes, packed, crc: crc32(bytes) }
  })
  const sizes = entries.map(({ name, packed }) => LOCAL_BYTES + name.length + packed.length)
  const directory = sizes.reduce((sum, size) => sum + size, 0)
  const end = entries.reduce((at, { name }) => at + CENTRAL_BYTES + name.length, directory)
  if (end > MOST || entries.length >= 0xffff || entries.some(({ bytes }) => bytes.length > MOST))
    throw new FormatError(FORMAT, 'an archive of 4 GiB or 65535 files would need zip64, which is not written')
  const out = new Uint8Array(end + END_BYTES)
  const view = new DataView(out.buffer)
  let [local, central] = [0, directory]
  for (const { name, bytes, packed, crc } of entries) {
    view.setUint32(local, LOCAL, true)
    view.setUint32(central, CENTRAL, true)
    view.setUint16(central + 4, VERSION, true)
    // From here to the length of the name both headers have the same fields.
    for (const at of [local + 4, central + 6]) {
      ;[VERSION, UNICODE, level > 0 ? DEFLATED : STORED, 0, DATE].forEach((v, i) => view.setUint16(at + 2 * i, v, true))
      ;[crc, packed.length, bytes.length].forEach((value, i) => view.setUint32(at + 10 + 4 * i, value, true))
      view.setUint16(at + 22, name.length, true)
    }
    view.setUint32(central + 42, local, true)
    out.set(name, local + LOCAL_BYTES)
    out.set(packed, local + LOCAL_BYTES + name.length)
    out.set(name, central + CENTRAL_BYTES)
    local += LOCAL_BYTES + name.length + packed.length
    central += CENTRAL_BYTES + name.length
  }
  view.setUint32(end, END, true)
  ;[entries.length, entries.length].forEach((count, i) => view.setUint16(end + 8 + 2 * i, count, true))
  view.setUint32(end + 12, end - directory, true)
  view.setUint32(end + 16, directory, true)
  return out
}
