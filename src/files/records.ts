import { message } from './protobuf'

const POLYNOMIAL = 0x82f63b78
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1
  return c
})

/** CRC-32C (Castagnoli). Source: RFC 3720, B.4. */
export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff]! ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

/** The form in which checksums stand beside what they check. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

function uint(size: 4 | 8, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(size))
  view.setUint32(0, value, true)
  return new Uint8Array(view.buffer)
}

/** A record as files of TensorFlow frame it: length, checksum of the length, bytes, checksum of the bytes. */
export function framed(bytes: Uint8Array): Uint8Array {
  const length = uint(8, bytes.length)
  return message(length, uint(4, masked(crc32c(length))), bytes, uint(4, masked(crc32c(bytes))))
}
