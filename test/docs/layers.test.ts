import { layers, losses, metrics, schedules } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { LOSSES } from '../../src/losses/lookup'
import { METRICS } from '../../src/metrics/lookup'
import { activationNames } from '../../src/parts/activations'
import { constraintNames } from '../../src/parts/constraints'
import { initializerNames } from '../../src/parts/initializers'
import { regularizerNames } from '../../src/parts/regularizers'
import { docstrings } from './docstrings'
import { KINDS, MISSING, namesOf } from './keras-names'
import { CALLBACK_NAMES, COUNTS, LAYER_TEXTS, LAYERS, layersDocument, OPTIMIZERS, SCHEDULES } from './layers'
import { kept } from './text'

/** How many there are at least. */
const LEAST = { layers: 95, losses: 22, metrics: 30, optimizers: 13, schedules: 6 } as const

const OURS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  layers: [...LAYERS.keys(), 'Input', 'InputLayer'],
  losses: LOSSES.map((l) => l.className),
  metrics: METRICS.map((m) => m.className),
  optimizers: OPTIMIZERS.map(({ spec }) => spec.className),
  schedules: SCHEDULES.map((s) => s.className),
  initializers: [...initializerNames],
  regularizers: [...regularizerNames],
  constraints: [...constraintNames],
  activations: [...activationNames, 'hardSwish', 'swish'],
  callbacks: [...CALLBACK_NAMES.anywhere, ...CALLBACK_NAMES.node],
}
const bare = (name: string): string => name.replaceAll('_', '').toLowerCase()

it('docs/layers.md is what the code says', async () => {
  const { found, wanted } = await kept('layers.md', layersDocument())
  expect(found, 'run: npm run docs').toBe(wanted)
})

describe('names of Keras', () => {
  it.each(KINDS)('%s are here, or stand with a reason', (kind) => {
    const ours = new Set(OURS[kind].map(bare))
    const reasons = MISSING[kind] ?? {}
    const here = namesOf(kind).filter((name) => ours.has(bare(name)))
    const silent = namesOf(kind).filter((name) => !ours.has(bare(name)) && !reasons[name])
    expect(silent, 'neither here nor explained').toEqual([])
    expect(Object.keys(reasons).filter((name) => here.includes(name) || !namesOf(kind).includes(name))).toEqual([])
    console.info(`${here.length} of ${namesOf(kind).length} ${kind}`)
  })

  it.each(Object.entries(LEAST))('at least %s: %i', (kind, least) => {
    expect(COUNTS[kind as keyof typeof LEAST]).toBeGreaterThanOrEqual(least)
  })
})

describe('every row says what it is', () => {
  it.each([
    ['layers', LAYER_TEXTS, Object.keys(layers)],
    ['losses', docstrings('losses/index.ts'), exportsOf(losses, LOSSES)],
    ['metrics', docstrings('metrics/index.ts'), exportsOf(metrics, METRICS)],
    ['schedules', docstrings('optim/schedules/index.ts'), SCHEDULES.map((s) => s.factory)],
    ['callbacks', docstrings('callbacks/index.ts'), CALLBACK_NAMES.anywhere],
    ['callbacks of Node', docstrings('files/index.ts'), CALLBACK_NAMES.node],
  ] as const)('%s', (_, texts, names) => {
    expect(names.length).toBeGreaterThan(0)
    expect(names.filter((name) => !texts.get(name))).toEqual([])
    expect(names.filter((name) => (texts.get(name) ?? '').length > 600)).toEqual([])
  })

  it('all schedules that are exported', () => {
    const factories = Object.keys(schedules).filter((name) => !['scheduleOf', 'isSchedule'].includes(name))
    expect(SCHEDULES.map((s) => s.factory).sort()).toEqual(factories.sort())
  })
})

function exportsOf(exported: object, all: readonly unknown[]): string[] {
  const names = Object.entries(exported).flatMap(([name, value]) => (all.includes(value) ? [name] : []))
  expect(names.length, 'each is exported').toBe(all.length)
  return names
}
