/** Bytes of a module or a function, in a buffer that doubles when it is full. */
export class ByteWriter {
  private data: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity = 256) {
    this.data = new Uint8Array(capacity)
  }

  byte(value: number): void {
    if (this.length === this.data.length) this.reserve(1)
    this.data[this.length++] = value
  }

  /** Unsigned LEB128 of an integer from 0 to 2^32-1. */
  unsigned(value: number): void {
    if (value >>> 0 !== value) throw new Error(`${value} is not an unsigned 32-bit integer`)
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80)
    this.byte(rest)
  }

  /** Signed LEB128 of an integer from -2^31 to 2^31-1. */
  signed(value: number): void {
    if ((value | 0) !== value) throw new Error(`${value} is not a signed 32-bit integer`)
    let rest = value
    // The last byte carries the sign in bit 6, so 64 needs a second byte where unsigned 64 would not.
    for (; rest < -0x40 || rest > 0x3f; rest >>= 7) this.byte((rest & 0x7f) | 0x80)
    this.byte(rest & 0x7f)
  }

  raw(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.data.length) this.reserve(bytes.length)
    this.data.set(bytes, this.length)
    this.length += bytes.length
  }

  /** A count of bytes, and the bytes. */
  sized(bytes: Uint8Array): void {
    this.unsigned(bytes.length)
    this.raw(bytes)
  }

  text(value: string): void {
    this.sized(new TextEncoder().encode(value))
  }

  /** What was written so far; good until more is. */
  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length)
  }

  private reserve(more: number): void {
    const data = new Uint8Array(Math.max(2 * this.data.length, this.length + more))
    data.set(this.view())
    this.data = data
  }
}
