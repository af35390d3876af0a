import type { Nested } from '../../api/leaf'
import { GraphError } from '../../ir/errors'
import { showShape, sizeOf } from '../../ir/type'
import { flattenNested } from '../../ops/leaf'

/** Numbers outside of graphs: nested arrays, a typed array [n], or one that has a shape as results of programs do. */
export type HostNumbers = Nested | (ArrayLike<number> & { readonly shape?: readonly number[] })
/** What a layer learns from: an array, or batches of them. */
export type HostData = HostNumbers | Iterable<HostNumbers>

export interface HostArray {
  readonly shape: readonly number[]
  readonly values: ArrayLike<number>
}

/** Shape and values. Throws a GraphError for what is no array of numbers. */
export function hostArray(where: string, x: unknown): HostArray {
  if (typeof x === 'number' || Array.isArray(x)) {
    // Rows may be typed arrays themselves.
    const rows = Array.isArray(x) && ArrayBuffer.isView(x[0]) ? x.map((r) => Array.from(r as ArrayLike<number>)) : x
    return flattenNested(where, rows)
  }
  if (!ArrayBuffer.isView(x) || x instanceof DataView)
    throw new GraphError(`${where}: expected numbers: nested arrays, or a typed array, with its shape if it has one`)
  const values = x as unknown as ArrayLike<number> & { readonly shape?: readonly number[] }
  const shape = values.shape ?? [values.length]
  if (sizeOf(shape) !== values.length)
    throw new GraphError(`${where}: ${values.length} values do not fill shape ${showShape(shape)}`)
  return { shape, values }
}

/** The batches of what a layer learns from; one array is one batch. Throws a GraphError where there are none. */
export function* batchesOf(where: string, data: unknown): Generator<HostArray> {
  const isMany =
    typeof data === 'object' && data !== null && !Array.isArray(data) && !ArrayBuffer.isView(data) && Symbol.iterator in data // prettier-ignore
  let count = 0
  for (const batch of isMany ? (data as Iterable<unknown>) : [data]) {
    count++
    yield hostArray(where, batch)
  }
  if (count === 0) throw new GraphError(`${where}: there are no batches to learn from`)
}

/** A typed array that knows its shape, as results of programs do. */
export const shaped = <T extends Float32Array | Int32Array>(
  data: T,
  shape: readonly number[],
): T & { readonly shape: readonly number[] } => Object.assign(data, { shape: [...shape] })
