// What Random123 xors into the third word of the key schedule, so that it is not zero where the key is.
export const PARITY = 0x1bd11bda
/** How far the second word is rotated in each round; they repeat. */
export const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const

/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64 bits whose values at counters 0, 1, 2, ... are random bits.
 * Being a function of key and counter alone, it has no state to carry or to share.
 *
 * All words are uint32: non-negative numbers below 2^32, in the arguments and in the result.
 *
 * Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): readonly [number, number] {
  let x0 = (counter0 + key0) | 0
  let x1 = (counter1 + key1) | 0
  // The key schedule cycles through three words, of which these are the next three.
  let k0 = key1 | 0
  let k1 = PARITY ^ key0 ^ key1
  let k2 = key0 | 0
  // Eight rounds to a turn, for the rotations repeat after eight, and the last turn has four. They are written out
  // because amounts that are constants make one instruction each: this is most of the time an initialiser takes.
  for (let keys = 1; ; keys += 2) {
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
    x0 = (x0 + k0) | 0
    x1 = (x1 + k1 + keys) | 0
    if (keys === 5) return [x0 >>> 0, x1 >>> 0]
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
    x0 = (x0 + x1) | 0
    x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
    x0 = (x0 + k1) | 0
    x1 = (x1 + k2 + keys + 1) | 0
    const first = k0
    k0 = k2
    k2 = k1
    k1 = first
  }
}
