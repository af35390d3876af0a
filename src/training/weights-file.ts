import { FeedError } from '../ir/errors'
import type { Weight } from '../layers/weight'
import { STATE_FORMAT } from '../io/state'
import { decodeSafetensors, encodeSafetensors } from '../formats/safetensors'
import type { StoredTensor } from '../formats/stored-tensor'
import { requireFit } from '../io/stored'
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
  checkVolume(what, trainer, tensors)
  const own = namedWeights(trainer)
  requireFit(what, own, tensors, { holder: 'model', item: 'weight', hasMore })
  for (const [name, w] of own) w.write(tensors.get(name)!.data)
}

// Below, weights that are missing or others are told one by one.
const MUCH = 2 ** 24

/** Refuses a file that is far too small for the model before memory is taken for the weights of one that may be made up. */
function checkVolume(what: string, trainer: Trainer, tensors: ReadonlyMap<string, StoredTensor>): void {
  const wanted = [...new Set(trainer.model.layer.weights)].reduce((sum, { size }) => sum + size, 0)
  const there = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
  if (wanted > Math.max(there, MUCH))
    throw new FeedError(`${what}: the weights of the model have ${wanted} elements, the file has ${there}`)
}
