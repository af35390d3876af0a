import { addScaled, type Affine, type Axis, axisIndex, coefficient, constIndex, shiftIndex } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { call, type Element, indexValue, literal, mapScalars, type Scalar, walk } from '../ir/scalar'
import { bytesOf } from '../ir/type'
import { type FlatKernel, type FlatStore, shiftScalars } from './flat'
import type { Hints } from './hints'
import { type Placed, placeLets } from './lets'
import { loop, type Span, split } from './loops'
import { vectorLoop, vectorSpans } from './vector-nest'
import { type VectorLanes, vectorLanes } from './vectorize'

type ScatterStore = FlatStore & Required<Pick<FlatStore, 'scatter'>>

/** Vectors a turn: as many as leave registers for what is added to. */
const UNROLL = 4

/** The kernel adds values at positions that are computed. */
export const isScatter = ({ stores }: FlatKernel): boolean => stores[0]?.scatter !== undefined

/**
 * The first value everywhere, then a nest that adds (or combines) each value where it falls. Where factors are often zero, one that the inner loops do not move
 * ends its point. `isWasm`: neighbours of the innermost axis go in vectors, where they fall side by side.
 */
export function scatterNest(kernel: FlatKernel, hints: Hints, isWasm: boolean): Stmt[] {
  const { axes } = kernel
  const store = kernel.stores[0] as ScatterStore
  const depth = axes.length
  const depthOf = (axis: Axis): number => axes.indexOf(axis) + 1
  const factor = store.scatter.isSparse ? invariantFactor(store.value, axes) : undefined
  const { offset, at } = hoisted(store, depthOf)
  const keep = new Set([offset, ...(factor ? [factor] : [])])
  const placed: Placed = new Map()
  const fixed = placeLets([offset, store.value], { depthOf, depth, hints, keep }, placed)
  const outside = fixed.made.filter((m) => m.depth < depth)
  const known = new Map(outside.map(({ scalar }) => [scalar, placed.get(scalar)!]))
  const guard = factor && known.get(factor)
  const [first] = axes
  const isSplit = first !== undefined && isSlab(store, first, store.scatter.slab)

  /** Adds at points that lie `by` apart along the innermost axis. */
  const adds = (count: number, by: number): Stmt[] =>
    Array.from({ length: count }, (_, u): Stmt[] => {
      const shift = new Map(axes.length > 0 ? [[axes.at(-1)!, u * by]] : [])
      const [value, moved] = mapScalars([store.value, offset], shiftScalars(shift), new Map(known)) as [Scalar, Scalar]
      const { roots, lets } = placeLets([moved, value], { depthOf, depth, hints, keep: new Set([moved]) })
      const position = { index: shiftIndex(at, shift), offset: roots[0]! }
      const before: Element = { kind: 'element', dtype: value.dtype, from: store.to, at: position, lanes: 1 }
      return [
        ...lets.flat(),
        { kind: 'store', to: store.to, at: position, value: call(store.scatter.combine, before, roots[1]!), lanes: 1 },
      ]
    }).flat()
  const isAnywhere = deepest(offset, depthOf) === depth
  const lanes = isWasm && depth > 0 && !isAnywhere ? vectorLanes(kernel, axes[depth - 1]!) : undefined
  const guardDepth = factor && guard ? deepest(factor, depthOf) : -1
  let body: Stmt[] = depth === 0 ? adds(1, 0) : []
  for (let d = depth; d >= 1; d--) {
    const axis = axes[d - 1]!
    if (guard && d === guardDepth && d < depth) {
      body = [{ kind: 'if', condition: call('ne', guard, literal(0, guard.dtype)), body }]
    }
    const own = d < depth ? [...fixed.lets[d]!, ...body] : body
    const inside = d === 1 && isSplit ? [...fill(store, store.scatter.slab, axis, isWasm), ...own] : own
    const whole = (span: Span, added: readonly Stmt[]): Stmt => loop(axis, [...inside, ...added], span)
    if (d < depth) body = [loop(axis, inside)]
    else if (!lanes) body = [whole({ from: 0, to: axis.extent, step: 1 }, adds(1, 1))]
    else body = inVectors(axis, lanes, store.to, (count) => [...inside, ...adds(count, lanes)])
  }
  const ahead = depth > 0 ? fixed.lets[0]! : []
  return [...(isSplit ? [] : fill(store, store.scatter.size, undefined, isWasm)), ...ahead, ...body]
}

