import { GraphError } from '../ir/errors'
import { threefry2x32 } from '../ir/threefry'

/** A stream of random numbers: every call takes the next ones. */
export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-24 and so exact in float32. */
  uniform(): number
  /** Standard normal: mean 0, standard deviation 1. */
  normal(): number
  /** Standard normal without its tails: redrawn until within [-2, 2], which leaves a deviation of 0.8796. */
  truncatedNormal(): number
}

const WORD = 2 ** 32
const CUT = 2

/**
 * The stream of a name under a seed, which is any safe integer. The numbers are a function of the seed, the name and
 * their index in the stream, and of nothing else: a variable keeps its initial values when others are added, removed
 * or initialised in another order. Two names, like two seeds, give unrelated streams. `uniform` is the same on every
 * engine; the normals rest on the engine's logarithm, sine and cosine, which may differ in the last bit of a double.
 */
export function randomStream(seed: number, name: string): Random {
  const word = wordsOf(seed, name)
  // Half a step off the grid of 2^32: never 0 or 1, so that the logarithm below is finite and no normal is 0.
  const open = (): number => ((word() >>> 0) + 0.5) / WORD
  // An array of one, because a captured number that is not an integer would be a new object with every value.
  const spare = new Float64Array(1)
  let spared = false

  /** Box and Muller (1958): a point of the plane by radius and angle; its coordinates are two independent normals. */
  const normal = (): number => {
    spared = !spared
    if (!spared) return spare[0]!
    const radius = Math.sqrt(-2 * Math.log(open()))
    const angle = 2 * Math.PI * open()
    spare[0] = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  const truncatedNormal = (): number => {
    for (;;) {
      const value = normal()
      if (Math.abs(value) <= CUT) return value
    }
  }

  return { uniform: () => (word() >>> 8) * 2 ** -24, normal, truncatedNormal }
}

/**
 * Word i is half i mod 2 of block floor(i / 2); the seed and the name fill the key and what the index leaves free.
 * Words are int32 here, for engines keep small integers out of the heap and uint32 is too large for that.
 */
function wordsOf(seed: number, name: string): () => number {
  if (!Number.isSafeInteger(seed)) throw new GraphError(`a random seed must be a safe integer, not ${seed}`)
  const hash = hashOf(name)
  const key0 = seed >>> 0
  const key1 = Number(hash & 0xffff_ffffn)
  const counter1 = (Number(hash >> 32n) ^ Math.floor(seed / WORD)) >>> 0
  const words = new Int32Array(2)
  let block = 0
  let half = 1
  return () => {
    half ^= 1
    if (half === 1) return words[1]!
    const [first, second] = threefry2x32(key0, key1, block++, counter1)
    words[1] = second
    return first | 0
  }
}

/**
 * FNV-1a with 64 bits. It is short and fully specified over bytes, so that another implementation can find the same
 * stream, and need not scatter well, for Threefry does that: names must only not collide. With 64 bits two of a
 * million names do with a probability of 3e-8; 32 bits would give one in ten thousand for a thousand names.
 */
export function hashOf(name: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n)
  }
  return hash
}
