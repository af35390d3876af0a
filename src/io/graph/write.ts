import { base64 } from '../../compile/base64'
import { entryInternals, type EntryInternals, programInternals } from '../../compile/internals'
import { type Traced, traceEntry, variablesOf } from '../../compile/trace-entry'
import { GraphError } from '../../ir/errors'
import { toposort } from '../../ir/graph'
import { checkKeys, requireRecord } from '../../ir/names-of'
import { type Body, bodyResults, standIns } from '../../ir/region'
import { describe, type Tensor } from '../../ir/tensor'
import { isVariable, type Variable } from '../../ir/variable'
import { forwardOf } from '../../ops/index-range'
import type { ConstantAttrs } from '../../ops/leaf'
import { type PartAttrs } from '../../ops/region'
import type { CondAttrs } from '../../ops/cond'
import type { CountedOutput, ScanAttrs } from '../../ops/scan-parts'
import { dimNames } from '../../runtime/bind'
import {
  type BodyDocument,
  type EntryDocument,
  FORMAT,
  type GraphDocument,
  type Json,
  type NodeDocument,
  type StandInDocument,
  type TypeDocument,
  VERSION,
} from './document'
import { numberJson } from './fields'
import { writeAll } from './kinds'
import { rowOf } from './rows'
import { variableDocument } from './variables'

/** Options of `graphToJson`. */
export interface GraphToJsonOptions {
  /** Extents of named dimensions: a document holds each entry for one size of its inputs. */
  readonly bindings?: Readonly<Record<string, number>>
}

/**
 * The graphs of a program, or of one of its entries, as plain data that `JSON.stringify` writes and `graphFromJson` reads:
 * as they were written, gradients included, before anything is rewritten. Values of variables are no part of it. The
 * same program gives the same document. Throws a GraphError where an entry has named dimensions that `bindings` do not give,
 * and for what no document holds: a gradient of one's own (`customGradient`).
 */
export function graphToJson(program: object, options: GraphToJsonOptions = {}): GraphDocument {
  checkKeys(NAME, options, ['bindings'])
  const { bindings = {} } = options
  requireRecord(NAME, 'bindings', bindings)
  const { entries } = typeof program === 'function' ? { entries: oneEntry(program) } : programInternals(NAME, program)
  const traced = [...entries.values()].map((entry) => tracedFor(entry, bindings))
  const variables = new Map<string, Variable>()
  for (const v of traced.flatMap(variablesOf)) variables.set(v.name, v)
  return {
    format: FORMAT,
    version: VERSION,
    variables: [...variables.values()].map(variableDocument),
    entries: traced.map(entryDocument),
  }
}

const NAME = 'graphToJson'
const oneEntry = (run: object): ReadonlyMap<string, EntryInternals> => {
  const entry = entryInternals(NAME, run)
  return new Map([[entry.name, entry]])
}

function tracedFor({ name, entry, probe, program }: EntryInternals, given: Readonly<Record<string, number>>): Traced {
  const dims = dimNames(entry.inputs)
  if (dims.length === 0) return probe
  const bindings = new Map(dims.map((dim) => [dim, Object.hasOwn(given, dim) ? given[dim]! : NaN]))
  for (const [dim, extent] of bindings)
    if (!Number.isSafeInteger(extent) || extent < 0)
      throw new GraphError(
        `${NAME}: entry "${name}" has named dimensions; pass whole numbers, bindings: { ${dims.map((d) => `${d}: 32`).join(', ')} }` +
          (Object.hasOwn(given, dim) ? `; "${dim}" is ${extent}` : ''),
      )
  return traceEntry(name, entry, bindings, program.traced)
}

