import { FormatError } from '../formats/error'
import { checkJson, parseJson } from '../formats/json'
import { checkKeys } from '../ir/names-of'
import type { AnyModel } from '../models/model'
import { trainerOf } from '../training/methods'
import { compileFromKeras } from './compile'
import { readManifest, type Shards } from './manifest'
import { matchLayer, setMatched } from './match'
import { modelFromKeras } from './model'
import { Part } from './part'
import { generationOf, reading, type Reading, type ReadOptions, type Report } from './reading'

const FORMAT = 'layers-model'
/** What a file has. */
const KNOWN = ['modelTopology', 'weightsManifest', 'format', 'generatedBy', 'convertedBy', 'trainingConfig']

/** A model and what became of the rest of its file. */
export interface Loaded {
  readonly model: AnyModel
  readonly report: Report
}

/**
 * The model of a TensorFlow.js layers-model: `modelJson` is the content of model.json, text, bytes or parsed; `shards` are the
 * bytes of the files that it names, in their order, or a function that reads the one of a path. Quantised weights become float32.
 * Where the file says how the model was compiled, it is compiled so.
 *
 * Rejects with a FormatError for a file that is not what it should be, for a layer that does not exist here and is none of
 * `options.layers`, and where weights do not fit; with a GraphError where the options of a layer are wrong. Nothing is set then.
 */
export async function loadLayersModel(
  modelJson: string | Uint8Array | object,
  shards: Shards,
  options: ReadOptions = {},
): Promise<Loaded> {
  checkKeys('loadLayersModel', options, ['layers'])
  const file = new Part(FORMAT, 'model.json', jsonOf(modelJson))
  const topology = file.get('modelTopology')
  if (topology.isNothing) topology.fail('there; a graph model has none, and is none of layers')
  const whole = topology.get('model_config')
  const config = whole.isNothing ? topology : whole
  const version = topology.get('keras_version').value ?? config.get('keras_version').value
  const read = reading(FORMAT, generationOf(version, config), options)
  const model = modelFromKeras(config, read)
  const tensors = await readManifest(file.get('weightsManifest'), shards)
  requireBuilt(model, read)
  const own = tensors.filter(({ group }) => group === undefined || group === 'model')
  setMatched(matchLayer(model, own, read))
  const training = file.get('trainingConfig')
  compileFromKeras(model, training.isNothing ? topology.get('training_config') : training, read)
  for (const { name, group } of tensors)
    if (group !== undefined && group !== 'model')
      read.notes.push({ at: 'weightsManifest', key: name, value: group, why: 'it is no weight of the model' })
  for (const [key, { value }] of file.entries())
    if (!KNOWN.includes(key)) read.notes.push({ at: 'model.json', key, value, why: 'it is not part of the model' })
  return { model, report: { version: read.generation.version, notes: read.notes } }
}

function jsonOf(source: string | Uint8Array | object): unknown {
  if (typeof source === 'string' || source instanceof Uint8Array) return parseJson(FORMAT, source)
  checkJson(FORMAT, source)
  return source
}

/** Weights are there once it is known what samples look like. */
export function requireBuilt(model: AnyModel, { format }: Reading): void {
  if (!trainerOf('loadLayersModel', model).model.isBuilt)
    throw new FormatError(format, 'the file does not say what samples look like: its first layer has no shape')
}
