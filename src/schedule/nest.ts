import type { Accumulator, Combine } from '../ir/block'
import type { Local, Stmt } from '../ir/loop'
import { call, literal, mapScalars, type Scalar } from '../ir/scalar'
import { type FlatKernel, localValue, makeLocal } from './flat'
import type { Hints } from './hints'
import { type Placed, placeLets } from './lets'
import { roomForStore } from './width'
import { accumulate, guardedLoads, loop, nest, storeOf } from './loops'

/** Textbook loops: spatial axes outside, reduced axes inside, one accumulator each. */
export function plainNest(kernel: FlatKernel, hints: Hints, keep: ReadonlySet<Scalar>): Stmt[] {
  const { axes, reduceAxes, accumulators } = kernel
  const space = axes.length
  const depth = space + reduceAxes.length
  const order = [...axes, ...reduceAxes]
  const depthOf = (axis: (typeof order)[number]): number => order.indexOf(axis) + 1
  const placed: Placed = new Map()
  const locals = accumulatorLocals(accumulators, kernel, hints)

  const bodies = placeLets(
    accumulators.map((a) => a.body),
    { depthOf, depth, hints, keep: valuesUsedTwice(accumulators) },
    placed,
  )
  const steps = accumulateAll(accumulators, bodies.roots, locals)
  let inner: Stmt[] = steps
  for (let d = depth; d > space; d--) inner = [loop(order[d - 1]!, [...bodies.lets[d]!, ...inner])]
  const reduction =
    accumulators.length === 0
      ? []
      : [...bodies.lets[space]!, ...accumulators.map((a) => declare(a, locals.get(a)!)), ...inner]

  const finished = finish(kernel, locals, hints, keep)
  const guarded = guardedLoads(kernel, finished.values)
  const tail = placeLets(
    finished.values,
    {
      depthOf,
      depth: space,
      hints: finished.hints,
      keep: new Set([...finished.keep, ...guarded]),
      room: kernel.stores.map((s) => roomForStore(s, space)),
    },
    placed,
  )
  const stores = kernel.stores.map((s, i) => storeOf(s, tail.roots[i]!))
  const outer = Array.from({ length: space }, (_, d) => [
    ...(accumulators.length ? bodies.lets[d]! : []),
    ...tail.lets[d]!,
  ])
  return nest(axes, outer, [...reduction, ...tail.lets[space]!, ...stores])
}

const ACCUMULATOR: Readonly<Record<Combine, string>> = {
  add: 'total',
  mul: 'product',
  max: 'best',
  min: 'best',
  arg: 'at',
}

export function accumulatorLocals(
  accumulators: readonly Accumulator[],
  kernel: FlatKernel,
  hints: Hints,
): Map<Accumulator, Local> {
  return new Map(
    accumulators.map((a) => {
      const named = kernel.values.find((v) => v.value.kind === 'acc' && v.value.of === a)
      const isStored = named && kernel.stores.some((s) => s.tensor === named.tensor)
      const hint = named && !isStored && a.combine === 'add' ? hints.get(named.value) : undefined
      return [a, makeLocal(hint ?? ACCUMULATOR[a.combine], a.dtype)]
    }),
  )
}

export const declare = (a: Accumulator, local: Local): Stmt => ({ kind: 'var', local, value: literal(a.init, a.dtype) })

/** An arg accumulator and its maximum change together, under one condition. */
export function accumulateAll(
  accumulators: readonly Accumulator[],
  values: readonly Scalar[],
  locals: ReadonlyMap<Accumulator, Local>,
): Stmt[] {
  const followed = new Set(accumulators.flatMap((a) => a.of ?? []))
  return accumulators.flatMap((a, i): Stmt[] => {
    const value = values[i]!
    if (followed.has(a)) return []
    if (!a.of) return accumulate(a.combine, locals.get(a)!, value)
    const best = locals.get(a.of)!
    const candidate = values[accumulators.indexOf(a.of)]!
    const now = localValue(best)
    const isNew = call(
      'or',
      call('lt', now, candidate),
      call('and', call('ne', candidate, candidate), call('eq', now, now)),
    )
    return [
      {
        kind: 'if',
        condition: isNew,
        body: [
          { kind: 'set', local: best, value: candidate },
          { kind: 'set', local: locals.get(a)!, value },
        ],
      },
    ]
  })
}

/** Bodies of maxima are compared and kept: they need a name unless they are plain loads used once. */
export const valuesUsedTwice = (accumulators: readonly Accumulator[]): Set<Scalar> =>
  new Set(accumulators.flatMap((a) => (a.combine === 'max' || a.combine === 'min' ? [a.body] : [])))

/** The values to store with accumulators replaced by their locals; names and wishes for locals follow. */
export function finish(
  kernel: FlatKernel,
  locals: ReadonlyMap<Accumulator, Local>,
  hints: Hints,
  keep: ReadonlySet<Scalar>,
) {
  const memo = new Map<Scalar, Scalar>()
  const values = mapScalars(
    kernel.stores.map((s) => s.value),
    (s) => (s.kind === 'acc' ? localValue(locals.get(s.of)!) : undefined),
    memo,
  )
  const follow = (s: Scalar): Scalar => memo.get(s) ?? s
  return {
    values,
    hints: new Map([...hints].map(([s, name]) => [follow(s), name])) as Hints,
    keep: new Set([...keep].map(follow)),
  }
}