/** What the outer loops add to a position joins what is computed of it, where that is known. */
function hoisted(
  { at, scatter }: ScatterStore,
  depthOf: (axis: Axis) => number,
): { readonly offset: Scalar; readonly at: Affine } {
  const known = deepest(scatter.offset, depthOf)
  const outer = [...at.terms].filter(([axis]) => depthOf(axis) <= known)
  if (outer.length === 0) return { offset: scatter.offset, at }
  const inner = [...at.terms].filter(([axis]) => depthOf(axis) > known)
  const moved = indexValue({ base: at.base, terms: new Map(outer) })
  return { offset: call('add', moved, scatter.offset), at: { base: 0, terms: new Map(inner) } }
}

/** Each point of an axis has a stretch of the result for itself. */
const isSlab = ({ at, scatter }: ScatterStore, axis: Axis, slab: number): boolean =>
  coefficient(at, axis) === slab && axis.extent * slab === scatter.size

/** Several vectors a turn, then single ones, then what is left point by point. */
function inVectors(
  axis: Axis,
  lanes: VectorLanes,
  { buffer }: Param,
  body: (count: number) => readonly Stmt[],
): Stmt[] {
  const { main, tail, rest } = vectorSpans(axis.extent, lanes, bytesOf(buffer.dtype) > 1)
  const turns = split(main / lanes, UNROLL)
  return [
    ...turns.flatMap(({ from, to, step }) =>
      vectorLoop(axis, body(step), { from: from * lanes, to: to * lanes, step: step * lanes }, lanes),
    ),
    ...(tail > 0 ? vectorLoop(axis, body(1), { from: main, to: main + tail, step: lanes }, lanes) : []),
    ...(rest > 0 ? [loop(axis, body(1), { from: axis.extent - rest, to: axis.extent, step: 1 })] : []),
  ]
}

/** The first value in a whole result, or in the stretch of it that belongs to a point of an axis. */
function fill({ to, scatter }: ScatterStore, size: number, along: Axis | undefined, isWasm: boolean): Stmt[] {
  const axis: Axis = { name: 'z', extent: size, kind: 'space' }
  const start = along ? addScaled(scatter.start, axisIndex(along), size) : scatter.start
  const first = (count: number, by: number): Stmt[] =>
    Array.from({ length: count }, (_, u) => {
      const index = addScaled(addScaled(start, axisIndex(axis), 1), constIndex(u * by), 1)
      return { kind: 'store', to, at: { index }, value: literal(scatter.init, to.buffer.dtype), lanes: 1 }
    })
  const lanes = to.buffer.dtype === 'float64' ? 2 : 4
  return isWasm && size >= lanes
    ? inVectors(axis, lanes, to, (count) => first(count, lanes))
    : [loop(axis, first(1, 1))]
}

/** A factor of a product that the innermost loop does not move. */
function invariantFactor(value: Scalar, axes: readonly Axis[]): Scalar | undefined {
  const innermost = axes.at(-1)
  if (!innermost || value.kind !== 'call' || value.fn !== 'mul') return undefined
  return value.args.find(
    (a) => !walk([a]).some((s) => s.kind === 'element' && coefficient(s.at.index, innermost) !== 0),
  )
}

/** The innermost loop that a scalar changes in. */
const deepest = (scalar: Scalar, depthOf: (axis: Axis) => number): number =>
  walk([scalar]).reduce((depth, s) => {
    const axes = s.kind === 'element' ? [...s.at.index.terms.keys()] : s.kind === 'axis' ? [s.axis] : []
    return Math.max(depth, ...axes.map(depthOf))
  }, 0)
