// Messages in the wire format of protocol buffers. Source: protobuf.dev/programming-guides/encoding.

/** The bytes of some fields, one after the other. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(fields.reduce((size, f) => size + f.length, 0))
  let at = 0
  for (const field of fields) {
    all.set(field, at)
    at += field.length
  }
  return all
}

/** A whole number from 0 in groups of seven bits, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = []
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Uint8Array.of(...bytes, value)
}
const head = (field: number, kind: 0 | 1 | 2): Uint8Array => varint(field * 8 + kind)

export const intField = (field: number, value: number): Uint8Array => message(head(field, 0), varint(value))

export const doubleField = (field: number, value: number): Uint8Array => message(head(field, 1), littleEndian([value]))

export const bytesField = (field: number, value: Uint8Array): Uint8Array =>
  message(head(field, 2), varint(value.length), value)

export const textField = (field: number, value: string): Uint8Array =>
  bytesField(field, new TextEncoder().encode(value))

/** Numbers of 8 bytes. */
export function littleEndian(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8))
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true)
  return new Uint8Array(view.buffer)
}
