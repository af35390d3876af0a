import { GraphError } from './errors'

/** Refuses what is no seed: a whole number that float64 tells from its neighbours. */
export function requireSeed(what: string, seed: unknown): asserts seed is number {
  if (Number.isSafeInteger(seed)) return
  const shown = typeof seed === 'string' ? JSON.stringify(seed) : String(seed)
  throw new GraphError(`${what}: the seed must be a whole number below 2^53, it is ${shown}`)
}
