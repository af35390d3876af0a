import { GraphError } from '../ir/errors'
import type { CallOptions } from '../layers/layer'
import type { Symbolic } from '../layers/symbolic'
import { type Given, isList, type KerasCall, Ref, refsOf, refuse, valueOf } from './calls'
import type { Reading } from './reading'

/** A call with tensors in the place of names. */
export interface Applied {
  readonly inputs: readonly Symbolic[]
  readonly isList: boolean
  readonly options: CallOptions<Symbolic>
}

/** Layers whose further inputs are their first state. */
const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'RNN', 'Bidirectional', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D']
/** Masks of single arguments, in the order of the arguments. */
export const MASKS: readonly string[] = ['query_mask', 'value_mask', 'key_mask']
/** Tensors that may be given by name, in the order of the arguments. */
const TENSORS = ['query', 'value', 'key']

/** Inputs and options of a call. `tensorOf` gives undefined for a mask that layers find by themselves. */
export function appliedCall(
  layer: string,
  className: string,
  { args, kwargs }: KerasCall,
  reading: Reading,
  tensorOf: (ref: Ref) => Symbolic | undefined,
): Applied {
  const need = (given: Given): Symbolic => {
    const found = given instanceof Ref ? tensorOf(given) : undefined
    return found ?? refuse(reading.format, layer, 'it is called on something that is no tensor of a layer')
  }
  const named = TENSORS.flatMap((key) => refsOf(kwargs.get(key) ?? []))
  // Trailing arguments that are null were not given.
  const given = args.filter((arg) => isList(arg) || arg instanceof Ref || valueOf(arg) !== null)
  const positional = given.flatMap((arg) => (isList(arg) ? arg : [arg]))
  const tensors = [...positional, ...named].map(need)
  const isStateful = RECURRENT.includes(className) && tensors.length > 1
  const options = optionsOf(layer, kwargs, reading, tensorOf)
  return {
    inputs: isStateful ? tensors.slice(0, 1) : tensors,
    isList: !isStateful && (tensors.length > 1 || given.some(isList)),
    options: isStateful ? { ...options, initialState: tensors.slice(1) } : options,
  }
}

function optionsOf(
  layer: string,
  kwargs: KerasCall['kwargs'],
  { format, generation }: Reading,
  tensorOf: (ref: Ref) => Symbolic | undefined,
): CallOptions<Symbolic> {
  const options: Record<string, unknown> = {}
  const symbolic = (given: Given): Symbolic | null => (given instanceof Ref ? (tensorOf(given) ?? null) : null)
  const flag = (key: string, given: Given): boolean => {
    const value = valueOf(given)
    return typeof value === 'boolean' ? value : refuse(format, layer, `${key} must be true or false`)
  }
  for (const [key, given] of kwargs) {
    if (TENSORS.includes(key) || MASKS.includes(key) || isNothing(given)) continue
    if (key === 'training') {
      // Keras 3 notes what was under way, and takes what is under way in its place; Keras 2 notes what was asked for.
      if (generation.major === 2) options['training'] = flag(key, given)
    } else if (key === 'mask') {
      const masks = isList(given) ? given.map(symbolic) : symbolic(given)
      if (isList(given) ? (masks as unknown[]).some((m) => m !== null) : masks !== null) options['mask'] = masks
    } else if (key === 'initial_state')
      options['initialState'] = refsOf(given).map((ref) => needed(layer, tensorOf(ref)))
    else if (key === 'attention_mask')
      options['attentionMask'] = symbolic(given) ?? refuse(format, layer, `${key} is no tensor`)
    else if (key === 'use_causal_mask') options['useCausalMask'] = flag(key, given)
    else if (key === 'return_attention_scores') options['returnAttentionScores'] = flag(key, given)
    else if (refsOf(given).length > 0 || valueOf(given) !== false)
      refuse(format, layer, `its call is told "${key.slice(0, 40)}", which calls here do not know`)
  }
  const masks = MASKS.map((key) => symbolic(kwargs.get(key) ?? { value: null }))
  if (masks.some((mask) => mask !== null)) options['mask'] = masks
  return options
}

const isNothing = (given: Given): boolean => {
  const list = isList(given) ? given : [given]
  return list.every((one) => !(one instanceof Ref) && !isList(one) && one.value === null)
}

function needed(layer: string, found: Symbolic | undefined): Symbolic {
  if (found) return found
  throw new GraphError(`layer "${layer}": its first state is no tensor of a layer`)
}
