import { FeedError } from '../ir/errors'
import { quoted } from '../ir/names-of'
import { FormatError } from '../formats/error'
import { parseJson } from '../formats/json'
import { decodeSafetensors } from '../formats/safetensors'
import { type ConfigOptions, customObjectsOf } from '../layers/custom'
import type { LayerConfig } from '../layers/layer'
import type { CompileArguments } from '../training/arguments'
import { encodeModel } from '../training/encode-model'
import { trainerOf } from '../training/methods'
import { withOwnOptimizer } from '../training/own-optimizer'
import { namedWeights } from '../training/weight-names'
import { MODEL_FORMAT, setWeights } from '../training/weights-file'
import { ConfigPart } from './config-reader'
import { modelWith } from './from-config'
import type { AnyModel } from './model'

/**
 * A model as one safetensors file: its weights by name and its config, and where it is compiled what it is trained by and goes
 * on from. Throws a GraphError where it holds what no file can: a function of one's own in a layer, a loss or a metric.
 */
export const saveModel = (model: AnyModel): Uint8Array => encodeModel('saveModel', trainerOf('saveModel', model))

/**
 * The model that such a file holds: it predicts the same, and its training goes on as if it had never been saved. Throws a
 * FormatError for a damaged file, a GraphError for a config of no model, a FeedError where weights do not fit it.
 *
 *     const net = loadModel(bytes, { customObjects: { Scale } }) // Scale = defineLayer({ className: 'Scale', ... })
 */
export function loadModel(bytes: Uint8Array, options: ConfigOptions = {}): AnyModel {
  const custom = customObjectsOf('loadModel', options)
  const { tensors, metadata } = decodeSafetensors(bytes)
  if (metadata.format !== MODEL_FORMAT)
    throw new FeedError(
      `loadModel: the file holds no model: its format is ${metadata.format === undefined ? 'not said' : quoted(metadata.format)}`,
    )
  const model = modelWith(parsed('model', metadata.model) as LayerConfig, custom)
  const trainer = trainerOf('loadModel', model)
  const isOwn = new Set(trainer.model.isBuilt ? namedWeights(trainer).keys() : [])
  if (trainer.model.isBuilt) setWeights('loadModel', trainer, tensors, metadata.training !== undefined)
  else if (tensors.size > 0) throw new FeedError('loadModel: there are weights for a model that has none yet')
  if (metadata.training === undefined) return model
  const { fits, isWhole, compile } = new ConfigPart(parsed('training', metadata.training), 'training').fields([
    'fits',
    'isWhole',
    'compile',
  ])
  model.compile(withOwnOptimizer(compile.value as CompileArguments, custom))
  trainer.state = { tensors: new Map([...tensors].filter(([name]) => !isOwn.has(name))), isWhole: isWhole.flag() }
  trainer.fits = fits.place(Number.MAX_SAFE_INTEGER)
  return model
}

function parsed(key: string, text: string | undefined): unknown {
  if (text === undefined) throw new FeedError(`loadModel: "${key}" is missing in the file`)
  try {
    return parseJson('config', text, MAX_DEPTH)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FeedError(`loadModel: "${key}" in the file is damaged: ${error.message}`, { cause: error })
  }
}

/** Whatever goes through a config does so by recursion; a model in a model is a few deeper. */
const MAX_DEPTH = 500
