import type { Entry } from '../api/types'
import { type Variable, variableAttrs } from '../ir/variable'
import { type Bindings, dimNames } from '../runtime/bind'
import { type Traced, traceEntry } from './trace-entry'

/** Extents for tracing before any feed is known: distinct, and divisible by what models divide by. */
const probeBindings = (names: readonly string[], from = 1): Bindings =>
  new Map(names.map((name, i) => [name, 12 * (i + from)]))

/** A trace before any feed is known. Parameters made in a body are made twice: their shapes must not depend on a name. */
export function probeEntry(name: string, e: Entry, variables: Map<string, Variable>): Traced {
  const dims = dimNames(e.inputs)
  const before = new Set(variables.keys())
  const traced = traceEntry(name, e, probeBindings(dims), variables)
  const mayDepend = (v: Variable): boolean => {
    const { kind } = variableAttrs(v).role
    return (kind === 'parameter' || kind === 'untrained') && v.shape.length > 0
  }
  if (dims.length > 0 && [...variables.values()].some((v) => !before.has(v.name) && mayDepend(v)))
    traceEntry(name, e, probeBindings(dims, dims.length + 1), variables)
  return traced
}
