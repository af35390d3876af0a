import { readFileSync } from 'node:fs'
import { compile, entry, GraphError, tensor, type Tensor } from 'gradloom'
import { afterAll, describe, expect, it } from 'vitest'
import {
  cosineDecay,
  cosineDecayRestarts,
  cyclic,
  exponentialDecay,
  inverseTimeDecay,
  linear,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
  type Schedule,
  scheduleOf,
} from '../../src/optim/schedules'
import { camelConfig, fault, TARGETS } from './harness'

interface Fixture {
  readonly id: string
  readonly schedule: string
  readonly config: object
  readonly steps: readonly [from: number, to: number]
  readonly values: readonly number[]
}
const FIXTURES = JSON.parse(
  readFileSync(new URL('../fixtures/keras/schedules.json', import.meta.url), 'utf8'),
) as readonly Fixture[]
const AGREE = 10

/** The rate at each step as the graph gives it, on a target. */
function inGraph(schedule: Schedule, steps: readonly number[], target: (typeof TARGETS)[number]): readonly number[] {
  const run = compile(
    entry({ step: tensor([], 'float64') }, ({ step }) => ({ outputs: { rate: schedule(step) } })),
    { target },
  )
  return steps.map((step) => run({ step }).rate)
}
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

describe('schedules of Keras', () => {
  const agreed = new Set<string>()
  it.each(FIXTURES)('$id', ({ id, schedule: className, config, steps: [from, to], values }) => {
    const schedule = scheduleOf({ className, config: camelConfig(config, ['name']) })
    const steps = upTo(to + 1).slice(from)
    expect(schedule.className).toBe(className)
    expect(fault('at', steps.map(schedule.at), values, 1e-9, 1e-12)).toBeUndefined()
    for (const target of TARGETS)
      expect(fault(target, inGraph(schedule, steps, target), values, 1e-9, 1e-12)).toBeUndefined()
    agreed.add(id)
  })
  afterAll(() => {
    console.log(`${agreed.size} of ${FIXTURES.length} records agree`)
    expect(agreed.size).toBe(AGREE)
    expect(FIXTURES.length).toBe(AGREE)
  })
})

/** PyTorch 2's words, step by step, for what it has and Keras has not; and the restarts by a loop over waves. */
const REFERENCES: Readonly<Record<string, readonly [Schedule, (step: number) => number]>> = {
  linear: [
    linear({ initialLearningRate: 0.3, startFactor: 0.25, endFactor: 0.75, totalSteps: 8 }),
    (t) => 0.3 * (0.25 + (0.5 * Math.min(8, t)) / 8),
  ],
  'linear by default': [linear({ initialLearningRate: 0.3 }), (t) => 0.3 * (1 / 3 + ((2 / 3) * Math.min(5, t)) / 5)],
  'one cycle': [
    oneCycle({ maxLearningRate: 0.5, totalSteps: 40 }),
    (t) => cosineOneCycle(t, 0.5 / 25, 0.5, 0.5 / 25e4, 0.3 * 40 - 1, 39),
  ],
  'one cycle in lines': [
    oneCycle({ maxLearningRate: 0.5, totalSteps: 30, pctStart: 0.4, annealStrategy: 'linear', divFactor: 5, finalDivFactor: 10 }), // prettier-ignore
    (t) => (t <= 11 ? 0.1 + (0.4 * t) / 11 : 0.5 + (0.01 - 0.5) * ((Math.min(t, 29) - 11) / 18)),
  ],
  cyclic: [
    cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.5, stepSizeUp: 6 }),
    (t) => 0.1 + 0.4 * triangle(t, 6, 6),
  ],
  'cyclic, halved': [
    cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.5, stepSizeUp: 4, stepSizeDown: 8, mode: 'triangular2' }),
    (t) => 0.1 + 0.4 * triangle(t, 4, 8) * 0.5 ** Math.floor(t / 12),
  ],
  'cyclic, falling': [
    cyclic({ baseLearningRate: 0.1, maxLearningRate: 0.5, stepSizeUp: 4, mode: 'exp_range', gamma: 0.97 }),
    (t) => 0.1 + 0.4 * triangle(t, 4, 4) * 0.97 ** t,
  ],
  'restarts, thirds longer': [
    cosineDecayRestarts({ initialLearningRate: 0.2, firstDecaySteps: 9, tMul: 4 / 3, mMul: 0.5 }),
    (t) => restarts(t, 0.2, 9, 4 / 3, 0.5),
  ],
  'restarts, thrice': [
    cosineDecayRestarts({ initialLearningRate: 0.2, firstDecaySteps: 1, tMul: 3 }),
    (t) => restarts(t, 0.2, 1, 3, 1),
  ],
  'piecewise constant': [
    piecewiseConstantDecay({ boundaries: [3, 7, 20], values: [1, 0.5, 0.25, 0.125] }),
    (t) => (t <= 3 ? 1 : t <= 7 ? 0.5 : t <= 20 ? 0.25 : 0.125),
  ],
  'piecewise without boundaries': [piecewiseConstantDecay({ boundaries: [], values: [0.3] }), () => 0.3],
  'exponential stairs': [
    exponentialDecay({ initialLearningRate: 0.4, decaySteps: 6, decayRate: 0.5, staircase: true }),
    (t) => 0.4 * 0.5 ** Math.floor(t / 6),
  ],
  'inverse time': [
    inverseTimeDecay({ initialLearningRate: 0.4, decaySteps: 6, decayRate: 0.5 }),
    (t) => 0.4 / (1 + (0.5 * t) / 6),
  ],
  'polynomial, squared': [
    polynomialDecay({ initialLearningRate: 0.4, decaySteps: 20, power: 2, endLearningRate: 0.1 }),
    (t) => 0.3 * (1 - Math.min(t, 20) / 20) ** 2 + 0.1,
  ],
  'cosine after no warm-up': [
    cosineDecay({ initialLearningRate: 0, decaySteps: 20, warmupTarget: 0.1 }),
    (t) => 0.05 * (1 + Math.cos((Math.PI * Math.min(t, 20)) / 20)),
  ],
}
function cosineOneCycle(t: number, from: number, top: number, last: number, turn: number, end: number): number {
  const [start, stop, share] = t <= turn ? [from, top, t / turn] : [top, last, (Math.min(t, end) - turn) / (end - turn)]
  return stop + ((start - stop) / 2) * (Math.cos(Math.PI * share) + 1)
}
function triangle(t: number, up: number, down: number): number {
  const at = t % (up + down)
  return at <= up ? at / up : 1 - (at - up) / down
}
function restarts(t: number, rate: number, length: number, longer: number, higher: number): number {
  let [left, wave, height] = [t, length, rate]
  while (left >= wave - 1e-9) [left, wave, height] = [left - wave, wave * longer, height * higher]
  return (height / 2) * (1 + Math.cos((Math.PI * left) / wave))
}

