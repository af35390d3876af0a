import type { Spec, Specs } from '../api/types'
import { FeedError, GraphError } from '../ir/errors'
import { requireRecord } from '../ir/names-of'
import { type Data, showShape, sizeOf } from '../ir/type'
import { measured, ownShape } from './fill'

export type Bindings = ReadonlyMap<string, number>

export const dimNames = (specs: Specs): string[] => [
  ...new Set(Object.values(specs).flatMap((s) => s.dims.filter((d): d is string => typeof d === 'string'))),
]

/** The extents that a record gives named dimensions. Throws a GraphError where one is missing or no whole number from 0. */
export function bindingsOf(what: string, dims: readonly string[], given: Readonly<Record<string, number>>): Bindings {
  requireRecord(what, 'bindings', given)
  const missing = dims.filter((d) => !Object.hasOwn(given, d))
  if (missing.length > 0) throw new GraphError(`${what}: bindings lack ${missing.map((d) => `"${d}"`).join(', ')}`)
  return new Map(
    dims.map((d) => {
      const extent: unknown = given[d]
      if (Number.isSafeInteger(extent) && (extent as number) >= 0) return [d, extent as number]
      throw new GraphError(`${what}: dimension "${d}" must be a whole number from 0, it is ${String(extent)}`)
    }),
  )
}

/** What is fed under a name; every object has a `constructor` without being fed one. */
export const feedOf = (feeds: Readonly<Record<string, unknown>>, name: string): unknown =>
  name in Object.prototype && !Object.hasOwn(feeds, name) ? undefined : feeds[name]

/** Values of named dimensions read off the feeds of one call. */
export function inferBindings(
  entry: string,
  specs: Specs,
  feeds: Readonly<Record<string, unknown>>,
  current?: Bindings,
): Bindings {
  const bindings = new Map<string, number>()
  const open = new Map(Object.entries(specs))
  const label = (name: string, spec: Spec): string =>
    `input "${name}" of entry "${entry}" expects ${spec.dtype}[${spec.dims.join(', ')}]`
  // Inputs whose shape is visible bind first; lengths of flat arrays then settle what is left.
  for (const [name, spec] of open) {
    const shape = visibleShape(label(name, spec), feedOf(feeds, name))
    if (!shape) continue
    // Nothing can be seen below an empty array: [] is no samples, of whatever size they are.
    const isCut = Array.isArray(feedOf(feeds, name)) && shape.at(-1) === 0 && shape.length < spec.dims.length
    if (shape.length !== spec.dims.length && !isCut)
      throw new FeedError(`${label(name, spec)}, got shape [${shape.join(', ')}]`)
    shape.forEach((extent, i) => bind(bindings, spec.dims[i]!, extent, label(name, spec)))
    open.delete(name)
  }
  for (let progress = true; progress && open.size > 0;) {
    progress = false
    for (const [name, spec] of open) {
      const value = feedOf(feeds, name)
      if (!ArrayBuffer.isView(value)) {
        open.delete(name)
        continue
      }
      const unknown = spec.dims.filter((d) => typeof d === 'string' && !bindings.has(d))
      if (new Set(unknown).size > 1 || unknown.length > 1) continue
      const known = spec.dims.reduce<number>(
        (product, d) => product * (typeof d === 'number' ? d : (bindings.get(d) ?? 1)),
        1,
      )
      const { length } = value as Float32Array
      if (unknown.length === 1) {
        if (!Number.isInteger(length / known) && known > 0)
          throw new FeedError(`${label(name, spec)}, got ${length} values: not a multiple of ${known}`)
        if (length === 0 && isDetached(value))
          throw new FeedError(`${label(name, spec)}, got an array whose buffer was handed on`)
        bindings.set(unknown[0] as string, known === 0 ? 0 : length / known)
      }
      open.delete(name)
      progress = true
    }
  }
  for (const name of dimNames(specs)) {
    const known = bindings.get(name) ?? current?.get(name)
    if (known === undefined) {
      const missing = Object.keys(specs).find((k) => feedOf(feeds, k) === undefined && specs[k]!.dims.includes(name))
      throw new FeedError(
        missing === undefined
          ? `entry "${entry}": dimension "${name}" cannot be told from the feeds; feed nested arrays or arrays with a shape`
          : `${label(missing, specs[missing]!)}, got nothing: the input is missing`,
      )
    }
    bindings.set(name, known)
  }
  return bindings
}

/** Node 20 has no other way to ask whether the buffer went to another thread. */
function isDetached({ buffer }: ArrayBufferView): boolean {
  try {
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

function bind(bindings: Map<string, number>, dim: number | string, extent: number, label: string): void {
  if (typeof dim === 'number') {
    if (dim !== extent) throw new FeedError(`${label}, got the extent ${extent} where ${dim} is needed`)
    return
  }
  const before = bindings.get(dim)
  if (before !== undefined && before !== extent)
    throw new FeedError(`${label}: dimension "${dim}" is ${before} in one feed and ${extent} here`)
  bindings.set(dim, extent)
}

function visibleShape(label: string, value: unknown): readonly number[] | undefined {
  if (!ArrayBuffer.isView(value)) return Array.isArray(value) ? measured(value) : undefined
  const { length } = value as Data
  const shape = ownShape(label, value)
  if (shape && sizeOf(shape) !== length)
    throw new FeedError(`${label}, got ${length} values that say their shape is ${showShape(shape)}`)
  return shape
}

export const bindingKey = (bindings: Bindings): string =>
  [...bindings]
    .map(([name, n]) => `${name}=${n}`)
    .sort()
    .join(', ')
