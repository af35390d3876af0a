import { quoted } from '../formats/error'
import type { AnyLayer, Layer } from '../layers/layer'
import { explained } from '../layers/option'
import type { Symbolic } from '../layers/symbolic'
import type { AnyModel } from '../models/model'
import { isModel } from '../models/outline'
import { sequential } from '../models/sequential'
import { functionalFromKeras, inputFromKeras, MODELS, shapeOf } from './functional'
import { layerFromKeras, type ModelMaker } from './layer'
import type { Part } from './part'
import type { Reading } from './reading'

/** The model of { class_name, config } as Keras or TensorFlow.js writes it, with new weights. Throws where it is none. */
export function modelFromKeras(part: Part, reading: Reading): AnyModel {
  const className = part.get('class_name').string()
  const made = makerOf(reading)(className, part.get('config'), undefined)
  if (made && isModel(made)) return made
  return part.get('class_name').fail(`one of ${MODELS.join(', ')}`)
}

const makerOf =
  (reading: Reading): ModelMaker =>
  (className, config, name) => {
    if (!MODELS.includes(className)) return undefined
    const inner = (part: Part, own?: string): AnyLayer => layerFromKeras(part, reading, makerOf(reading), own)
    const given = name ?? (config.isObject ? config.get('name').maybe((p) => p.string()) : undefined)
    const at = config.named(`model ${quoted(given ?? className)}`)
    // A config with a stack of layers and nothing that says how they are called is a stack, whatever its class.
    const isStack = className === 'Sequential' || at.isList
    const made = isStack
      ? sequentialFromKeras(at, given, reading, inner)
      : functionalFromKeras(at, given, reading, inner)
    // Layers have flags of their own: that of the model is not handed on.
    if (at.isObject && at.get('trainable').value === false) made.state.trainable = false
    return made
  }

function sequentialFromKeras(
  config: Part,
  name: string | undefined,
  reading: Reading,
  layerOf: (part: Part) => AnyLayer,
): AnyModel {
  // The first Keras has a list alone.
  const parts = (config.isList ? config : config.get('layers')).list()
  const rows = parts.filter((part) => part.get('class_name').value !== 'InputLayer')
  const first = firstInput(config, parts, rows[0])
  const layers = rows.map((row) => layerOf(row) as Layer)
  const made = explained(`model ${quoted(name ?? '')}`, () =>
    sequential([...(first ? [first] : []), ...layers], name === undefined ? {} : { name }),
  )
  reading.orders.set(made, layers)
  return made
}

/** What samples look like: an InputLayer, the shape that the first layer has, or that of when it was built. */
function firstInput(config: Part, parts: readonly Part[], row: Part | undefined): Symbolic | undefined {
  if (!row) return undefined
  const className = row.get('class_name').string()
  const [top] = parts
  if (top && top !== row) return inputFromKeras(top.get('config'), nameOf(top.get('config')), className)
  const own = row.get('config')
  if (MODELS.includes(className) || !own.isObject) return undefined
  if (shapeOf(own)) return inputFromKeras(own, `${nameOf(own)}_input`, className)
  const built = config.isObject ? config.get('build_input_shape') : undefined
  const build = row.get('build_config')
  const shape = built?.value ?? (build.isObject ? build.get('input_shape').value : undefined)
  return Array.isArray(shape)
    ? inputFromKeras(config.with({ batch_shape: shape }), `${nameOf(own)}_input`, className)
    : undefined
}

const nameOf = (config: Part): string => config.get('name').maybe((p) => p.string()) ?? 'input'
