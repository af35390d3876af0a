import { GraphError } from '../ir/errors'

/** Throws for an option that does not exist, and for a count that is no whole number from 1. */
export function checkOptions(what: string, options: object, known: readonly string[], counts: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new GraphError(`${what}: the options must be an object, they are ${String(options)}`)
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw new GraphError(`${what}: unknown option "${key}"; known are ${known.join(', ')}`)
  for (const key of counts) {
    const value = (options as Readonly<Record<string, unknown>>)[key]
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 1))
      throw new GraphError(`${what}: ${key} must be a whole number from 1, it is ${String(value)}`)
  }
}
