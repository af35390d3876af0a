/** Unsigned whole numbers of 64 bits, as hash functions have them. */
export const wrap = (x: bigint): bigint => BigInt.asUintN(64, x)
export const rotateLeft = (x: bigint, by: bigint): bigint => wrap((x << by) | (x >> (64n - by)))
export const rotateRight = (x: bigint, by: bigint): bigint => wrap((x >> by) | (x << (64n - by)))
export const mixed = (x: bigint): bigint => x ^ (x >> 47n)

/** The bytes of a text; hashes are those of bytes. */
export const bytesOf = (text: string): DataView => new DataView(new TextEncoder().encode(text).buffer)
