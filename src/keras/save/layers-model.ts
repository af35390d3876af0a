import { GraphError } from '../../ir/errors'
import { title } from '../../layers/title'
import type { AnyModel } from '../../models/model'
import { trainerOf } from '../../training/methods'
import { valuedWeights } from '../../training/weight-names'
import type { Json } from '../part'
import { LayerNames, weightNames } from './names'
import { writtenModel } from './topology'

/** A model in the format of TensorFlow.js: what model.json holds, and the bytes of the one file beside it. */
export interface LayersModel {
  readonly modelJson: Json
  readonly weights: Uint8Array<ArrayBuffer>
}

/** The file of weights that `modelJson` names. */
export const WEIGHTS_FILE = 'group1-shard1of1.bin'

/**
 * A model as a layers-model that `tf.loadLayersModel` takes: its layers as Keras 2 writes them and the values of its weights. Throws a
 * GraphError that names the layer for what TensorFlow.js does not have, and where it is not known yet what samples look like.
 */
export function saveLayersModel(model: AnyModel): LayersModel {
  const trainer = trainerOf('saveLayersModel', model)
  if (!trainer.model.isBuilt)
    throw new GraphError(`saveLayersModel: ${title(model)}: it is not known yet what samples look like`)
  const names = new LayerNames(model)
  const topology = writtenModel(model, names)
  const weights = [...weightNames(model, names)]
  valuedWeights(trainer)
  const bytes = new Uint8Array(weights.reduce((size, [, weight]) => size + weight.size * 4, 0))
  let at = 0
  for (const [, weight] of weights) {
    bytes.set(new Uint8Array(Float32Array.from(weight.read()!).buffer), at)
    at += weight.size * 4
  }
  return {
    modelJson: {
      format: 'layers-model',
      generatedBy: 'gradloom',
      convertedBy: null,
      // The Keras whose configs these are.
      modelTopology: { ...topology, keras_version: '2.15.0', backend: 'gradloom' },
      weightsManifest: [
        {
          paths: [WEIGHTS_FILE],
          weights: weights.map(([name, { shape }]) => ({ name, shape, dtype: 'float32' })),
        },
      ],
    },
    weights: bytes,
  }
}