describe.each(Object.entries(REFERENCES))('%s', (_, [schedule, reference]) => {
  const steps = upTo(130)
  it('is its formula, on the host and in the graph', () => {
    const wanted = steps.map(reference)
    expect(fault('at', steps.map(schedule.at), wanted, 1e-12, 1e-15)).toBeUndefined()
    for (const target of TARGETS)
      expect(fault(target, inGraph(schedule, steps, target), wanted, 1e-12, 1e-15)).toBeUndefined()
  })

  it('goes through JSON', () => {
    const { className, config } = schedule
    const copy = scheduleOf(JSON.parse(JSON.stringify({ className, config })) as typeof schedule)
    expect(copy).not.toBe(schedule)
    expect([copy.className, copy.config]).toEqual([className, config])
    expect(steps.map(copy.at)).toEqual(steps.map(schedule.at))
    expect(scheduleOf(schedule)).toBe(schedule)
  })
})

it('restarts begin a wave at its first step, however rounding falls', () => {
  const schedule = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10 })
  for (let i = 0, begin = 0; i < 40; i++, begin = 10 * (2 ** i - 1)) expect(schedule.at(begin), String(begin)).toBe(1)
})

it('refuses what makes no sense', () => {
  const x = { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.5 }
  const wrong: readonly (readonly [make: () => unknown, message: string])[] = [
    [() => exponentialDecay({ ...x, decaySteps: 0 }), 'exponentialDecay: decaySteps must be a finite number above 0, it is 0'],
    [() => exponentialDecay({ ...x, decay: 1 } as never), 'exponentialDecay: unknown option "decay"; known are initialLearningRate, decaySteps, decayRate, staircase'],
    [() => inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 10 } as never), 'inverseTimeDecay: decayRate must be given'],
    [() => polynomialDecay({ ...x, decayRate: undefined, power: NaN } as never), 'polynomialDecay: unknown option "decayRate"'],
    [() => polynomialDecay({ initialLearningRate: 0.1, decaySteps: 3, power: NaN }), 'polynomialDecay: power must be a finite number, it is NaN'],
    [() => cosineDecay({ initialLearningRate: 0.1, decaySteps: 3, warmupTarget: 1, warmupSteps: -1 }), 'cosineDecay: warmupSteps must be a finite number above 0, it is -1'],
    [() => cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 3, tMul: 0.5 }), 'cosineDecayRestarts: tMul must be a finite number from 1, it is 0.5'],
    [() => piecewiseConstantDecay({ boundaries: [1, 1], values: [1, 2, 3] }), 'piecewiseConstantDecay: boundaries must rise, they are [1, 1]'],
    [() => piecewiseConstantDecay({ boundaries: [1], values: [1] }), 'piecewiseConstantDecay: there must be one more value than boundaries, there are 1 and 1'],
    [() => piecewiseConstantDecay({ boundaries: [NaN], values: [1, 2] }), 'piecewiseConstantDecay: boundaries must be an array of finite numbers'],
    [() => oneCycle({ maxLearningRate: 1, totalSteps: 10, pctStart: 1 }), 'oneCycle: pctStart must be below 1 and leave more than one of 10 steps, it is 1'],
    [() => oneCycle({ maxLearningRate: 1, totalSteps: 10, annealStrategy: 'sin' as never }), "oneCycle: annealStrategy must be 'cos' or 'linear', it is sin"],
    [() => cyclic({ baseLearningRate: 0, maxLearningRate: 1, mode: 'square' as never }), "cyclic: mode must be 'triangular', 'triangular2' or 'exp_range', it is square"],
    [() => linear({ initialLearningRate: 1, totalSteps: 0 }), 'linear: totalSteps must be a finite number above 0, it is 0'],
    [() => scheduleOf({ className: 'Exponential', config: {} }), 'scheduleOf: there is no schedule Exponential; there are ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay, CosineDecay, CosineDecayRestarts, LinearLR, OneCycleLR, CyclicLR'],
  ] // prettier-ignore
  for (const [make, message] of wrong) {
    expect(make).toThrow(GraphError)
    expect(make).toThrow(message)
  }
  entry({ step: tensor([2], 'float64') }, ({ step }) => {
    const build = (): unknown => exponentialDecay(x)(step as unknown as Tensor<[], 'float64'>)
    expect(build).toThrow('exponentialDecay: the step must be a float scalar, it is')
    return { outputs: {} }
  })
})
