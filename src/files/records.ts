import { crcBy } from '../formats/crc'
import { message } from './protobuf'

/** CRC-32C (Castagnoli). Source: RFC 3720, B.4. */
export const crc32c = crcBy(0x82f63b78)

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
