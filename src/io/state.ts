import { programInternals } from '../compile/internals'
import { FeedError } from '../ir/errors'
import { sameShape, showType } from '../ir/type'
import { type Variable, variableAttrs } from '../ir/variable'
import type { Store } from '../runtime/store'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors'

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
 * unknown, another shape or dtype is a FeedError, a damaged file a SafetensorsError, and the state stays as it was. Returns
 * the metadata of the file.
 */
export function loadState(program: object, bytes: Uint8Array): Readonly<Record<string, string>> {
  const { store } = programInternals('loadState', program)
  const { tensors, metadata } = decodeSafetensors(bytes)
  const faults: string[] = []
  for (const v of stored(store)) {
    const found = tensors.get(v.name)
    if (!found) faults.push(`"${v.name}" ${showType(v)} is missing`)
    else if (found.dtype !== v.dtype || !sameShape(found.shape, v.shape))
      faults.push(`"${v.name}" is ${showType(found)} in the file and ${showType(v)} in the program`)
  }
  const known = new Set(stored(store).map((v) => v.name))
  for (const name of tensors.keys()) if (!known.has(name)) faults.push(`"${name}" is no variable of the program`)
  const seed = Number(metadata.seed ?? store.seed)
  if (!Number.isSafeInteger(seed)) faults.push(`the seed "${metadata.seed}" is not a whole number`)
  if (faults.length > 0) {
    const shown = faults.slice(0, 8).join('; ')
    throw new FeedError(
      `loadState: ${shown}${faults.length > 8 ? `; and ${faults.length - 8} more` : ''}. Nothing was changed.`,
    )
  }
  for (const v of stored(store)) store.view(v).set(tensors.get(v.name)!.data)
  store.seed = seed
  return metadata
}
