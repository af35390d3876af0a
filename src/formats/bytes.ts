import { GraphError } from '../ir/errors'

/** Refuses what are no bytes of a file, as an ArrayBuffer: whoever reads it further would find a file of another kind. */
export function requireBytes(what: string, bytes: unknown): asserts bytes is Uint8Array {
  if (bytes instanceof Uint8Array) return
  const kind =
    bytes === null ? 'null' : typeof bytes === 'object' ? (bytes?.constructor?.name ?? 'an object') : typeof bytes
  const wrap = bytes instanceof ArrayBuffer ? '; pass new Uint8Array(buffer)' : ''
  throw new GraphError(`${what}: the bytes of the file are needed in a Uint8Array, got ${kind}${wrap}`)
}

/** Refuses what is no Map, as a record. */
export function requireMap(what: string, given: unknown): asserts given is ReadonlyMap<string, unknown> {
  if (given instanceof Map) return
  throw new GraphError(`${what}: a Map by name is needed, such as new Map(Object.entries(record))`)
}
