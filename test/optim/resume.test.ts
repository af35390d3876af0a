import { loadState, saveState } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as optimizers from '../../src/optim/optimizers'
import { exponentialDecay } from '../../src/optim/schedules'
import type { OptimizerSpec } from '../../src/optim/spec'
import { randomNumbers } from '../ops/cases'
import { type Numbers, TARGETS, trainer } from './harness'

const { optimizerOf: _, ...FACTORIES } = optimizers
const SHAPES = { kernel: [3, 2], bias: [2], filter: [2, 2, 2] } as const
const NAMES = Object.keys(SHAPES)
const [STEPS, BREAK] = [20, 7]

const random = randomNumbers(5)
const draw = (): readonly Numbers[] =>
  Object.values(SHAPES).map((shape) => {
    const size = shape.reduce<number>((n, d) => n * d, 1)
    return { shape, data: Array.from({ length: size }, () => Math.fround(random() - 0.5)) }
  })
const FIRST = draw()
const GRADIENTS = Array.from({ length: STEPS }, draw)

/** Everything that an optimiser may keep, at once. */
const OPTIONS = {
  learningRate: exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.7 }),
  weightDecay: 0.01,
  globalClipNorm: 0.8,
  useEma: true,
  emaMomentum: 0.9,
  emaOverwriteFrequency: 3,
  gradientAccumulationSteps: 2,
} as const
type Factory = (options: object) => OptimizerSpec

describe.each(Object.entries(FACTORIES))('%s', (name, factory) => {
  it.each(TARGETS)('resumes on %s as if it had not stopped', (target) => {
    const spec = (factory as Factory)({
      ...OPTIONS,
      ...(name === 'sgd' || name === 'rmsprop' ? { momentum: 0.9 } : {}),
    })
    const start = () => trainer(NAMES, FIRST, (loss, all) => spec.updates(loss, all), 'float32', { target })
    const [whole, first, second] = [start(), start(), start()]
    for (const g of GRADIENTS) whole.step(g)
    for (const g of GRADIENTS.slice(0, BREAK)) first.step(g)
    loadState(second.program, saveState(first.program))
    for (const g of GRADIENTS.slice(BREAK)) second.step(g)
    expect(second.state.names).toEqual(whole.state.names)
    for (const key of whole.state.names) expect(second.value(key), key).toEqual(whole.value(key))
    expect(whole.value('kernel')).not.toEqual(FIRST[0]!.data)
    expect(whole.state.get(`train/${name}/iterations`)).toBe(STEPS / 2)
  })
})

it('covers every rule', () => {
  expect(Object.keys(FACTORIES)).toHaveLength(13)
})
