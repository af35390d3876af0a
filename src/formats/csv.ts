import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import {
  cellReader,
  columnBuilder,
  type CsvColumns,
  type CsvRow,
  type CsvTable,
  type ReadCell,
  refuseCell,
} from './csv-columns'
import { gotText } from './bytes'
import { FormatError, quoted } from './error'
import { loadPackage } from './package'

type Chunk = string | Uint8Array
/** What is needed of a `ReadableStream`, so that these types ask for no library of a browser. */
export interface ChunkStream {
  /** Reads it piece by piece. */
  getReader(): ChunkReader
}
/** What is needed of the reader of a stream. */
export interface ChunkReader {
  /** The next piece, or that there is none. */
  read(): Promise<{ readonly done: boolean; readonly value?: Chunk | undefined }>
  /** Lets others read the stream. */
  releaseLock(): void
}
/** Text or the bytes of it in UTF-8, whole or in pieces: what `fetch` gives as `body` and Node as a stream of a file, too. */
export type CsvSource = Chunk | Iterable<Chunk> | AsyncIterable<Chunk> | ChunkStream

/** Options of `csv` and `readCsv`. */
export interface CsvOptions<C extends CsvColumns> {
  /** The columns that are read, by the names in the header; others are left out. */
  readonly columns: C
  /** True, the default, where the first row has the names; a list of all names where no row has them. */
  readonly header?: true | readonly string[]
  /** Between cells; a comma by default. */
  readonly delimiter?: string
  /** Stands for cells that are empty, NA, NaN or null where there should be a number; without it they are refused. */
  readonly missing?: number
  /** How many bytes a row may have; 1 MiB by default. */
  readonly maxRowBytes?: number
}

const FORMAT = 'csv'
const PACKAGE = 'csv-parse'
const OPTIONS = ['columns', 'header', 'delimiter', 'missing', 'maxRowBytes']
const MAX_ROW = 2 ** 20
// What the parser gets at a time, whose rows then wait in memory.
const PIECE = 2 ** 16
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13]

/** What we use of the package. */
interface CsvParse {
  parse(options: object): { readonly readable: ReadableStream<string[]>; readonly writable: WritableStream<Uint8Array> }
}

/**
 * The rows of a CSV file (RFC 4180), one at a time, however large it is: records of numbers and strings by the names of the
 * columns. Rejects with FormatError, with row and column, for cells that are not what their column is, rows that are longer or
 * shorter than others, quotes that do not close, names that are missing or twice, text that is no UTF-8 and rows that have too
 * many bytes. Rows are counted from 1, the header included. Needs the package csv-parse.
 */
export async function* csv<const C extends CsvColumns>(
  source: CsvSource,
  options: CsvOptions<C>,
): AsyncGenerator<CsvRow<C>, void, undefined> {
  const { columns, header = true, missing } = checked(options)
  requireSource(source)
  const readers = Object.entries(columns).map(([name, type]) => [name, cellReader(name, type, missing)] as const)
  let places = header === true ? undefined : placesOf(header, readers, 0)
  let width = header === true ? undefined : header.length
  let row = 0
  for await (const cells of recordsOf(source, options)) {
    row++
    if (!places) places = placesOf(cells, readers, row)
    else if (cells.length !== width)
      throw new FormatError(FORMAT, `row ${row} has ${cells.length} cells, not ${width}`, `row ${row}`)
    else {
      const entries = readers.map(([name, read], i) => [name, read(cells[places![i]!]!, row)] as const)
      yield Object.fromEntries(entries) as CsvRow<C>
    }
    width ??= cells.length
  }
  if (!places) throw new FormatError(FORMAT, 'the file is empty: it has no header', 'row 1')
}

/** The columns of a whole CSV file: typed arrays, and lists of strings for text. As `csv`, whose options and errors it has. */
export async function readCsv<const C extends CsvColumns>(
  source: CsvSource,
  options: CsvOptions<C>,
): Promise<CsvTable<C>> {
  const builders = Object.entries(checked(options).columns).map(([name, type]) => [name, columnBuilder(type)] as const)
  for await (const row of csv(source, options)) for (const [name, { push }] of builders) push(row[name]!)
  return Object.fromEntries(builders.map(([name, { done }]) => [name, done()])) as CsvTable<C>
}

function checked<C extends CsvColumns>(options: CsvOptions<C>): CsvOptions<C> {
  checkKeys(FORMAT, options, OPTIONS)
  const { columns, header = true, missing, maxRowBytes = MAX_ROW, delimiter = ',' } = options
  if (typeof columns !== 'object' || columns === null || Object.keys(columns).length === 0)
    throw new GraphError(`${FORMAT}: columns must name what is read, such as { x: 'float32' }`)
  const isNames = Array.isArray(header) && header.every((name) => typeof name === 'string')
  if (header !== true && !isNames)
    throw new GraphError(`${FORMAT}: header must be true, or the list of all names where no row has them`)
  if (missing !== undefined && typeof missing !== 'number')
    throw new GraphError(`${FORMAT}: missing must be a number, it is ${String(missing)}`)
  const whole = Object.entries(columns).find(([, type]) => type === 'int32')
  if (missing !== undefined && whole && (missing | 0) !== missing)
    throw new GraphError(`${FORMAT}: missing is ${missing}, which the int32 column ${quoted(whole[0])} cannot hold`)
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new GraphError(`${FORMAT}: the delimiter must be one character, neither a quote nor the end of a line`)
  if (!Number.isSafeInteger(maxRowBytes) || maxRowBytes < 1)
    throw new GraphError(`${FORMAT}: maxRowBytes must be a whole number from 1, it is ${String(maxRowBytes)}`)
  return options
}

