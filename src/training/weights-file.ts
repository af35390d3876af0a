import { FeedError } from '../ir/errors'
import { STATE_FORMAT } from '../io/state'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors'
import type { StoredTensor } from '../formats/stored-tensor'
import { requireFit } from '../io/stored'
import type { Trainer } from './trainer'
import { namedWeights, valuedWeights } from './weight-names'

const FORMAT = 'gradloom-weights-1'
export const MODEL_FORMAT = 'gradloom-model-1'

/** Their values, as a file holds them; made now where there are none. */
export function storedWeights(trainer: Trainer): Map<string, StoredTensor> {
  const weights = valuedWeights(trainer)
  return new Map([...weights].map(([name, w]) => [name, { dtype: w.dtype, shape: w.shape, data: w.read()! }]))
}

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
  // No weight needs a value for it, so a model of any size costs little until a file is known to have all of it.
  const own = namedWeights(trainer)
  requireFit(what, own, tensors, { holder: 'model', item: 'weight', hasMore })
  for (const [name, w] of own) w.write(tensors.get(name)!.data)
}
