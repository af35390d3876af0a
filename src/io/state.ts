import { programInternals } from '../compile/internals'
import { type Variable, variableAttrs } from '../ir/variable'
import type { Store } from '../runtime/store'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors'
import type { StoredTensor } from '../formats/stored-tensor'
import { requireFit } from './stored'

export const STATE_FORMAT = 'gradloom-state-1'

/**
 * All state of a program as one safetensors file: variables, optimiser slots, hyper-parameters, step counts and the seed.
 * Rank, shape and dtype are those of the variables, names theirs. `metadata` goes into the file beside them.
 */
export function saveState(program: object, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const { store } = programInternals('saveState', program)
  const tensors = new Map<string, StoredTensor>()
  for (const v of stored(store)) tensors.set(v.name, { dtype: v.dtype, shape: v.shape, data: store.view(v) })
  return encodeSafetensors(tensors, { ...metadata, format: STATE_FORMAT, seed: String(store.seed) })
}

/** Samples that a program holds are not its state. */
const stored = ({ variables }: Store): readonly Variable[] =>
  variables.filter((v) => variableAttrs(v).role.kind !== 'data')

/**
 * Sets all state of a program from such a file. Everything is checked before anything is set: a name that is missing or
 * unknown, another shape or dtype is a FeedError, a damaged file a FormatError, and the state stays as it was. Returns
 * the metadata of the file.
 */
export const loadState = (program: object, bytes: Uint8Array): Readonly<Record<string, string>> =>
  stateIn(program, bytes)()

/** The same in two steps: what it gives sets what has been checked. */
export function stateIn(program: object, bytes: Uint8Array): () => Readonly<Record<string, string>> {
  const { store } = programInternals('loadState', program)
  const { tensors, metadata } = decodeSafetensors(bytes)
  const own = new Map(stored(store).map((v) => [v.name, v]))
  const { format = STATE_FORMAT, seed: text = String(store.seed) } = metadata
  // Files of others have formats of their own, such as that of PyTorch, and no seed.
  const isLater = format.startsWith('gradloom-state-') && format !== STATE_FORMAT
  const isSeed = /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))
  requireFit('loadState', own, tensors, {
    holder: 'program',
    item: 'variable',
    others: [
      ...(isLater ? [`the format "${format}" is not the one that is read, "${STATE_FORMAT}"`] : []),
      ...(isSeed ? [] : [`the seed "${text}" is not a whole number`]),
    ],
  })
  return () => {
    for (const v of own.values()) store.view(v).set(tensors.get(v.name)!.data)
    store.seed = Number(text)
    return metadata
  }
}
