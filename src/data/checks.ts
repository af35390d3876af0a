import { GraphError } from '../ir/errors'

export function checkCount(what: string, name: string, value: unknown, least: 0 | 1, orInfinity = false): void {
  const fits = Number.isSafeInteger(value) || (orInfinity && value === Infinity)
  if (fits && (value as number) >= least) return
  const want = `a whole number from ${least}${orInfinity ? ', or Infinity' : ''}`
  throw new GraphError(`${what}: ${name} must be ${want}, it is ${String(value)}`)
}

export function checkFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new GraphError(`${what}: a function is needed, it is ${typeof value}`)
}

export function checkSeed(what: string, seed: unknown): void {
  if (!Number.isSafeInteger(seed)) throw new GraphError(`${what}: seed must be a safe integer, it is ${String(seed)}`)
}
