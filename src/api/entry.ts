import { GraphError } from '../ir/errors'
import type { NamedAll } from '../ir/shapes'
import { checkShape, requireDims } from '../ir/trace'
import { checkDType, type DType } from '../ir/type'
import type { Update, Variable } from '../ir/variable'
import type { Entry, Inputs, Outputs, Spec, Specs } from './types'

/**
 * The type of an input. A dimension is a number, or a name that the feeds of each call bind: the entry is traced and
 * compiled once for each binding. The dtype is float32 if not given.
 */
export function tensor<const S extends readonly (number | string)[]>(
  shape: readonly [...S],
): Spec<NamedAll<S>, 'float32'>
export function tensor<const S extends readonly (number | string)[], const D extends DType>(
  shape: readonly [...S],
  dtype: D,
): Spec<NamedAll<S>, D>
export function tensor(shape: readonly (number | string)[], dtype: DType = 'float32'): Spec {
  checkDType('tensor', dtype)
  requireDims('tensor', shape)
  checkShape(
    'tensor',
    shape.filter((d): d is number => typeof d !== 'string'),
  )
  if (shape.includes('')) throw new GraphError('tensor: a dimension has an empty name')
  return { dims: [...shape], dtype }
}

type Extra<R> = Exclude<keyof R, 'outputs' | 'updates'>
type VariablesIn<R> = R extends { updates: readonly Update<infer V>[] } ? V : never

/**
 * One function of a program: named inputs and a body that builds its graph from them. The body returns `outputs` by name
 * and, if state changes, `updates`. It runs once for each binding of named dimensions; inside it every shape is concrete.
 */
export function entry<I extends Specs, R extends { readonly outputs: Outputs; readonly updates?: readonly Update[] }>(
  inputs: I,
  body: (inputs: Inputs<I>) => R & { [K in Extra<R>]: `entry: ${K & string} is neither outputs nor updates` },
): Entry<I, R['outputs'], VariablesIn<R> extends Variable ? VariablesIn<R> : never> {
  if (typeof body !== 'function') throw new GraphError('entry: the second argument must be a function of the inputs')
  if (typeof inputs !== 'object' || inputs === null)
    throw new GraphError('entry: the first argument must be an object of inputs, { name: tensor([...]) }')
  for (const [name, spec] of Object.entries(inputs)) {
    if (!Array.isArray((spec as Spec | undefined)?.dims))
      throw new GraphError(`entry: input "${name}" must be a spec; write ${name}: tensor([...])`)
  }
  return { inputs, body: body }
}
