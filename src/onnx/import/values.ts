import { entry } from '../../api/entry'
import { constant } from '../../api/leaf'
import { compile } from '../../compile/program'
import type { StoredTensor } from '../../formats/stored-tensor'
import { toposort } from '../../ir/graph'
import type { Tensor } from '../../ir/tensor'
import { withoutTrace } from '../../ir/trace'
import { type Data, dtypeOf, newData } from '../../ir/type'
import type { ConstantAttrs } from '../../ops/leaf'
import { ValueNeededError } from '../unsupported'
import { requireKnowable } from './size'

/** What is computed from constants alone, found once for each tensor. */
const known = new WeakMap<Tensor, StoredTensor>()

/** A constant with its values at hand for whoever asks for them. */
export function constantOf(stored: StoredTensor): Tensor {
  const { dtype, shape, data } = stored
  const made: Tensor = shape.length === 0 ? constant(data[0]!, { dtype }) : constant(data, { shape, dtype })
  known.set(made, stored)
  return made
}

/**
 * The values of a tensor that hangs on constants alone, computed as a program of its own. Throws a ValueNeededError that
 * names the inputs it hangs on otherwise.
 */
export function valuesOf(t: Tensor, what: string): StoredTensor {
  const found = known.get(t)
  if (found) return found
  const all = toposort([t])
  const loose = all.filter(({ op }) => op.kind === 'leaf' && op.name !== 'constant')
  if (loose.length > 0) {
    const inputs = loose.filter(({ op }) => op.name === 'input').map(({ attrs }) => (attrs as { name: string }).name)
    const names = loose.map(({ origin }) => JSON.stringify(origin.name ?? '')).join(', ')
    throw new ValueNeededError(
      `${what} must be known when the graph is built, it is computed from ${names}; give them as constants`,
      inputs,
    )
  }
  requireKnowable(
    what,
    all.filter(({ op }) => op.kind !== 'leaf'),
  )
  const stored = { dtype: t.dtype, shape: [...t.shape], data: dataOf(sourceOf(t)) }
  known.set(t, stored)
  return stored
}

/** Ops that give the elements of their operand in the same order. */
const SAME_ELEMENTS: ReadonlySet<string> = new Set(['reshape', 'expandDims', 'squeeze', 'identity'])

function sourceOf(t: Tensor): Tensor {
  let now = t
  while (SAME_ELEMENTS.has(now.op.name)) now = now.inputs[0]!
  return now
}

/** A program costs milliseconds, which a loop that is written out would pay for each of its constants. */
function dataOf(t: Tensor): Data {
  const found = known.get(t)
  if (found) return found.data
  const value = t.op.name === 'constant' ? (t.attrs as ConstantAttrs).value : computed(t)
  return typeof value === 'number' ? filled(t, value) : value.slice()
}

function computed(t: Tensor): number | Data {
  const run = withoutTrace(() =>
    compile(
      entry({}, () => ({ outputs: { value: t } })),
      { target: 'auto', threads: 1 },
    ),
  )
  const value = run({}).value as unknown as number | Data
  run.dispose()
  return value
}

function filled({ dtype }: Tensor, value: number): Data {
  const data = newData(dtype, 1)
  data[0] = value
  return data
}

/** Whether nothing but constants is in it. */
export const isKnown = (t: Tensor): boolean =>
  known.has(t) || toposort([t]).every(({ op }) => op.kind !== 'leaf' || op.name === 'constant')

/** What a user gives for an input that becomes a constant. */
export type ConstantValue = StoredTensor | Data | number

/** As a tensor of one dimension where only data are given. */
export function storedValue(value: ConstantValue, dtype: StoredTensor['dtype']): StoredTensor {
  if (typeof value === 'number') return { dtype, shape: [], data: newData(dtype, 1).fill(value) }
  if ('shape' in value && 'data' in value) return value
  return { dtype: dtypeOf(value), shape: [value.length], data: value }
}
