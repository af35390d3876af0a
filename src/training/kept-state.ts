import { programInternals } from '../compile/internals'
import { variableAttrs } from '../ir/variable'
import type { StoredTensor } from '../formats/stored-tensor'
import { requireFit } from '../io/stored'
import type { BuiltProgram } from './program'

/** By name: what training keeps besides weights, such as slots of an optimiser, its rate and counters, and random state. */
export type KeptState = ReadonlyMap<string, StoredTensor>

const storeOf = ({ net }: BuiltProgram) => programInternals('training state', net).store

/** Weights have homes of their own, metrics begin anew with every run, samples are no state. */
const keptIn = (built: BuiltProgram) => {
  const others = new Set<unknown>([
    ...built.variables.values(),
    ...built.meters.flatMap((m) => Object.values(m.states)),
  ])
  return storeOf(built).variables.filter((v) => variableAttrs(v).role.kind !== 'data' && !others.has(v))
}

/** Copies of what a program keeps. */
export const keptState = (built: BuiltProgram): KeptState =>
  new Map(
    keptIn(built).map((v) => {
      const data = storeOf(built).view(v).slice()
      return [v.name, { dtype: v.dtype, shape: v.shape, data }]
    }),
  )

/** The number that steps are multiplied by, where there is one. */
export const keptRate = (name: string, rate: number | undefined): KeptState =>
  new Map(rate === undefined ? [] : [[name, { dtype: 'float64', shape: [], data: Float64Array.of(rate) }]])

/**
 * Sets what a program keeps. Throws a FeedError, and sets nothing, where something has another shape or dtype; with `whole` also
 * where something is missing or unknown.
 */
export function restoreKept(built: BuiltProgram, kept: KeptState, whole: boolean): void {
  const own = new Map(keptIn(built).map((v) => [v.name, v]))
  requireFit('the state of training does not fit the model', own, kept, {
    holder: 'program',
    item: 'state',
    isPartial: !whole,
    hasMore: !whole,
  })
  for (const [name, { data }] of kept) {
    const v = own.get(name)
    if (v) storeOf(built).view(v).set(data)
  }
}
