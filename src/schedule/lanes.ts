import type { Accumulator } from '../ir/block'
import type { Axis } from '../ir/affine'
import type { Local, Stmt } from '../ir/loop'
import { call, mapScalars, type Scalar } from '../ir/scalar'
import { internScalars, scalarInterner } from '../lower/intern'
import { type FlatKernel, localValue, makeLocal, shiftScalars } from './flat'
import { type Placed, placeLets } from './lets'
import { accumulate, guardedLoads, loop, nest, storeOf } from './loops'
import type { Hints } from './hints'
import { accumulatorLocals, declare, finish } from './nest'
import { roomForStore } from './width'
import { withPointers } from './pointers'

/** Independent accumulators, so that one addition does not wait for the one before. */
const LANES = 4

/** A reduction over one axis: four lanes side by side, a remainder, and the lanes combined at the end. */
export function lanedReduction(kernel: FlatKernel, hints: Hints): Stmt[] {
  const { axes, accumulators } = kernel
  const axis = kernel.reduceAxes[0]!
  const space = axes.length
  const loops = [...axes, axis]
  const depthOf = (a: Axis): number => loops.indexOf(a) + 1
  const placed: Placed = new Map()
  const main = axis.extent - (axis.extent % LANES)
  const lanes = Array.from({ length: LANES }, (_, u) => {
    const named = accumulatorLocals(accumulators, kernel, hints)
    return new Map([...named].map(([a, l]) => [a, u === 0 ? l : makeLocal(`${l.hint}${u}`, l.dtype)]))
  })
  const intern = scalarInterner()
  const outside: Stmt[][] = Array.from({ length: space + 1 }, () => [])
  const pass = (from: number, to: number, step: number, used: readonly ReadonlyMap<Accumulator, Local>[]): Stmt[] => {
    if (from >= to) return []
    const raw = used.flatMap((_, u) =>
      mapScalars(
        accumulators.map((a) => a.body),
        shiftScalars(new Map([[axis, u]])),
      ),
    )
    // A remainder starts in the middle, where a pointer would not: it multiplies instead.
    const { roots, inductions } = from === 0 ? withPointers(raw, axis) : { roots: raw, inductions: [] }
    const bodies = internScalars(roots, intern)
    const keep = new Set(
      accumulators.flatMap((a, i) =>
        a.combine === 'add' ? [] : used.map((_, u) => bodies[u * accumulators.length + i]!),
      ),
    )
    const { roots: values, lets, made } = placeLets(bodies, { depthOf, depth: space + 1, hints, keep }, placed)
    lets.slice(0, space + 1).forEach((list, d) => outside[d]!.push(...list))
    for (const { scalar, depth } of made) if (depth > space) placed.delete(scalar)
    const steps = used.flatMap((locals, u) =>
      accumulators.flatMap((a, i) => accumulate(a.combine, locals.get(a)!, values[u * accumulators.length + i]!)),
    )
    const scaled = inductions.map((p) => ({ ...p, step: p.step * step }))
    return [loop(axis, [...lets[space + 1]!, ...steps], { from, to, step }, scaled)]
  }
  const body = [...pass(0, main, LANES, lanes), ...pass(main, axis.extent, 1, lanes.slice(0, 1))]
  const combined = accumulators.map((a): Stmt => {
    const [first, ...rest] = lanes.map((l) => localValue(l.get(a)!))
    const value = rest.reduce<Scalar>((sum, v) => call(a.combine as 'add', sum, v), first!)
    return { kind: 'set', local: lanes[0]!.get(a)!, value }
  })
  const done = finish(kernel, lanes[0]!, hints, new Set())
  const guarded = guardedLoads(kernel, done.values)
  const room = kernel.stores.map((s) => roomForStore(s, space))
  const tail = placeLets(done.values, { depthOf, depth: space, hints: done.hints, keep: guarded, room }, placed)
  const vars = lanes.flatMap((l) => accumulators.map((a) => declare(a, l.get(a)!)))
  const lets = outside.map((list, d) => [...list, ...(d < space ? tail.lets[d]! : [])])
  const innermost = [
    ...outside[space]!,
    ...vars,
    ...body,
    ...combined,
    ...tail.lets[space]!,
    ...kernel.stores.map((s, i) => storeOf(s, tail.roots[i]!)),
  ]
  return nest(axes, lets.slice(0, space), innermost)
}

/** Long enough, and each accumulator may be split in lanes. */
export const suitsLanes = ({ reduceAxes, accumulators }: FlatKernel): boolean =>
  reduceAxes.length === 1 && reduceAxes[0]!.extent >= 4 * LANES && accumulators.every((a) => a.combine !== 'arg')
