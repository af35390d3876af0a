import { FormatError } from '../error'

/** Wire types. Groups, which nothing uses any more, are refused. Source: protobuf.dev/programming-guides/encoding. */
export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads the wire format of protobuf from a part of a file that nobody vouches for. Every length is held against what is
 * left of the part before anything is made of it. Throws a FormatError with the offset in the file.
 */
export class WireReader {
  private readonly view: DataView

  constructor(
    readonly format: string,
    readonly bytes: Uint8Array,
    private at = 0,
    private readonly end = bytes.length,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.at === this.end
  }

  get offset(): number {
    return this.at
  }

  /** A field number and the wire type of what follows. */
  tag(): { readonly id: number; readonly wire: number } {
    const start = this.at
    const tag = this.unsigned()
    if (tag < 8 || tag > 0xffffffff) this.fail('no field number', start)
    return { id: Math.floor(tag / 8), wire: tag % 8 }
  }

  /** Exact up to 2 ** 53 and rounded beyond. */
  unsigned(): number {
    const [low, high] = this.varint()
    return high * 2 ** 32 + low
  }

  signed(): number {
    const [low, high] = this.varint()
    return (high | 0) * 2 ** 32 + low
  }

  float(): number {
    return this.view.getFloat32(this.take(4), true)
  }

  double(): number {
    return this.view.getFloat64(this.take(8), true)
  }

  /** The part that a length says. Not a copy. */
  part(): WireReader {
    const start = this.at
    const length = this.unsigned()
    if (length > this.end - this.at)
      this.fail(`a length of ${length} where ${this.end - this.at} bytes are left`, start)
    return new WireReader(this.format, this.bytes, this.take(length), this.at)
  }

  /** The bytes of a part. */
  rest(): Uint8Array {
    return this.bytes.subarray(this.at, this.end)
  }

  text(): string {
    try {
      return UTF8.decode(this.rest())
    } catch {
      return this.fail('text that is no UTF-8')
    }
  }

  skip(wire: number): void {
    if (wire === VARINT) this.varint()
    else if (wire === FIXED64) this.take(8)
    else if (wire === BYTES) this.part()
    else if (wire === FIXED32) this.take(4)
    else this.fail(`the wire type ${wire}, which is of no use`)
  }

  fail(what: string, at = this.at): never {
    throw new FormatError(this.format, `${what} at byte ${at}`, at)
  }

  private take(count: number): number {
    const start = this.at
    if (count > this.end - start) this.fail(`the end, ${count} bytes before it is due,`)
    this.at += count
    return start
  }

  /** Both halves of 64 bits. */
  private varint(): readonly [low: number, high: number] {
    const start = this.at
    let [low, high] = [0, 0]
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at === this.end) this.fail('the end within a number', start)
      const byte = this.bytes[this.at++]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return [low >>> 0, high >>> 0]
    }
    return this.fail('a number of more than ten bytes', start)
  }
}

/** Writes the wire format of protobuf. */
export class WireWriter {
  private readonly parts: Uint8Array[] = []
  private size = 0

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.size)
    let at = 0
    for (const part of this.parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  tag(id: number, wire: number): void {
    this.varint(id * 8 + wire)
  }

  /** A whole number within ±2 ** 53; a negative one takes ten bytes. */
  varint(value: number): void {
    let low = value >>> 0
    let high = Math.floor(value / 2 ** 32) >>> 0
    const out: number[] = []
    while (high > 0 || low > 0x7f) {
      out.push((low & 0x7f) | 0x80)
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    this.raw(Uint8Array.of(...out, low))
  }

  float(value: number): void {
    this.raw(new Uint8Array(Float32Array.of(value).buffer))
  }

  double(value: number): void {
    this.raw(new Uint8Array(Float64Array.of(value).buffer))
  }

  part(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.raw(bytes)
  }

  private raw(bytes: Uint8Array): void {
    this.parts.push(bytes)
    this.size += bytes.length
  }
}
