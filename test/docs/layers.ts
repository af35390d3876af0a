import * as nodeEntry from 'gradloom/node'
import { GraphError } from 'gradloom'
import { callbacks, layers, losses, metrics, optimizers } from 'gradloom/nn'
import type { LayerRule } from '../../src/layers/layer'
import type { Option, Options } from '../../src/layers/option'
import { kernelOptions } from '../../src/layers/part-options'
import { layerOptions } from '../../src/layers/shared-options'
import { LOSSES } from '../../src/losses/lookup'
import { METRICS } from '../../src/metrics/lookup'
import { COMMON } from '../../src/optim/options'
import type { OptimizerSpec } from '../../src/optim/spec'
import * as cosine from '../../src/optim/schedules/cosine'
import * as decays from '../../src/optim/schedules/decays'
import { NEEDED, type ScheduleKind } from '../../src/optim/schedules/schedule'
import * as torch from '../../src/optim/schedules/torch'
import { activationNames, activationOf } from '../../src/parts/activations'
import { constraintNames, constraintOf } from '../../src/parts/constraints'
import { initializerNames, initializerOf } from '../../src/parts/initializers'
import { regularizerNames, regularizerOf } from '../../src/parts/regularizers'
import { docstrings } from './docstrings'
import { KERAS, missingRows } from './keras-names'
import { code, MADE, table } from './text'

type Shown = Readonly<Record<string, unknown>>
const valueText = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : value === undefined ? 'nothing' : JSON.stringify(value)
/** `axis` -1. */
const optionsText = (options: Shown): string =>
  Object.entries(options)
    .map(([key, value]) => (value === NEEDED ? `**${code(key)}**` : `${code(key)} ${valueText(value)}`))
    .join(', ')
const described = (texts: ReadonlyMap<string, string | undefined>, name: string): string => texts.get(name) ?? ''

/** Every layer by its class, with the name of its factory. */
export const LAYERS: ReadonlyMap<string, { readonly name: string; readonly rule: LayerRule<Options> }> = new Map(
  Object.entries(layers).map(([name, factory]) => {
    const rule = factory.rule as unknown as LayerRule<Options>
    return [rule.className, { name, rule }]
  }),
)
export const LAYER_TEXTS = docstrings('layers/index.ts')

const fallbackOf = (option: Option): unknown => (option.required ? NEEDED : option.fallback)
function layerOptionsText({ options }: LayerRule<Options>): string {
  const isKernel = Object.entries(kernelOptions).every(
    ([key, o]) => options[key] && options[key].fallback === o.fallback,
  )
  const own = Object.entries(options).filter(([key]) => !(isKernel && key in kernelOptions))
  const shown = optionsText(Object.fromEntries(own.map(([key, option]) => [key, fallbackOf(option)])))
  return [shown, isKernel ? 'those of a kernel' : ''].filter(Boolean).join(', ')
}
const inputsText = ({ arity = { least: 1, most: 1 } }: LayerRule<Options>): string =>
  arity.least === arity.most
    ? String(arity.least)
    : `${arity.least} ${arity.most === Infinity ? 'or more' : `to ${arity.most}`}`
const maskText = ({ mask }: LayerRule<Options>): string =>
  mask === undefined ? 'ends' : mask === 'pass' ? 'goes on' : mask === 'own' ? 'of what is inside' : 'by a rule'

function layerSections(): string[] {
  const grouped = new Set(Object.values(KERAS.layers).flat())
  const others = [...LAYERS.keys()].filter((className) => !grouped.has(className))
  return [...Object.entries(KERAS.layers), ['Not in Keras', others] as const].flatMap(([group, names]) => {
    const rows = names.flatMap((className) => {
      const found = LAYERS.get(className)
      if (!found) return []
      const { name, rule } = found
      return [
        [code(name), className, layerOptionsText(rule), inputsText(rule), maskText(rule), described(LAYER_TEXTS, name)],
      ]
    })
    if (rows.length === 0) return []
    return [`### ${group}`, table(['layer', 'class', 'options', 'inputs', 'mask', 'what it gives'], rows)]
  })
}

/** Values for options that must be given, to see the others. */
const SAMPLES: Shown = {
  ...{ numClasses: 2, targetClassIds: [0], precision: 0.5, recall: 0.5, sensitivity: 0.5, specificity: 0.5 },
}
type Made = { readonly config: Shown }
/** All options of a factory, those that it cannot do without found by asking. */
function askedOptions(factory: (options: never) => Made, given: Shown = {}): Shown {
  try {
    const { name: _, reduction: __, ...own } = factory(given as never).config
    return Object.fromEntries(Object.entries(own).map(([key, v]) => [key, Object.hasOwn(given, key) ? NEEDED : v]))
  } catch (error) {
    const needed = error instanceof GraphError ? /the option (\w+) must be given/.exec(error.message)?.[1] : undefined
    if (needed === undefined || !(needed in SAMPLES)) throw error
    return askedOptions(factory, { ...given, [needed]: SAMPLES[needed] })
  }
}

type Factory = ((options: never) => Made) & { readonly className: string }
function factoryRows(all: readonly Factory[], exported: object, index: string): string[][] {
  const texts = docstrings(index)
  return all.map((factory) => {
    const name = Object.entries(exported).find(([, value]) => value === factory)?.[0] ?? ''
    return [code(name), factory.className, optionsText(askedOptions(factory)), described(texts, name)]
  })
}
const byClass = (rows: string[][]): string[][] => rows.toSorted((a, b) => (a[1]! < b[1]! ? -1 : 1))

