import { type Affine, type Axis, axisIndex, coefficient, constIndex, substitute } from '../ir/affine'
import { type Scalar, walk } from '../ir/scalar'
import { type FlatKernel, mapKernel, moveAxes } from './flat'

/**
 * Joins neighbouring axes into one longer loop wherever every access walks through both without a gap. Axes whose value
 * is used by itself stay.
 */
export function mergeAxes(kernel: FlatKernel): FlatKernel {
  let current = kernel
  for (const side of ['axes', 'reduceAxes'] as const) {
    for (let i = current[side].length - 2; i >= 0; i--) current = mergePair(current, side, i)
  }
  return current
}

function mergePair(kernel: FlatKernel, side: 'axes' | 'reduceAxes', i: number): FlatKernel {
  const outer = kernel[side][i]!
  const inner = kernel[side][i + 1]!
  const { positions, bare } = accesses(kernel)
  if (bare.has(outer) || bare.has(inner)) return kernel
  if (!positions.every((p) => coefficient(p, outer) === coefficient(p, inner) * inner.extent)) return kernel
  const merged: Axis = { ...outer, extent: outer.extent * inner.extent }
  // outer * extent + inner = merged: outer disappears and inner takes its place.
  const map = new Map<Axis, Affine>([
    [outer, constIndex(0)],
    [inner, axisIndex(merged)],
  ])
  const moved = mapKernel(kernel, moveAxes(map))
  return {
    ...moved,
    [side]: [...kernel[side].slice(0, i), merged, ...kernel[side].slice(i + 2)],
    stores: moved.stores.map((s) => ({ ...s, at: substitute(s.at, map) })),
  }
}

function accesses(kernel: FlatKernel): { positions: Affine[]; bare: Set<Axis> } {
  const scalars: readonly Scalar[] = [
    ...kernel.accumulators.map((a) => a.body),
    ...kernel.values.map((v) => v.value),
    ...kernel.stores.flatMap((s) => (s.scatter ? [s.scatter.offset] : [])),
  ]
  const positions = kernel.stores.map((s) => s.at)
  const bare = new Set<Axis>()
  for (const s of walk(scalars)) {
    if (s.kind === 'element') positions.push(s.at.index)
    if (s.kind === 'axis') bare.add(s.axis)
  }
  return { positions, bare }
}
