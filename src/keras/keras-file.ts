import { requireBytes } from '../formats/bytes'
import { FormatError, quoted } from '../formats/error'
import { parseJson } from '../formats/json'
import { readZip } from '../formats/zip'
import type { StoredTensor } from '../formats/stored-tensor'
import { checkKeys } from '../ir/names-of'
import type { AnyModel } from '../models/model'
import { compileFromKeras } from './compile'
import { type H5Options, openHdf5 } from './h5/open'
import type { Hdf5File } from './h5/read'
import { type Loaded, requireBuilt } from './layers-model'
import type { NamedTensor } from './manifest'
import { matchLayer, type Matched, setMatched } from './match'
import { modelFromKeras } from './model'
import { restoreOptimizer } from './optimizer-state'
import { Part } from './part'
import { generationOf, reading, type Reading, type ReadOptions } from './reading'
import { matchStored } from './stored-layers'

/** Options of `loadKeras` and `loadH5`. */
export interface KerasOptions extends ReadOptions, H5Options {}

const KNOWN: readonly (keyof KerasOptions)[] = ['layers', 'worker', 'deadline', 'maxBytes']
const KERAS = 'keras'
const H5 = 'h5'
const WEIGHTS = 'model.weights.h5'

/**
 * The model of a `.keras` file, with its weights; where the file says how it was compiled, compiled so, and its training goes on
 * with what an Adam, AdamW or SGD remembered. Needs the packages h5wasm and, as a rule, fflate.
 *
 * Rejects with a FormatError for a file that is not what it should be, and where weights do not fit; with a GraphError where the
 * options of a layer are wrong. Nothing is set then.
 */
export async function loadKeras(bytes: Uint8Array, options: KerasOptions = {}): Promise<Loaded> {
  checkKeys('loadKeras', options, KNOWN)
  const { maxBytes } = options
  const files = await readZip(bytes, maxBytes === undefined ? {} : { maxBytes })
  const need = (name: string): Uint8Array => {
    const found = files.get(name)
    if (found) return found
    throw new FormatError(KERAS, `it has no ${name}, so it is none`, name)
  }
  const config = new Part(KERAS, 'config.json', parseJson(KERAS, need('config.json')))
  const metadata = files.get('metadata.json')
  const version = metadata && new Part(KERAS, 'metadata.json', parseJson(KERAS, metadata)).get('keras_version').value
  const read = reading(KERAS, generationOf(version, config), options)
  const model = modelFromKeras(config, read)
  requireBuilt(model, read)
  const file = await openHdf5(need(WEIGHTS), options)
  noteOthers(file.others, read)
  const matched = matchStored(model, file.datasets, read)
  requireInt32(matched, file)
  const optimizer = under(file.datasets, '/optimizer/vars/')
  return finished(model, matched, config.get('compile_config'), optimizer, read)
}

/**
 * The model of a Keras `.h5` file: as `loadKeras`. A file of weights alone is none. Needs the package h5wasm.
 */
export async function loadH5(bytes: Uint8Array, options: KerasOptions = {}): Promise<Loaded> {
  requireBytes('loadH5', bytes)
  checkKeys('loadH5', options, KNOWN)
  const file = await openHdf5(bytes, options)
  const root = file.attributes.get('/')
  const text = root?.get('model_config')
  if (typeof text !== 'string')
    throw new FormatError(H5, 'it has no attribute "model_config": it holds weights alone, or is not of Keras', '/')
  const config = new Part(H5, 'model_config', parseJson(H5, text))
  const version = root?.get('keras_version') ?? file.attributes.get('/model_weights')?.get('keras_version')
  const read = reading(H5, generationOf(version, config), options)
  const model = modelFromKeras(config, read)
  requireBuilt(model, read)
  noteOthers(file.others, read)
  const training = root?.get('training_config')
  const compile = new Part(H5, 'training_config', typeof training === 'string' ? parseJson(H5, training) : null)
  const optimizer = namedUnder(file, '/optimizer_weights').map(({ tensor }) => tensor)
  const matched = matchGroups(model, file, read)
  requireInt32(matched, file)
  return finished(model, matched, compile, optimizer, read)
}

function finished(
  model: AnyModel,
  matched: readonly Matched[],
  compile: Part,
  optimizer: readonly StoredTensor[],
  read: Reading,
): Loaded {
  setMatched(matched)
  compileFromKeras(model, compile, read)
  restoreOptimizer(model, optimizer, read)
  return { model, report: { version: read.generation.version, notes: read.notes } }
}

function noteOthers(others: readonly string[], { notes }: Reading): void {
  for (const path of others)
    notes.push({ at: path, key: 'data', value: null, why: 'it holds no numbers that are read here' })
}

/** Integers of a file are weights only as far as int32 holds them. */
function requireInt32(matched: readonly Matched[], { datasets, beyond }: Hdf5File): void {
  if (beyond.size === 0) return
  const taken = new Set(matched.map(({ from }) => from.tensor))
  for (const [at, value] of beyond)
    if (taken.has(datasets.get(at)!))
      throw new FormatError('HDF5', `${quoted(at)}: it holds ${value}, which is beyond int32`, at)
}

/** Variables that are counted from 0. */
function under(datasets: Hdf5File['datasets'], prefix: string): StoredTensor[] {
  const found: StoredTensor[] = []
  for (let next = datasets.get(`${prefix}0`); next; next = datasets.get(`${prefix}${found.length}`)) found.push(next)
  return found
}

/** The weights of a group in the order of its attribute, which Keras cuts into several where it is long. */
function namedUnder({ attributes, datasets }: Hdf5File, at: string): NamedTensor[] {
  const names = textsOf(attributes.get(at), 'weight_names')
  return names.map((name) => {
    const tensor = datasets.get(`${at}/${name}`.replaceAll(/\/+/g, '/'))
    if (tensor) return { name, tensor }
    throw new FormatError(H5, `the weight ${JSON.stringify(name.slice(0, 80))} of ${at.slice(0, 80)} is missing`, at)
  })
}

function textsOf(
  attributes: ReadonlyMap<string, string | readonly string[]> | undefined,
  key: string,
): readonly string[] {
  const list = (name: string): readonly string[] | undefined => {
    const found = attributes?.get(name)
    return typeof found === 'string' ? [found] : found
  }
  const whole = list(key)
  if (whole) return whole
  const parts: string[] = []
  for (let i = 0, part = list(`${key}0`); part; part = list(`${key}${++i}`)) parts.push(...part)
  return parts
}

/** Weights stand in groups by the names of the layers of the model; in each they have an order. */
function matchGroups(model: AnyModel, file: Hdf5File, read: Reading): Matched[] {
  const base = file.attributes.has('/model_weights') ? '/model_weights' : ''
  const layers = read.orders.get(model) ?? model.layers
  const names = textsOf(file.attributes.get(base || '/'), 'layer_names')
  const known = new Set(layers.map((layer) => layer.name))
  for (const name of names)
    if (!known.has(name) && namedUnder(file, `${base}/${name}`).length > 0)
      throw new FormatError(
        H5,
        `there are weights of a layer ${JSON.stringify(name.slice(0, 80))}, which the model has not`,
        name,
      )
  return layers.flatMap((layer) =>
    matchLayer(layer, names.includes(layer.name) ? namedUnder(file, `${base}/${layer.name}`) : [], read),
  )
}
