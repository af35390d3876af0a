/** Numbers from 0 up to 1 that a seed and the number of a file determine, so that any file can be made again alone. */
export function randomFor(seed: number, index: number): () => number {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: () => number, limit: number): number => Math.floor(random() * limit)
export const oneOf = <T>(random: () => number, list: readonly T[]): T => list[below(random, list.length)]!
