/** A cyclic redundancy check of 32 bits, by its polynomial with the bits reversed. */
export function crcBy(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let c = byte
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1
    return c
  })
  return (bytes) => {
    let c = 0xffffffff
    for (const byte of bytes) c = table[(c ^ byte) & 0xff]! ^ (c >>> 8)
    return (c ^ 0xffffffff) >>> 0
  }
}

/** The check of zip and gzip. Source: RFC 1952, 8. */
export const crc32 = crcBy(0xedb88320)