export const OPTIMIZERS = Object.entries(optimizers).flatMap(([name, make]) =>
  name === 'optimizerOf' ? [] : [{ name, spec: (make as () => OptimizerSpec)() }],
)
const optimizerRows = (): string[][] =>
  OPTIMIZERS.map(({ name, spec }) => {
    const { name: _, ...config } = spec.config
    const own = Object.entries(config).filter(([key, value]) => !(key in COMMON) || value !== (COMMON as Shown)[key])
    const shown = own.filter(([key, value]) => !(key === 'excludeFromWeightDecay' && (value as unknown[]).length === 0))
    return [code(name), spec.className, optionsText(Object.fromEntries(shown))]
  })

export const SCHEDULES = Object.values({ ...decays, ...cosine, ...torch }).filter(
  (kind) => typeof kind === 'object' && 'rate' in kind,
) as unknown as readonly ScheduleKind[]
const scheduleRows = (): string[][] => {
  const texts = docstrings('optim/schedules/index.ts')
  return SCHEDULES.map((k) => [code(k.factory), k.className, optionsText(k.options), described(texts, k.factory)])
}

/** Options that parts of layers cannot do without. */
const PART_SAMPLES: Readonly<Record<string, Shown>> = {
  threshold: { threshold: 0, defaultValue: 0 },
  STFTInitializer: { side: 'real' },
}
function partRows(names: readonly string[], of: (id: never) => unknown): string[][] {
  return names.map((name) => {
    const given = PART_SAMPLES[name] ?? {}
    const { config = {} } = of({ className: name, config: given } as never) as { readonly config?: Shown }
    const shown = Object.entries(config).map(([key, v]) => [key, key in given ? NEEDED : v])
    return [code(name), optionsText(Object.fromEntries(shown) as Shown)]
  })
}

const CALLBACKS = docstrings('callbacks/index.ts')
const FILES = docstrings('files/index.ts')
/** Factories of callbacks, in a browser or in Node only. */
export const CALLBACK_NAMES = {
  anywhere: Object.keys(callbacks),
  node: Object.keys(nodeEntry).filter((name) => FILES.has(name) && !/^(load|save)/.test(name)),
}

export const COUNTS = {
  layers: LAYERS.size,
  losses: LOSSES.length,
  metrics: METRICS.length,
  optimizers: OPTIMIZERS.length,
  schedules: SCHEDULES.length,
  initializers: initializerNames.length,
  regularizers: regularizerNames.length,
  constraints: constraintNames.length,
  activations: activationNames.length,
  callbacks: CALLBACK_NAMES.anywhere.length + CALLBACK_NAMES.node.length,
}

export function layersDocument(): string[] {
  const part = (heading: string, rows: string[][]): string[] => [`## ${heading}`, table(['name', 'options'], rows)]
  return [
    '# Layers and what trains them',
    `${Object.entries(COUNTS)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}. ${MADE}`,
    'Names of classes, options and defaults are those of Keras 3, options in camel case. An option in bold must be given; the ' +
      'others have the value that stands behind them. Words for classes and values may be written as in Keras, too: ' +
      "`'channels_last'`, `'glorot_uniform'`.",
    '## Layers',
    `Every layer takes ${optionsText(Object.fromEntries(Object.entries(layerOptions).map(([key, o]) => [key, fallbackOf(o as Option)])))}. ` +
      `The options of a kernel are ${optionsText(Object.fromEntries(Object.entries(kernelOptions).map(([key, o]) => [key, fallbackOf(o as Option)])))}. ` +
      'A mask that goes on is that of the first input; where it ends, all counts in the layers behind.',
    'Layers of your own: `defineLayer`, see `docs/models.md`.',
    ...layerSections(),
    '## Losses',
    "Every loss takes `name` and `reduction` 'sumOverBatchSize', 'sum', 'mean', 'meanWithSampleWeight' or 'none'.",
    table(['loss', 'class', 'options', 'formula'], byClass(factoryRows(LOSSES, losses, 'losses/index.ts'))),
    '## Metrics',
    'Every metric takes `name`. All are exact over batches of any sizes, with weights in the denominator.',
    table(['metric', 'class', 'options', 'what it says'], byClass(factoryRows(METRICS, metrics, 'metrics/index.ts'))),
    '## Optimisers',
    `Every rule takes ${optionsText(COMMON)} too, see [training](training.md). Rules of your own: \`defineOptimizer\`, see \`docs/models.md\`.`,
    table(['optimiser', 'class', 'options'], optimizerRows()),
    '## Schedules',
    table(['schedule', 'class', 'options', 'rate'], scheduleRows()),
    ...part('Initializers', partRows(initializerNames, initializerOf)),
    ...part('Regularizers', partRows(regularizerNames, regularizerOf)),
    ...part('Constraints', partRows(constraintNames, constraintOf)),
    ...part('Activations', partRows(activationNames, activationOf)),
    '## Callbacks',
    'Those that write files are in `gradloom/node`, the others in `gradloom/nn`.',
    table(
      ['callback', 'what it does'],
      [
        ...CALLBACK_NAMES.anywhere.map((name) => [code(name), described(CALLBACKS, name)]),
        ...CALLBACK_NAMES.node.map((name) => [code(name), described(FILES, name)]),
      ],
    ),
    '## Not here',
    'What Keras has under these names, and why it is missing.',
    table(['kind', 'Keras', 'reason'], missingRows()),
  ]
}
