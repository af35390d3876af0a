import { crcBy } from '../formats/crc'

/** CRC-32C (Castagnoli). Source: RFC 3720, B.4. */
export const crc32c = crcBy(0x82f63b78)

/** The form in which checksums stand beside what they check. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0

/** A record as files of TensorFlow frame it: length, checksum of the length, bytes, checksum of the bytes. */
export function framed(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 16)
  const view = new DataView(out.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint32(8, masked(crc32c(out.subarray(0, 8))), true)
  out.set(bytes, 12)
  view.setUint32(12 + bytes.length, masked(crc32c(bytes)), true)
  return out
}
