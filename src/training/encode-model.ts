import { encodeSafetensors } from '../formats/safetensors'
import { jsonOf } from './plain-json'
import type { Trainer } from './trainer'
import { MODEL_FORMAT, storedWeights } from './weights-file'

/**
 * A model as one safetensors file: its weights by name and its config, and where it is compiled what it is trained by and goes
 * on from. Throws a GraphError where it holds what no file can: a function of one's own in a layer, a loss or a metric.
 */
export function encodeModel(what: string, trainer: Trainer): Uint8Array<ArrayBuffer> {
  const config = trainer.compileConfig()
  const weights = trainer.model.isBuilt ? storedWeights(trainer) : new Map()
  const state = config && trainer.state
  const training = config && { fits: trainer.fits, isWhole: state?.isWhole ?? false, compile: config }
  return encodeSafetensors(new Map([...weights, ...(state?.tensors ?? [])]), {
    format: MODEL_FORMAT,
    model: jsonOf(`${what}: config`, trainer.model.layer.getConfig()),
    ...(training ? { training: jsonOf(`${what}: training`, training) } : {}),
  })
}
