import { GraphError } from '../../ir/errors'
import { sameShape, showShape, sizeOf } from '../../ir/type'
import type { HostArray } from './host'

export interface Moments {
  /** Extents of the axes that were kept. */
  readonly shape: readonly number[]
  readonly mean: Float64Array
  readonly variance: Float64Array
  /** Of batches of how many elements each mean is. */
  readonly count: number
}

/** Mean and variance of all batches for each index of the kept axes, in float64. Source: Chan, Golub and LeVeque 1983. */
export function momentsOf(
  where: string,
  batches: Iterable<HostArray>,
  keptAxes: (batch: HostArray) => readonly number[],
): Moments {
  let total: { shape: readonly number[]; mean: Float64Array; spread: Float64Array; count: number } | undefined
  for (const batch of batches) {
    const kept = keptAxes(batch)
    const shape = kept.map((a) => batch.shape[a]!)
    if (total && !sameShape(total.shape, shape))
      throw new GraphError(`${where}: batches have ${showShape(total.shape)} and ${showShape(shape)} along kept axes`)
    total ??= { shape, mean: new Float64Array(sizeOf(shape)), spread: new Float64Array(sizeOf(shape)), count: 0 }
    const own = sizeOf(batch.shape) / Math.max(1, sizeOf(shape))
    if (own === 0) continue
    const cells = cellsOf(batch.shape, kept)
    const mean = new Float64Array(total.mean.length)
    const spread = new Float64Array(total.mean.length)
    cells.forEach((cell, i) => (mean[cell]! += batch.values[i]! / own))
    cells.forEach((cell, i) => (spread[cell]! += (batch.values[i]! - mean[cell]!) ** 2))
    const count = total.count + own
    for (let k = 0; k < mean.length; k++) {
      const apart = mean[k]! - total.mean[k]!
      total.spread[k]! += spread[k]! + (apart * apart * total.count * own) / count
      total.mean[k]! += (apart * own) / count
    }
    total.count = count
  }
  if (!total || total.count === 0) throw new GraphError(`${where}: there are no values to learn from`)
  const { shape, mean, spread, count } = total
  return { shape, mean, variance: spread.map((s) => s / count), count }
}

/** For each element the index that it has along the kept axes. */
function cellsOf(shape: readonly number[], kept: readonly number[]): Int32Array {
  const steps = shape.map((_, axis) => {
    const at = kept.indexOf(axis)
    return at === -1 ? 0 : sizeOf(kept.slice(at + 1).map((a) => shape[a]!))
  })
  const cells = new Int32Array(sizeOf(shape))
  const place = shape.map(() => 0)
  for (let i = 0, cell = 0; i < cells.length; i++) {
    cells[i] = cell
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      cell += steps[axis]!
      if (++place[axis]! < shape[axis]!) break
      cell -= steps[axis]! * shape[axis]!
      place[axis] = 0
    }
  }
  return cells
}
