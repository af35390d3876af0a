import { GraphError } from '../../ir/errors'
import { sizeOf } from '../../ir/type'
import { shaped } from './host'

export type HostEncoding = 'int' | 'oneHot' | 'multiHot' | 'count' | 'tfIdf'
export type HostResult = (Int32Array | Float32Array) & { readonly shape: readonly number[] }

/**
 * Indices as numbers for a graph: as they are, or as rows of `depth` numbers, as `categoryEncoding` makes them. What is
 * undefined leaves a row without it. `weights` are those of `tfIdf`, one for each index.
 */
export function encodedHost(
  indices: readonly (number | undefined)[],
  shape: readonly number[],
  mode: HostEncoding,
  depth: number,
  weights?: ArrayLike<number>,
): HostResult {
  if (mode === 'int') return shaped(Int32Array.from(indices, (i) => i ?? 0), shape) // prettier-ignore
  const isColumn = shape.length > 1 && shape.at(-1) === 1
  const rows = mode === 'oneHot' && !isColumn ? shape : shape.slice(0, -1)
  const perRow = sizeOf(rows) === 0 ? 0 : indices.length / sizeOf(rows)
  const data = new Float32Array(sizeOf(rows) * depth)
  indices.forEach((index, i) => {
    if (index === undefined) return
    const at = Math.floor(i / perRow) * depth + index
    if (mode === 'count') data[at]! += 1
    else if (mode === 'tfIdf') data[at]! += weights![index]!
    else data[at] = 1
  })
  return shaped(data, [...rows, depth])
}

export function refuseSparse(where: string, sparse: boolean): void {
  if (sparse) throw new GraphError(`${where}: results here are dense; leave sparse out`)
}
