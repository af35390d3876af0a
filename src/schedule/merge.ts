import { addScaled, type Affine, type Axis, axisIndex, coefficient, constIndex, substitute } from '../ir/affine'
import { int, type Scalar, walk } from '../ir/scalar'
import { MOST_POSITIONS } from '../ir/type'
import { type FlatKernel, mapKernel, moveAxes, rootsOf } from './flat'

/**
 * Joins neighbouring axes into one longer loop wherever every access walks through both without a gap, and so does every
 * index whose value is used by itself.
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
  // Threads divide the stretches that belong to the points of the first axis.
  if (i === 0 && kernel.stores.some((s) => s.scatter && coefficient(s.at, outer) === s.scatter.slab)) return kernel
  if (outer.extent * inner.extent > MOST_POSITIONS) return kernel
  const positions = accesses(kernel)
  if (!positions.every((p) => coefficient(p, outer) === coefficient(p, inner) * inner.extent)) return kernel
  const merged: Axis = { ...outer, extent: outer.extent * inner.extent }
  // outer * extent + inner = merged: outer disappears and inner takes its place.
  const map = new Map<Axis, Affine>([
    [outer, constIndex(0)],
    [inner, axisIndex(merged)],
  ])
  const move = moveAxes(map)
  const moved = mapKernel(kernel, (s) => move(s) ?? simplified(s))
  return {
    ...moved,
    [side]: [...kernel[side].slice(0, i), merged, ...kernel[side].slice(i + 2)],
    stores: moved.stores.map((s) => ({ ...s, at: substitute(s.at, map) })),
  }
}

/** Every position, and every index whose value is used by itself. */
function accesses(kernel: FlatKernel): Affine[] {
  const roots = rootsOf(kernel)
  const positions = kernel.stores.map((s) => s.at)
  const indices = new Map<Scalar, Affine>()
  const parts = new Set<Scalar>()
  for (const s of walk(roots)) {
    if (s.kind === 'element') positions.push(s.at.index)
    const index = indexOf(s, indices)
    if (!index) continue
    indices.set(s, index)
    if (s.kind === 'call') s.args.forEach((a) => parts.add(a))
  }
  // What is part of a longer index may be used beside it, too.
  const used = new Set<Scalar>(roots)
  for (const s of walk(roots)) if (s.kind === 'call' && !indices.has(s)) s.args.forEach((a) => used.add(a))
  indices.forEach((index, s) => {
    if (index.terms.size > 0 && (used.has(s) || !parts.has(s))) positions.push(index)
  })
  return positions
}

/** Beyond it, int32 wraps and an index does not. */
const LARGEST = 2 ** 31

/** A scalar as an index, where it is one: axes, whole numbers, and sums and multiples of what is known to be one. */
function indexOf(s: Scalar, known: ReadonlyMap<Scalar, Affine>): Affine | undefined {
  if (s.kind === 'axis') return axisIndex(s.axis)
  if (s.kind === 'const') return s.dtype === 'int32' ? constIndex(s.value) : undefined
  if (s.kind !== 'call' || s.dtype !== 'int32' || (s.fn !== 'add' && s.fn !== 'mul')) return undefined
  const [a, b] = s.args.map((x) => known.get(x))
  if (!a || !b) return undefined
  const sum = s.fn === 'add' ? addScaled(a, b, 1) : b.terms.size === 0 ? addScaled(constIndex(0), a, b.base) : undefined
  const fits = sum && Math.abs(sum.base) < LARGEST && [...sum.terms.values()].every((k) => Math.abs(k) < LARGEST)
  return fits ? sum : undefined
}

/** An index of which an axis has become 0, in its shortest form. */
function simplified(s: Scalar): Scalar | undefined {
  if (s.kind !== 'call' || s.dtype !== 'int32' || (s.fn !== 'add' && s.fn !== 'mul')) return undefined
  const isZero = (x: Scalar): boolean => x.kind === 'const' && x.value === 0
  const [a, b] = s.args as readonly [Scalar, Scalar]
  if (s.fn === 'mul') return isZero(a) || isZero(b) ? int(0) : undefined
  return isZero(a) ? b : isZero(b) ? a : undefined
}
