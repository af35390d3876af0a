import type { Entry, EntryBody, Spec } from '../api/types'
import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { type Trace, withTrace } from '../ir/trace'
import { checkedUpdates } from '../ir/updates'
import { isVariable, type Variable } from '../ir/variable'
import { makeInput } from '../ops/leaf'
import { isRandomStep, nextStep } from '../ops/random-state'
import { collectUpdates, type Roots, rootTensors } from '../plan/roots'
import { checkOwed } from './owed'
import { type IndexUse, indexUses } from '../ops/index-range'
import { indexChecks } from './ranges'

/** The graph of an entry for one binding of its dimensions. */
export interface Traced {
  readonly entry: string
  readonly bindings: ReadonlyMap<string, number>
  readonly inputs: ReadonlyMap<string, Tensor>
  readonly roots: Roots
  /** Every tensor of the graph, operands first. */
  readonly order: readonly Tensor[]
  /** Operands that are indices, with the range they must keep. */
  readonly indices: readonly IndexUse[]
}

/** Runs the body of an entry over symbolic inputs. */
export function traceEntry(
  name: string,
  entry: Entry,
  bindings: ReadonlyMap<string, number>,
  variables: Map<string, Variable>,
): Traced {
  const trace: Trace = { entry: name, bindings, variables, made: new Set(), draws: new Map(), owed: [], turns: [] }
  const inputs = new Map<string, Tensor>()
  const body = explain(name, bindings, () =>
    withTrace(trace, () => {
      for (const [key, spec] of Object.entries(entry.inputs as Record<string, Spec>)) {
        const shape = spec.dims.map((d) => (typeof d === 'number' ? d : bindings.get(d)!))
        inputs.set(key, makeInput(key, { dtype: spec.dtype, shape }))
      }
      return entry.body(Object.fromEntries(inputs) as never)
    }),
  )
  const outputs = checkedOutputs(name, body)
  const updates = collectUpdates(name, checkedUpdates(`entry "${name}"`, body.updates ?? []))
  let own = toposort([...outputs.values(), ...updates.values()])
  const step = own.find(isRandomStep)
  if (step && !updates.has(step)) {
    updates.set(step, nextStep(step))
    own = toposort([...outputs.values(), ...updates.values()])
  }
  const indices = indexUses(own)
  const checks = indexChecks(name, indices, own)
  const roots = { outputs, updates, checks }
  const order = checks.size === 0 ? own : toposort(rootTensors(roots))
  checkLeaves(name, order, inputs)
  checkOwed(name, trace.owed, order, updates)
  return { entry: name, bindings, inputs, roots, order, indices }
}

/** Messages speak of concrete extents; with named dimensions they also say which binding was traced. */
function explain<T>(name: string, bindings: ReadonlyMap<string, number>, body: () => T): T {
  try {
    return body()
  } catch (error) {
    // One of a class of its own says more than its message, and stays what it is.
    if (!(error instanceof GraphError) || error.constructor !== GraphError || bindings.size === 0) throw error
    const bound = [...bindings].map(([dim, n]) => `${dim} = ${n}`).join(', ')
    throw new GraphError(`${error.message}\n  in entry "${name}", traced with ${bound}`, { cause: error })
  }
}

function checkedOutputs(name: string, body: EntryBody | undefined): Map<string, Tensor> {
  if (typeof body !== 'object' || !body || typeof body.outputs !== 'object' || !body.outputs)
    throw new GraphError(`entry "${name}": the body must return { outputs: { ... } }`)
  for (const key of Object.keys(body))
    if (key !== 'outputs' && key !== 'updates')
      throw new GraphError(`entry "${name}": "${key}" is neither outputs nor updates`)
  const outputs = new Map<string, Tensor>()
  for (const [key, t] of Object.entries(body.outputs)) {
    if (!isTensor(t)) throw new GraphError(`entry "${name}": output "${key}" is not a tensor; ${remedyFor(t)}`)
    outputs.set(key, t)
  }
  return outputs
}

/** Names that elsewhere make tensors, such as `zeros`, are initializers here. */
const remedyFor = (given: unknown): string =>
  typeof given === 'function'
    ? 'it is a function; an initializer such as zeros() is none, fill([2], 0) makes a tensor'
    : 'wrap numbers by constant'

function checkLeaves(name: string, order: readonly Tensor[], inputs: ReadonlyMap<string, Tensor>): void {
  const own = new Set(inputs.values())
  for (const t of order) {
    if (t.op.name === 'standIn')
      throw new GraphError(
        `entry "${name}" uses ${describe(t)}, which exists only inside the step of a scan or a function of vmap; hand it out as a result`,
      )
    if (t.op.name === 'input' && !own.has(t))
      throw new GraphError(
        `entry "${name}" uses ${describe(t)}, an input of another trace; build everything inside the body`,
      )
  }
}

/** Every variable that a trace reads or updates, in order of appearance. */
export function variablesOf({ roots, order }: Traced): Variable[] {
  const found = new Set<Variable>()
  for (const t of order) if (isVariable(t)) found.add(t)
  for (const v of roots.updates.keys()) found.add(v)
  return [...found]
}
