import { addScaled, type Affine, type Axis, axisIndex, coefficient, constIndex } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { call, type Element, literal, type Scalar, walk } from '../ir/scalar'
import { type FlatKernel, type FlatStore } from './flat'
import type { Hints } from './hints'
import { placeLets } from './lets'
import { loop } from './loops'
import { vectorLoop, vectorSpans } from './vector-nest'
import { type VectorLanes, vectorLanes } from './vectorize'

/** The kernel adds values at positions that are computed. */
export const isScatter = ({ stores }: FlatKernel): boolean => stores[0]?.scatter !== undefined

/**
 * Zeros, then a nest that adds each value where it falls. A factor that the inner loops do not move ends its point where it
 * is zero: most of what comes back through a relu is. `isWasm`: neighbours of the innermost axis go in vectors.
 */
export function scatterNest(kernel: FlatKernel, hints: Hints, isWasm: boolean): Stmt[] {
  const { axes } = kernel
  const store = kernel.stores[0] as FlatStore & Required<Pick<FlatStore, 'scatter'>>
  const { offset, slab } = store.scatter
  const depthOf = (axis: Axis): number => axes.indexOf(axis) + 1
  const before: Element = {
    kind: 'element',
    dtype: store.value.dtype,
    from: store.to,
    at: { index: store.at, offset },
    lanes: 1,
  }
  const factor = invariantFactor(store.value, axes)
  const keep = new Set<Scalar>([offset, ...(factor ? [factor] : [])])
  const { roots, lets } = placeLets(
    [call('add', before, store.value), offset, ...(factor ? [factor] : [])],
    { depthOf, depth: axes.length, hints, keep },
  )
  const [sum, at, guard] = roots as [Scalar, Scalar, Scalar?]
  const add: Stmt = { kind: 'store', to: store.to, at: { index: store.at, offset: at }, value: sum, lanes: 1 }
  const innermost = axes.at(-1)
  const lanes = isWasm && innermost ? vectorLanes(kernel, innermost) : undefined
  const guardDepth = factor ? depthOfFactor(factor, depthOf) : -1
  let body: Stmt[] = [...lets[axes.length]!, add]
  for (let d = axes.length; d >= 1; d--) {
    if (guard && d === guardDepth && d < axes.length) {
      const differs = call('ne', guard, literal(0, guard.dtype))
      body = [{ kind: 'if', condition: differs, body }]
    }
    const own = d === axes.length ? body : [...lets[d]!, ...body]
    const axis = axes[d - 1]!
    const inside = d === 1 && isSlab(store, axis, slab) ? [...fill(store.to, slab, axis, isWasm), ...own] : own
    body = d === axes.length && lanes ? inVectors(axis, inside, lanes) : [loop(axis, inside)]
  }
  const outside = axes[0] && isSlab(store, axes[0], slab) ? [] : fill(store.to, store.to.buffer.size, undefined, isWasm)
  return [...outside, ...lets[0]!, ...body]
}

/** Each point of an axis has a stretch of the result for itself. */
const isSlab = ({ at, to }: FlatStore, axis: Axis, slab: number): boolean =>
  coefficient(at, axis) === slab && axis.extent * slab === to.buffer.size

function inVectors(axis: Axis, body: readonly Stmt[], lanes: VectorLanes): Stmt[] {
  const { main, tail, rest } = vectorSpans(axis.extent, lanes, true)
  const spans = [
    { from: 0, to: main },
    { from: main, to: main + tail },
  ]
  return [
    ...spans.flatMap(({ from, to }) => (to > from ? vectorLoop(axis, body, { from, to, step: lanes }, lanes) : [])),
    ...(rest > 0 ? [loop(axis, body, { from: axis.extent - rest, to: axis.extent, step: 1 })] : []),
  ]
}

/** Zeros in a whole buffer, or in the stretch of it that belongs to a point of an axis. */
function fill(to: Param, size: number, along: Axis | undefined, isWasm: boolean): Stmt[] {
  const axis: Axis = { name: 'z', extent: size, kind: 'space' }
  const index: Affine = along ? addScaled(axisIndex(axis), axisIndex(along), size) : addScaled(axisIndex(axis), constIndex(0), 1) // prettier-ignore
  const zero: Stmt = { kind: 'store', to, at: { index }, value: literal(0, to.buffer.dtype), lanes: 1 }
  const lanes = to.buffer.dtype === 'float64' ? 2 : 4
  return isWasm && size >= lanes ? inVectors(axis, [zero], lanes) : [loop(axis, [zero])]
}

/** A factor of a product that the innermost loop does not move. */
function invariantFactor(value: Scalar, axes: readonly Axis[]): Scalar | undefined {
  const innermost = axes.at(-1)
  if (!innermost || value.kind !== 'call' || value.fn !== 'mul') return undefined
  return value.args.find((a) => !walk([a]).some((s) => s.kind === 'element' && coefficient(s.at.index, innermost) !== 0))
}

const depthOfFactor = (factor: Scalar, depthOf: (axis: Axis) => number): number =>
  walk([factor]).reduce(
    (deepest, s) => (s.kind === 'element' ? Math.max(deepest, ...[...s.at.index.terms.keys()].map(depthOf)) : deepest),
    0,
  )
