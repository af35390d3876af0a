import { FeedError } from '../ir/errors'
import { sameShape, showType } from '../ir/type'
import type { Weight } from '../layers/weight'
import { STATE_FORMAT } from '../io/state'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../io/safetensors'
import type { Trainer } from './trainer'

const FORMAT = 'gradloom-weights-1'
export const MODEL_FORMAT = 'gradloom-model-1'

/** Weights by the names of their variables. */
export function namedWeights(trainer: Trainer): Map<string, Weight> {
  // Paths are settled when the model is first computed.
  const session = trainer.forPrediction()
  session.enter()
  return new Map([...new Set(trainer.model.layer.weights)].map((w) => [session.variableOf(w).name, w]))
}

/** Their values, as a file holds them. */
export const storedWeights = (trainer: Trainer): Map<string, StoredTensor> =>
  new Map([...namedWeights(trainer)].map(([name, w]) => [name, { dtype: w.dtype, shape: w.shape, data: w.read()! }]))

export const saveWeights = (trainer: Trainer): Uint8Array =>
  encodeSafetensors(storedWeights(trainer), { format: FORMAT })

/** Sets weights from a file of weights, or from a checkpoint or a model in a file, of which it takes the weights only. */
export function loadWeights(trainer: Trainer, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array))
    throw new FeedError('loadWeights: expected the bytes of a file, as saveWeights gives them, in a Uint8Array')
  const { tensors, metadata } = decodeSafetensors(bytes)
  setWeights('loadWeights', trainer, tensors, [STATE_FORMAT, MODEL_FORMAT].includes(metadata.format ?? ''))
}

/**
 * Sets all weights. Throws a FeedError, and sets nothing, where one is missing or of another shape or dtype, or where there are
 * others and these are not `hasMore`.
 */
export function setWeights(
  what: string,
  trainer: Trainer,
  tensors: ReadonlyMap<string, StoredTensor>,
  hasMore: boolean,
): void {
  const own = namedWeights(trainer)
  const faults = [...own].flatMap(([name, w]) => {
    const found = tensors.get(name)
    if (!found) return [`"${name}" ${showType(w)} is missing`]
    const fits = found.dtype === w.dtype && sameShape(found.shape, w.shape)
    return fits ? [] : [`"${name}" is ${showType(found)} in the file and ${showType(w)} in the model`]
  })
  for (const name of tensors.keys()) if (!own.has(name) && !hasMore) faults.push(`"${name}" is no weight of the model`)
  if (faults.length > 0)
    throw new FeedError(
      `${what}: ${faults.slice(0, 8).join('; ')}${faults.length > 8 ? `; and ${faults.length - 8} more` : ''}. Nothing was changed.`,
    )
  for (const [name, w] of own) w.write(tensors.get(name)!.data)
}
