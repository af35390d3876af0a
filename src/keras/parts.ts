import { GraphError } from '../ir/errors'
import type { PartConfig } from '../ir/part'
import { activationOf } from '../parts/activations'
import { constraintOf } from '../parts/constraints'
import { initializerOf } from '../parts/initializers'
import { regularizerOf } from '../parts/regularizers'
import { camel, RENAMED } from './keys'
import type { Part } from './part'
import type { Reading } from './reading'

type PartId = string | PartConfig

/** Words that are values, where ours are others. */
const WORDS: Readonly<Record<string, string>> = {
  // Keras 2 has two names of one distribution.
  normal: 'truncatedNormal',
}
/** What weights were begun with no longer matters, and tells nothing where it is not said. */
const DROPPED = ['dtype', 'seed']

/** A part as { className, config }, from how any generation of Keras writes it; undefined where it is none. */
function partId(part: Part): PartId | undefined {
  if (typeof part.value === 'string') return part.value
  if (!part.isObject) return undefined
  const className = part.get('class_name').value
  if (typeof className !== 'string') return undefined
  const config = part.get('config')
  // A function by its name: { class_name: 'function', config: 'relu' }.
  if (typeof config.value === 'string') return config.value
  if (config.isNothing) return { className, config: {} }
  const given = config
    .entries()
    .filter(([key, { value }]) => !(DROPPED.includes(key) && (key === 'dtype' || typeof value !== 'number')))
  return {
    className,
    config: Object.fromEntries(
      given.map(([key, { value }]) => [
        RENAMED[className]?.[key] ?? camel(key),
        typeof value === 'string' ? (WORDS[value] ?? camel(value)) : value,
      ]),
    ),
  }
}

const KINDS = {
  initializer: initializerOf as (id: never) => unknown,
  regularizer: regularizerOf as (id: never) => unknown,
  constraint: constraintOf as (id: never) => unknown,
}

/** An initializer, regularizer or constraint; one that does not exist here is noted, since what is computed stays the same. */
export function partFromKeras(
  part: Part,
  kind: keyof typeof KINDS,
  key: string,
  at: string,
  { notes }: Reading,
): unknown {
  if (part.isNothing) return undefined
  const id = partId(part)
  try {
    if (id === undefined) throw new GraphError('it is neither a name nor a class and its config')
    KINDS[kind](id as never)
    return id
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    notes.push({ at, key, value: part.value, why: error.message })
    return undefined
  }
}

/** Layers that stand in the place of an activation. */
const LAYERS: Readonly<Record<string, string>> = {
  ReLU: 'relu',
  LeakyReLU: 'leakyRelu',
  ELU: 'elu',
  Softmax: 'softmax',
}
/** What layers are told besides. */
const OF_LAYERS = ['name', 'trainable', 'dtype']
/** The hard sigmoid of Keras 2 and TensorFlow.js: clip(0.2 x + 0.5, 0, 1). That of Keras 3 has a slope of 1/6. */
const OLD_HARD_SIGMOID: PartConfig = { className: 'hardSigmoid', config: { slope: 0.2 } }

/** An activation; null is none. Throws a GraphError for one that does not exist here. */
export function activationFromKeras(part: Part, { generation }: Reading): PartId | null {
  if (part.isNothing) return null
  const id = partId(part)
  if (id === undefined) part.fail('the name of an activation, or a class and its config')
  const name = typeof id === 'string' ? id : id.className
  if (generation.major === 2 && camel(name) === 'hardSigmoid') return OLD_HARD_SIGMOID
  if (name === 'gelu_new') return { className: 'gelu', config: { approximate: true } }
  if (typeof id === 'string') return known(id)
  const config = Object.entries(id.config).filter(([key, value]) => !OF_LAYERS.includes(key) && value !== null)
  const renamed = config.map(([key, value]) => [RENAMED[name]?.[key] ?? key, value] as const)
  return known({ className: LAYERS[name] ?? name, config: Object.fromEntries(renamed) })
}

function known(id: PartId): PartId {
  activationOf(id)
  return id
}