/** Refuses what gives neither text nor bytes, as an ArrayBuffer. */
function requireSource(source: unknown): void {
  if (typeof source === 'string') return
  if (typeof source === 'object' && source && (Symbol.asyncIterator in source || Symbol.iterator in source)) return
  throw new GraphError(`${FORMAT}: text or bytes are needed, whole or in pieces, got ${gotText(source)}`)
}

/** Where each column that is read stands in a row. */
function placesOf(names: readonly string[], readers: readonly (readonly [string, ReadCell])[], row: number): number[] {
  return readers.map(([name]) => {
    const place = names.indexOf(name)
    if (place < 0) refuseCell(row, name, `is missing; the file has ${quoted(names.join(', '))}`)
    if (names.indexOf(name, place + 1) >= 0) refuseCell(row, name, 'is there for the second time')
    return place
  })
}

async function* recordsOf(
  source: CsvSource,
  { delimiter = ',', maxRowBytes = MAX_ROW }: { readonly delimiter?: string; readonly maxRowBytes?: number },
): AsyncGenerator<string[], void, undefined> {
  const { parse } = (await loadPackage(`${PACKAGE}/stream`, FORMAT)) as CsvParse
  const { readable, writable } = parse({
    bom: true,
    delimiter,
    max_record_size: maxRowBytes,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
  })
  const [reader, writer] = [readable.getReader(), writable.getWriter()]
  const feeding = feed(source, maxRowBytes, writer)
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
  } catch (error) {
    if (!isCsvError(error)) throw error
    throw new FormatError(FORMAT, error.message.slice(0, 300), `row ${error.records + 1}`, { cause: error })
  } finally {
    await reader.cancel().catch(() => {})
    await feeding
  }
}

const isCsvError = (error: unknown): error is Error & { readonly records: number } =>
  error instanceof Error && error.constructor.name === 'CsvError'

/** Never rejects: what goes wrong comes out where rows are read. */
async function feed(
  source: CsvSource,
  maxRowBytes: number,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of piecesOf(source, maxRowBytes)) await writer.write(piece)
    await writer.close()
  } catch (error) {
    await writer.abort(error).catch(() => {})
  }
}

/** Bytes in pieces, once they are known to be UTF-8 and to have no endless line, which no parser could put down. */
async function* piecesOf(source: CsvSource, maxRowBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const whole = typeof source === 'string' || source instanceof Uint8Array
  let [at, line] = [0, 0]
  const textBytes = textEncoder()
  for await (const chunk of whole ? [source] : (source as AsyncIterable<Chunk>)) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
      throw new GraphError(`${FORMAT}: the source must give text or bytes, it gives ${typeof chunk}`)
    const bytes = typeof chunk === 'string' ? textBytes(chunk, at) : chunk
    // Of a character whose first half was the end of a text the second is no byte.
    if (bytes === chunk) textBytes('', at, true)
    for (let begin = 0; begin < bytes.length; begin += PIECE) {
      const piece = bytes.subarray(begin, begin + PIECE)
      checkUtf8(utf8, piece, at)
      line = lineLength(piece, line, maxRowBytes, at)
      at += piece.length
      yield piece
    }
  }
  textBytes('', at, true)
  checkUtf8(utf8, undefined, at)
}

/** Encodes a text in pieces: of a character that two of them share the first half waits for the second. */
function textEncoder(): (piece: string, at: number, isEnd?: boolean) => Uint8Array {
  const utf8 = new TextEncoder()
  let held = ''
  return (piece, at, isEnd = false) => {
    const text = held + piece
    held = isEnd ? '' : (/[\uD800-\uDBFF]$/.exec(text)?.[0] ?? '')
    const whole = text.slice(0, text.length - held.length)
    if (/\p{Surrogate}/u.test(whole))
      throw new FormatError(FORMAT, `the text has half of a character, a lone surrogate, near byte ${at}`, at)
    return utf8.encode(whole)
  }
}

function checkUtf8(utf8: TextDecoder, piece: Uint8Array | undefined, at: number): void {
  try {
    utf8.decode(piece, { stream: piece !== undefined })
  } catch (cause) {
    throw new FormatError(FORMAT, `the text is no UTF-8 near byte ${at}`, at, { cause })
  }
}

/** How long the line is that a piece leaves open. */
function lineLength(piece: Uint8Array, open: number, most: number, at: number): number {
  let begin = -open
  for (let i = 0; i <= piece.length; i++) {
    if (i < piece.length && piece[i] !== LINE_FEED && piece[i] !== CARRIAGE_RETURN) continue
    if (i - begin > most)
      throw new FormatError(FORMAT, `a row has more than ${most} bytes, near byte ${at + i}`, at + i)
    if (i < piece.length) begin = i + 1
  }
  return piece.length - begin
}
