import type { DType } from '../ir/type'
import type { AnyLayer, CallOptions, Layer, LayerConfig } from '../layers/layer'
import { layerOf, type MoreKinds } from '../layers/registry'
import { input, type OpenShape, type Symbolic } from '../layers/symbolic'
import { CALL_OPTIONS } from '../layers/check-call'
import { type ConfigOptions, type CustomObjects, customObjectsOf } from '../layers/custom'
import { ConfigPart } from './config-reader'
import { customLayersOf } from './custom-layers'
import { model } from './functional'
import { isBeyondBound, MOST_ELEMENTS } from './input-bound'
import type { AnyModel, ModelOptions } from './model'
import { sequential } from './sequential'

/**
 * The layer or model that a config describes, with new weights; `customObjects` has the layers of your own in it. Throws a
 * GraphError for a config of none.
 */
export function layerFromConfig(config: LayerConfig, options: ConfigOptions = {}): AnyLayer {
  const custom = customObjectsOf('layerFromConfig', options)
  return layerOf(config, kindsWith(custom), custom)
}

/**
 * The model that `getConfig` of another gave the config of, with new weights; `customObjects` has the layers of your own in
 * it. Throws a GraphError that says where the config is wrong.
 */
export const modelFromConfig = (config: LayerConfig, options: ConfigOptions = {}): AnyModel =>
  modelWith(config, customObjectsOf('modelFromConfig', options))

/** The same with options that are checked. */
export function modelWith(config: LayerConfig, custom: CustomObjects): AnyModel {
  const { className, config: own } = new ConfigPart(config, 'config').fields(['className', 'config'])
  const kinds = kindsWith(custom)
  const make = Object.entries(kinds).find(([name]) => name === className.value)?.[1]
  if (!make) return className.fail(Object.keys(kinds).join(' or '))
  return make(own.value) as AnyModel
}

/** A model of the same config, with new weights. Throws where it holds what no config can say, such as a function. */
export const cloneModel = (model: AnyModel): AnyModel => modelWith(model.getConfig(), customLayersOf(model))

const kindsWith = (custom: CustomObjects): MoreKinds => ({
  Functional: (config) => functionalFrom(new ConfigPart(config, 'config of a Functional'), custom),
  Sequential: (config) => sequentialFrom(new ConfigPart(config, 'config of a Sequential'), custom),
})

type Field = 'name' | 'seed' | 'trainable'
const FIELDS: readonly Field[] = ['name', 'seed', 'trainable']

function optionsOf({ name, seed }: Readonly<Record<Field, ConfigPart>>): ModelOptions {
  const given = name.maybe((part) => part.string())
  return { seed: seed.integer(), ...(given === undefined ? {} : { name: given }) }
}

/** Layers have flags of their own: that of the model is not handed on. */
function withFlag<M extends AnyModel>(made: M, trainable: ConfigPart): M {
  made.state.trainable = trainable.flag()
  return made
}

const layersOf = (part: ConfigPart, custom: CustomObjects): AnyLayer[] =>
  part.list().map((layer) => {
    const { className, config } = layer.fields(['className', 'config'])
    const given = { className: className.string(), config: config.value as LayerConfig['config'] }
    return layerOf(given, kindsWith(custom), custom)
  })

function inputOf(part: ConfigPart): Symbolic {
  const { name, shape, dtype } = part.fields(['name', 'shape', 'dtype'])
  const batchShape: OpenShape = shape.list().map((d) => d.maybe((extent) => extent.integer()) ?? null)
  if (isBeyondBound(batchShape)) shape.fail(`of at most ${MOST_ELEMENTS} elements, the open extents aside`)
  return input({ name: name.string(), batchShape, dtype: dtype.string() as DType })
}

function sequentialFrom(config: ConfigPart, custom: CustomObjects): AnyModel {
  const fields = config.fields([...FIELDS, 'layers', 'input'], ['order'])
  const layers = layersOf(fields.layers, custom)
  const stack = fields.order.maybe((part) => part.list().map((at) => layers[at.place(layers.length)]!)) ?? layers
  const first = fields.input.maybe(inputOf)
  const made = sequential([...(first ? [first] : []), ...(stack as Layer[])], optionsOf(fields))
  return withFlag(made, fields.trainable)
}

function functionalFrom(config: ConfigPart, custom: CustomObjects): AnyModel {
  const fields = config.fields([...FIELDS, 'inputs', 'layers', 'calls', 'outputs'])
  const inputs = fields.inputs.list().map(inputOf)
  const layers = layersOf(fields.layers, custom)
  const results: (readonly Symbolic[])[] = []
  const tensorAt = (part: ConfigPart): Symbolic => {
    const [from, at, ...more] = part.list()
    if (!from || !at || more.length > 0) part.fail("['input', place] or [call, result]")
    if (from.value === 'input') return inputs[at.place(inputs.length)]!
    const found = results[from.place(results.length)]!
    return found[at.place(found.length)]!
  }
  const tensorsAt = (part: ConfigPart): Symbolic | Symbolic[] =>
    isPlace(part) ? tensorAt(part) : part.list().map(tensorAt)
  for (const call of fields.calls.list()) {
    const { layer, inputs: from, options } = call.fields(['layer', 'inputs'], ['options'])
    const made: Symbolic | readonly Symbolic[] = layers[layer.place(layers.length)]!(
      tensorsAt(from),
      options.maybe((part) => callOptions(part, tensorAt)) ?? {},
    )
    results.push(Array.isArray(made) ? (made as readonly Symbolic[]) : [made as Symbolic])
  }
  const outputs = tensorsAt(fields.outputs)
  const made: AnyModel = model({ inputs, outputs: outputs as Symbolic[], ...optionsOf(fields) })
  return withFlag(made, fields.trainable)
}

function checkCallOption(key: keyof CallOptions, part: ConfigPart): void {
  const { value } = part
  if (value === undefined) return
  const isTensor = (x: unknown): boolean => typeof x === 'object' && x !== null && !Array.isArray(x)
  if (key === 'initialState' && !(part.isList && part.list().every((x) => isTensor(x.value))))
    part.fail('a list of tensors')
  if (key === 'attentionMask' && !isTensor(value)) part.fail('a tensor')
  const isMask = (x: unknown): boolean => x === null || isTensor(x)
  if (key === 'mask' && !(isMask(value) || (part.isList && part.list().every((x) => isMask(x.value)))))
    part.fail('a tensor, null or a list of these')
  if (key === 'training' && value !== null) part.flag()
  if (key === 'useCausalMask' || key === 'returnAttentionScores') part.flag()
}

/** One tensor, not a list of some. */
const isPlace = (part: ConfigPart): boolean => part.isList && part.list()[0]?.isList === false

function callOptions(part: ConfigPart, tensorAt: (place: ConfigPart) => Symbolic): CallOptions<Symbolic> {
  const read = (value: ConfigPart): unknown => {
    if (value.value === null || typeof value.value === 'boolean') return value.value
    if (value.isList) return value.list().map(read)
    return tensorAt(value.fields(['tensor']).tensor)
  }
  const given = part.fields([], CALL_OPTIONS)
  for (const key of CALL_OPTIONS) checkCallOption(key, given[key])
  return Object.fromEntries(
    CALL_OPTIONS.flatMap((key) => {
      const { value } = given[key]
      // Keras writes that a call says nothing of training as null.
      return value === undefined || (key === 'training' && value === null) ? [] : [[key, read(given[key])]]
    }),
  )
}
