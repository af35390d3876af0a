import { programInternals } from '../compile/internals'
import { FeedError } from '../ir/errors'
import { sameShape, showType } from '../ir/type'
import { variableAttrs } from '../ir/variable'
import type { StoredTensor } from '../io/safetensors'
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

/**
 * Sets what a program keeps. Throws a FeedError, and sets nothing, where something has another shape or dtype; with `whole` also
 * where something is missing or unknown.
 */
export function restoreKept(built: BuiltProgram, kept: KeptState, whole: boolean): void {
  const own = keptIn(built)
  const faults = own.flatMap((v) => {
    const found = kept.get(v.name)
    if (!found) return whole ? [`"${v.name}" ${showType(v)} is missing`] : []
    const fits = found.dtype === v.dtype && sameShape(found.shape, v.shape)
    return fits ? [] : [`"${v.name}" is ${showType(found)} in the file and ${showType(v)} in the program`]
  })
  const names = new Set(own.map((v) => v.name))
  if (whole) for (const name of kept.keys()) if (!names.has(name)) faults.push(`"${name}" is no state of the program`)
  if (faults.length > 0)
    throw new FeedError(`the state of training does not fit the model: ${faults.slice(0, 8).join('; ')}`)
  for (const v of own) {
    const found = kept.get(v.name)
    if (found) storeOf(built).view(v).set(found.data)
  }
}
