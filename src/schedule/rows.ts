import { type Axis, coefficient } from '../ir/affine'
import type { Accumulator } from '../ir/block'
import type { Local, Stmt } from '../ir/loop'
import { axisValue, call, castTo, int, literal, mapScalars, type Scalar, walk } from '../ir/scalar'
import { internScalars, scalarInterner } from '../lower/intern'
import { CHAIN, reduceParts, type ReducePart, wrapPart } from './blocks'
import { type FlatKernel, localValue, makeLocal, shiftScalars } from './flat'
import type { Hints } from './hints'
import { type Placed, placeLets } from './lets'
import { accumulate, guardedLoads, loop, nest, storeOf } from './loops'
import { accumulatorLocals, declare, finish } from './nest'
import { vectorLoop } from './vector-nest'
import { vectorizer, type VectorLanes, vectorLanes } from './vectorize'
import { roomForStore } from './width'

const FOLD = { add: 'foldAdd', mul: 'foldMul', max: 'foldMax', min: 'foldMin' } as const
/** Vectors side by side, so that one addition does not wait for the one before. */
const UNROLL = 4

/** How many lanes a reduction along its innermost axis takes, where what it reads lies side by side there. */
export function rowLanes({ accumulators, reduceAxes }: FlatKernel): VectorLanes | undefined {
  const axis = reduceAxes.at(-1)
  if (!axis) return undefined
  const lanes = vectorLanes({ accumulators, stores: [] }, axis)
  if (!lanes || axis.extent < lanes) return undefined
  const moves = (s: Scalar): boolean => s.kind === 'element' && coefficient(s.at.index, axis) !== 0
  return walk(accumulators.map((a) => a.body)).some(moves) ? lanes : undefined
}

/**
 * A reduction in vectors along its innermost axis. What is left of a row is one vector more in which the lanes beyond the
 * end count for nothing. Long float32 sums are added up in float64, a stretch at a time.
 */
export function rowReduction(kernel: FlatKernel, lanes: VectorLanes, hints: Hints): Stmt[] {
  const { axes, accumulators } = kernel
  const space = axes.length
  const innermost = kernel.reduceAxes.at(-1)!
  const unroll = innermost.extent >= UNROLL * lanes * 2 ? UNROLL : 1
  const parts = reduceParts(kernel, CHAIN.sum, lanes * unroll)
  const isLong = parts[0]!.around.length > 0
  const named = [...accumulatorLocals(accumulators, kernel, hints).values()]
  const finals = named.map((l, k) => (isLong && isWide(accumulators[k]!) ? makeLocal(l.hint, 'float64') : l))
  const placed: Placed = new Map()
  const outside: Stmt[][] = Array.from({ length: space + 1 }, () => [])
  const before: Stmt[] = accumulators.map((a, k) => ({
    kind: 'var',
    local: finals[k]!,
    value: literal(a.init, finals[k]!.dtype),
  }))
  const body = parts.flatMap((part) => {
    const { sums, statements } = writePart(part, { axes, lanes, unroll, hints, placed, outside })
    const flush = accumulators.map((a, k): Stmt => {
      const final = finals[k]!
      const value = call(a.combine as 'add', localValue(final), castTo(final.dtype, sums[k]!))
      return { kind: 'set', local: final, value }
    })
    return wrapPart(part, [...statements, ...flush])
  })
  const narrow = finals.map((l, k) => (l.dtype === named[k]!.dtype ? l : named[k]!))
  const back = narrow.flatMap((l, k): Stmt[] =>
    l === finals[k] ? [] : [{ kind: 'let', local: l, value: castTo(l.dtype, localValue(finals[k]!)) }],
  )
  const done = finish(kernel, new Map(accumulators.map((a, k) => [a, narrow[k]!])), hints, new Set())
  const depthOf = (a: Axis): number => axes.indexOf(a) + 1
  const guarded = guardedLoads(kernel, done.values)
  const room = kernel.stores.map((s) => roomForStore(s, space))
  const tail = placeLets(done.values, { depthOf, depth: space, hints: done.hints, keep: guarded, room }, placed)
  const lets = outside.map((list, d) => [...list, ...(d < space ? tail.lets[d]! : [])])
  const stores = kernel.stores.map((s, i) => storeOf(s, tail.roots[i]!))
  const inner = [...outside[space]!, ...before, ...body, ...back, ...tail.lets[space]!, ...stores]
  return nest(axes, lets.slice(0, space), inner)
}

const isWide = ({ combine, dtype }: Accumulator): boolean => combine === 'add' && dtype === 'float32'

interface Writing {
  readonly axes: readonly Axis[]
  readonly lanes: VectorLanes
  readonly unroll: number
  readonly hints: Hints
  readonly placed: Placed
  readonly outside: readonly Stmt[][]
}

