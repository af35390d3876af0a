import { FeedError } from '../ir/errors'
import { sameShape, showType } from '../ir/type'
import type { Weight } from '../layers/weight'
import { STATE_FORMAT } from '../io/state'
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../io/safetensors'
import type { Trainer } from './trainer'

const FORMAT = 'gradloom-weights-1'

/** Weights by the names of their variables. */
function named(trainer: Trainer): Map<string, Weight> {
  // Paths are settled when the model is first computed.
  const session = trainer.forPrediction()
  session.enter()
  return new Map([...new Set(trainer.model.layer.weights)].map((w) => [session.variableOf(w).name, w]))
}

export function saveWeights(trainer: Trainer): Uint8Array {
  const tensors = [...named(trainer)].map(([name, w]): [string, StoredTensor] => [
    name,
    { dtype: w.dtype, shape: w.shape, data: w.read()! },
  ])
  return encodeSafetensors(new Map(tensors), { format: FORMAT })
}

/** Sets weights from a file of weights, or from a checkpoint, of which it takes the weights only. */
export function loadWeights(trainer: Trainer, bytes: Uint8Array): void {
  const { tensors, metadata } = decodeSafetensors(bytes)
  // The state of a whole program has more than weights.
  const isWhole = metadata.format === STATE_FORMAT
  const own = named(trainer)
  const faults = [...own].flatMap(([name, w]) => {
    const found = tensors.get(name)
    if (!found) return [`"${name}" ${showType(w)} is missing`]
    const fits = found.dtype === w.dtype && sameShape(found.shape, w.shape)
    return fits ? [] : [`"${name}" is ${showType(found)} in the file and ${showType(w)} in the model`]
  })
  for (const name of tensors.keys()) if (!own.has(name) && !isWhole) faults.push(`"${name}" is no weight of the model`)
  if (faults.length > 0)
    throw new FeedError(
      `loadWeights: ${faults.slice(0, 8).join('; ')}${faults.length > 8 ? `; and ${faults.length - 8} more` : ''}. Nothing was changed.`,
    )
  for (const [name, w] of own) w.write(tensors.get(name)!.data)
}
