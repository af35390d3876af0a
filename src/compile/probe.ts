import type { Entry } from '../api/types'
import { type Variable, variableAttrs } from '../ir/variable'
import { GraphError } from '../ir/errors'
import { type Bindings, dimNames } from '../runtime/bind'
import { type Traced, traceEntry } from './trace-entry'

/** Extents for tracing before any feed is known: distinct, and divisible by what models divide by. */
const probeBindings = (names: readonly string[], unit: number, from = 1): Bindings =>
  new Map(names.map((name, i) => [name, unit * (i + from)]))
/** Small ones first; windows may need larger ones. */
const UNITS = [12, 768] as const

const suggested = new WeakMap<Entry, Bindings>()
/** Says with which extents an entry is traced before any feed is known, where its maker knows some that fit together. */
export function suggestExtents<E extends Entry>(e: E, bindings: Bindings): E {
  suggested.set(e, bindings)
  return e
}

/** A trace before any feed is known. Parameters made in a body are made twice: their shapes must not depend on a name. */
export function probeEntry(name: string, e: Entry, variables: Map<string, Variable>): Traced {
  const known = suggested.get(e)
  if (known) return traceEntry(name, e, known, variables)
  const dims = dimNames(e.inputs)
  const before = new Set(variables.keys())
  const { unit, traced } = firstTraced(name, e, dims, variables)
  const mayDepend = (v: Variable): boolean => {
    const { kind } = variableAttrs(v).role
    return (kind === 'parameter' || kind === 'untrained') && v.shape.length > 0
  }
  if (dims.length > 0 && [...variables.values()].some((v) => !before.has(v.name) && mayDepend(v)))
    traceEntry(name, e, probeBindings(dims, unit, dims.length + 1), variables)
  return traced
}

/** A trace with the smallest extents for which there is one. Throws what the first try threw where there is none. */
function firstTraced(
  name: string,
  e: Entry,
  dims: readonly string[],
  variables: Map<string, Variable>,
): { readonly unit: number; readonly traced: Traced } {
  const errors: unknown[] = []
  for (const unit of UNITS.slice(0, dims.length === 0 ? 1 : undefined)) {
    // What a try that fails makes is nobody's.
    const made = new Map(variables)
    try {
      const traced = traceEntry(name, e, probeBindings(dims, unit), made)
      for (const [key, v] of made) variables.set(key, v)
      return { unit, traced }
    } catch (error) {
      if (!(error instanceof GraphError)) throw error
      errors.push(error)
    }
  }
  throw errors[0]
}