function entryDocument({ entry, inputs, roots }: Traced): EntryDocument {
  const results = [...roots.outputs.values(), ...roots.updates.values()]
  const order = withForward(results)
  const places = new Map(order.map((t, i) => [t, i]))
  return {
    name: entry,
    inputs: [...inputs].map(([name, t]) => ({ name, ...typeDocument(t) })),
    nodes: order.map((t) => nodeDocument(t, places)),
    outputs: [...roots.outputs].map(([name, t]) => ({ name, node: places.get(t)! })),
    updates: [...roots.updates].map(([v, t]) => ({ variable: v.name, node: places.get(t)! })),
  }
}

/** Everything below, and the loops and choices of which others are the gradients: both count indices out of range. */
function withForward(results: readonly Tensor[]): Tensor[] {
  const order = toposort(results)
  const own = new Set(order)
  const forward = order.flatMap((t) => (t.op.kind === 'region' && !own.has(forwardOf(t)) ? [forwardOf(t)] : []))
  return forward.length === 0 ? order : withForward([...new Set(forward), ...results])
}

const typeDocument = ({ shape, dtype }: Tensor): TypeDocument => ({ shape: [...shape], dtype })
const nameDocument = ({ origin: { name } }: Tensor): { readonly name?: string } => (name === undefined ? {} : { name })

function nodeDocument(t: Tensor, places: ReadonlyMap<Tensor, number>): NodeDocument {
  const attrs = attrsDocument(t)
  const inputs = t.inputs.map((x) => places.get(x)!)
  const forward = t.op.kind === 'region' ? forwardOf(t) : t
  return {
    op: t.op.name,
    ...(inputs.length > 0 ? { inputs } : {}),
    ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
    ...typeDocument(t),
    ...(t.op.kind === 'leaf' ? {} : nameDocument(t)),
    ...(forward === t ? {} : { gradientOf: places.get(forward)! }),
  }
}

function attrsDocument(t: Tensor): { readonly [key: string]: Json } {
  const { name } = t.op
  if (name === 'input') return { name: (t.attrs as { readonly name: string }).name }
  if (isVariable(t)) return { name: t.name }
  if (name === 'constant') return constantDocument(t.attrs as ConstantAttrs)
  if (name === 'part') return { ...(t.attrs as PartAttrs) }
  if (name === 'scan') return scanDocument(t.attrs as ScanAttrs)
  if (name === 'cond') return condDocument(t.attrs as CondAttrs)
  const row = rowOf(name)
  if (!row) throw new GraphError(`${NAME}: ${describe(t)} is of an op that no document holds`)
  if ('unwritable' in row) throw new GraphError(`${NAME}: ${describe(t)}: ${row.unwritable}`)
  return writeAll(row.attrs, t.attrs)
}

const constantDocument = ({ value }: ConstantAttrs): { readonly [key: string]: Json } =>
  typeof value === 'number'
    ? { value: numberJson(value) }
    : { data: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) }

const countsDocument = (counts: readonly CountedOutput[] | undefined): { readonly counts?: Json } =>
  counts === undefined ? {} : { counts: counts.map(({ output, message }) => ({ output, message })) }

const scanDocument = ({ body, length, reverse, counts }: ScanAttrs): { readonly [key: string]: Json } => ({
  length,
  reverse,
  ...countsDocument(counts),
  body: bodyDocument(body) as unknown as Json,
})

const condDocument = ({ arms, counts }: CondAttrs): { readonly [key: string]: Json } => ({
  ...countsDocument(counts),
  arms: arms.map((body) => bodyDocument(body) as unknown as Json),
})

function bodyDocument(body: Body): BodyDocument {
  const own = standIns(body)
  const known = new Set(own)
  const order = toposort(bodyResults(body), known)
  const places = new Map([...own, ...order].map((t, i) => [t, i]))
  const stand = (t: Tensor): StandInDocument => ({ ...typeDocument(t), ...nameDocument(t) })
  return {
    slices: body.slices.map(stand),
    carries: body.carries.map(stand),
    captured: body.captured.map(stand),
    nodes: order.map((t) => nodeDocument(t, places)),
    next: body.next.map((t) => places.get(t)!),
    outputs: body.outputs.map((t) => places.get(t)!),
  }
}
