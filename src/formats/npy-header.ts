import { FormatError, quoted } from './error'
import { MAX_RANK } from './stored-tensor'

/** What stands before the values of an npy file. `begin` is where they lie. */
export interface NpyHeader {
  readonly descr: string
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  readonly begin: number
}

const FORMAT = 'npy'
export const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)
const PICKLE = 0x80
// Longer ones describe structured dtypes, which are refused.
const MAX_HEADER = 0xffff

/** Source: NumPy, numpy/lib/format.py, versions 1.0 to 3.0. */
export function readHeader(bytes: Uint8Array): NpyHeader {
  if (bytes[0] === PICKLE) throw new FormatError(FORMAT, 'the file looks like a pickle, which is never read', 0)
  if (MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new FormatError(FORMAT, 'the file does not begin as npy files do', 0)
  const [major, minor] = [bytes[6], bytes[7]]
  const width = major === 1 ? 2 : major === 2 || major === 3 ? 4 : 0
  const start = MAGIC.length + 2 + width
  if (bytes.length < start)
    throw new FormatError(FORMAT, `the file ends at byte ${bytes.length}, before its header`, bytes.length)
  if (width === 0 || minor !== 0)
    throw new FormatError(FORMAT, `the version is ${major}.${minor}, not 1.0, 2.0 or 3.0`, MAGIC.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, start)
  const length = width === 2 ? view.getUint16(8, true) : view.getUint32(8, true)
  const most = Math.min(bytes.length - start, MAX_HEADER)
  if (length > most)
    throw new FormatError(FORMAT, `the header length is ${length}, more than the ${most} bytes possible`, 8)
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length))
  return { ...new Literal(text, start).header(), begin: start + length }
}

/** Reads exactly the Python literal that a header may consist of; nothing is evaluated. */
class Literal {
  private at = 0
  constructor(
    private readonly text: string,
    private readonly start: number,
  ) {}

  header(): Omit<NpyHeader, 'begin'> {
    const fields: { descr?: string; fortranOrder?: boolean; shape?: number[] } = {}
    this.expect('{')
    while (!this.accept('}')) {
      const key = this.string()
      this.expect(':')
      if (key === 'descr' && fields.descr === undefined) fields.descr = this.descr()
      else if (key === 'fortran_order' && fields.fortranOrder === undefined) fields.fortranOrder = this.truth()
      else if (key === 'shape' && !fields.shape) fields.shape = this.shape()
      else this.fail(`the key ${quoted(key)}, unknown or for the second time`)
      if (this.accept('}')) break
      this.expect(',')
    }
    if (this.take(/$/y) === undefined) this.fail('more than one dictionary')
    const { descr, fortranOrder, shape } = fields
    if (descr !== undefined && fortranOrder !== undefined && shape) return { descr, fortranOrder, shape }
    return this.fail('not all of the keys descr, fortran_order and shape')
  }

  private descr(): string {
    if (this.accept('[') || this.accept('('))
      this.fail('a structured dtype, which is not read; save each field as an array')
    return this.string()
  }

  private truth(): boolean {
    return (this.take(/True\b|False\b/y) ?? this.fail('neither True nor False')) === 'True'
  }

  private shape(): number[] {
    const out: number[] = []
    this.expect('(')
    let open = true
    while (!this.accept(')')) {
      // Python 2 wrote long integers with an L.
      const digits = this.take(/(?:0|[1-9]\d{0,15})L?(?![\w.])/y)
      if (!open || digits === undefined || out.length === MAX_RANK) return this.fail('no extent that is possible')
      out.push(parseInt(digits, 10))
      open = this.accept(',')
    }
    // In Python `(3)` is a number.
    return out.length === 1 && !open ? this.fail('a shape that is no tuple') : out
  }

  private string(): string {
    return (this.take(/'[^'\\\n]*'|"[^"\\\n]*"/y) ?? this.fail('no string')).slice(1, -1)
  }

  private expect(token: string): void {
    if (!this.accept(token)) this.fail(`no ${token}`)
  }

  private accept(token: string): boolean {
    this.take(/[ \t\r\n]*/y)
    if (this.text[this.at] !== token) return false
    this.at++
    return true
  }

  private take(pattern: RegExp): string | undefined {
    const white = /[ \t\r\n]*/y
    white.lastIndex = this.at
    white.exec(this.text)
    pattern.lastIndex = white.lastIndex
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at = pattern.lastIndex
    return found
  }

  private fail(what: string): never {
    const at = this.start + this.at
    throw new FormatError(FORMAT, `the header has ${what} at byte ${at}`, at)
  }
}