/** One part in vectors; `sums` are its folded accumulators. */
function writePart(
  { accumulators, reduceAxes, around }: ReducePart,
  { axes, lanes, unroll, hints, placed, outside }: Writing,
): { readonly sums: Scalar[]; readonly statements: Stmt[] } {
  const axis = reduceAxes.at(-1)!
  const space = axes.length
  const loops = [...axes, ...around.map((a) => a.axis), ...reduceAxes]
  const depthOf = (a: Axis): number => loops.indexOf(a) + 1
  const vectors = vectorizer(axis, lanes)
  const intern = scalarInterner()
  const locals = Array.from({ length: unroll }, (_, u) =>
    accumulators.map((a) => makeLocal(u === 0 ? 'part' : `part${u}`, a.dtype)),
  )
  const used = axis.extent >= lanes * unroll ? unroll : 1
  const declared = vectors.body(locals.slice(0, used).flatMap((l) => accumulators.map((a, k) => declare(a, l[k]!))))
  const levels: Stmt[][] = loops.map(() => [])
  const pass = (from: number, to: number, count: number, live: number): Stmt[] => {
    if (from >= to) return []
    const raw = Array.from({ length: count }, (_, u) =>
      mapScalars(
        accumulators.map((a) => (live < lanes ? masked(a, axis, to) : a.body)),
        shiftScalars(new Map([[axis, u * lanes]])),
      ),
    ).flat()
    const bodies = internScalars(raw, intern)
    const { roots, lets, made } = placeLets(bodies, { depthOf, depth: loops.length, hints }, placed)
    lets.slice(0, -1).forEach((list, d) => (d <= space ? outside[d]! : levels[d]!).push(...list))
    for (const { scalar, depth } of made) if (depth > space) placed.delete(scalar)
    const sets = locals
      .slice(0, count)
      .flatMap((l, u) =>
        accumulators.flatMap((a, k) => accumulate(a.combine, l[k]!, roots[u * accumulators.length + k]!)),
      )
    return vectorLoop(axis, [...lets.at(-1)!, ...sets], { from, to, step: lanes * count }, lanes, { vectors })
  }
  const wide = axis.extent - (axis.extent % (lanes * used))
  const main = axis.extent - (axis.extent % lanes)
  // Positions are compared as int32, of which there are four in a vector.
  const canMask = lanes === 4
  const vector = [
    ...pass(0, wide, used, lanes),
    ...(used > 1 ? pass(wide, main, 1, lanes) : []),
    ...(canMask ? pass(main, axis.extent, 1, axis.extent - main) : []),
  ]
  const sums = accumulators.map((a, k) => {
    const all = locals.slice(0, used).map((l) => localValue(vectors.vectorOf(l[k]!)!))
    const joined = all.reduce((x, y) => call(a.combine as 'add', x, y))
    return call(FOLD[a.combine as keyof typeof FOLD], joined)
  })
  const folded = sums.map((s) => makeLocal('row', s.dtype))
  const fold = folded.map((local, k): Stmt => ({ kind: 'var', local, value: sums[k]! }))
  const rest = canMask || main === axis.extent ? [] : restOf(accumulators, reduceAxes, main, { into: folded, hints })
  let inner = vector
  for (let d = reduceAxes.length - 2; d >= 0; d--)
    inner = [loop(reduceAxes[d]!, [...levels[space + around.length + d + 1]!, ...inner])]
  const outer = levels.slice(space + 1, space + around.length + 1).flat()
  return { sums: folded.map(localValue), statements: [...outer, ...declared, ...inner, ...fold, ...rest] }
}

/** Lanes beyond the end change nothing. */
const masked = ({ body, init, dtype }: Accumulator, axis: Axis, end: number): Scalar =>
  call('select', call('lt', axisValue(axis), int(end)), body, literal(init, dtype))

/** The last points of each row one by one. */
function restOf(
  accumulators: readonly Accumulator[],
  axes: readonly Axis[],
  from: number,
  { into, hints }: { readonly into: readonly Local[]; readonly hints: Hints },
): Stmt[] {
  const axis = axes.at(-1)!
  const bodies = accumulators.map((a) => a.body)
  // They are few: what does not change in this loop may stay in it.
  const { roots, lets } = placeLets(bodies, { depthOf: () => 1, depth: 1, hints })
  const sets = accumulators.flatMap((a, k) => accumulate(a.combine, into[k]!, roots[k]!))
  const rest = loop(axis, [...lets.flat(), ...sets], { from, to: axis.extent, step: 1 })
  return axes.slice(0, -1).reduceRight<Stmt[]>((inner, outer) => [loop(outer, inner)], [rest])
}
