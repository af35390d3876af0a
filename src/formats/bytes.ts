import { GraphError } from '../ir/errors'
import { classText } from '../ir/names-of'

/** Refuses what are no bytes of a file, as an ArrayBuffer: whoever reads it further would find a file of another kind. */
export function requireBytes(what: string, bytes: unknown): asserts bytes is Uint8Array {
  if (bytes instanceof Uint8Array) return
  throw new GraphError(`${what}: the bytes of the file are needed in a Uint8Array, got ${gotText(bytes)}`)
}

/** What came in the place of bytes, and what to make of it. */
export const gotText = (given: unknown): string =>
  `${classText(given)}${given instanceof ArrayBuffer ? '; pass new Uint8Array(buffer)' : ''}`

/** Refuses what is no Map, as a record. */
export function requireMap(what: string, given: unknown): asserts given is ReadonlyMap<string, unknown> {
  if (given instanceof Map) return
  throw new GraphError(`${what}: a Map by name is needed, such as new Map(Object.entries(record))`)
}
