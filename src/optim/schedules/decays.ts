import { checkNumber } from '../../api/build'
import { GraphError } from '../../ir/errors'
import { checkFinite, checkSteps } from './checks'
import { makeSchedule, NEEDED, type Schedule, type ScheduleKind } from './schedule'

/** Of `exponentialDecay` and `inverseTimeDecay`. */
export type RateDecayOptions = {
  readonly initialLearningRate: number
  /** The steps in which the rate decays once. */
  readonly decaySteps: number
  readonly decayRate: number
  /** Decay at once at the end of every `decaySteps`. False by default. */
  readonly staircase?: boolean
}
type RateDecay = Required<RateDecayOptions>

const rateDecay = (
  factory: string,
  className: string,
  rate: ScheduleKind<RateDecay>['rate'],
): ScheduleKind<RateDecay> => ({
  factory,
  className,
  options: { initialLearningRate: NEEDED, decaySteps: NEEDED, decayRate: NEEDED, staircase: false },
  check: ({ initialLearningRate, decaySteps, decayRate }) => {
    checkFinite(factory, { initialLearningRate, decayRate })
    checkSteps(factory, { decaySteps })
  },
  rate: (m, step, config) => {
    const times = m.div(step, m.number(config.decaySteps))
    return rate(m, config.staircase ? m.floor(times) : times, config)
  },
})

const powers = rateDecay('exponentialDecay', 'ExponentialDecay', (m, times, { initialLearningRate, decayRate }) =>
  m.mul(m.number(initialLearningRate), m.power(m.number(decayRate), times)),
)
export const exponentialKind: ScheduleKind<RateDecay> = {
  ...powers,
  check: (config) => {
    powers.check(config)
    checkNumber(powers.factory, 'decayRate', config.decayRate, (v) => v >= 0, 'a number from 0')
  },
}
/** initialLearningRate · decayRate^(step / decaySteps). */
export const exponentialDecay = (options: RateDecayOptions): Schedule => makeSchedule(exponentialKind, options)

export const inverseTimeKind = rateDecay(
  'inverseTimeDecay',
  'InverseTimeDecay',
  (m, times, { initialLearningRate, decayRate }) =>
    m.div(m.number(initialLearningRate), m.add(m.number(1), m.mul(m.number(decayRate), times))),
)
/** initialLearningRate / (1 + decayRate · step / decaySteps). */
export const inverseTimeDecay = (options: RateDecayOptions): Schedule => makeSchedule(inverseTimeKind, options)

/** Options of `piecewiseConstantDecay`. */
export type PiecewiseConstantDecayOptions = {
  /** Steps, each later than the one before; the step itself has the earlier rate. */
  readonly boundaries: readonly number[]
  /** Rates, one more than there are boundaries. */
  readonly values: readonly number[]
}

export const piecewiseConstantKind: ScheduleKind<PiecewiseConstantDecayOptions> = {
  factory: 'piecewiseConstantDecay',
  className: 'PiecewiseConstantDecay',
  options: { boundaries: NEEDED, values: NEEDED },
  check: ({ boundaries, values }) => {
    const fail = (why: string): GraphError => new GraphError(`piecewiseConstantDecay: ${why}`)
    for (const [name, list] of Object.entries({ boundaries, values }))
      if (!Array.isArray(list) || !list.every(Number.isFinite)) throw fail(`${name} must be an array of finite numbers`)
    if (values.length !== boundaries.length + 1)
      throw fail(`there must be one more value than boundaries, there are ${values.length} and ${boundaries.length}`)
    if (boundaries.some((b, i) => i > 0 && b <= boundaries[i - 1]!))
      throw fail(`boundaries must rise, they are [${boundaries.join(', ')}]`)
  },
  rate: (m, step, { boundaries, values }) =>
    boundaries.reduceRight(
      (later, boundary, i) => m.ifLess(m.number(boundary), step, later, m.number(values[i]!)),
      m.number(values.at(-1)!),
    ),
}
/** The first value up to and including the first boundary, the second up to the second, and so on. */
export const piecewiseConstantDecay = (options: PiecewiseConstantDecayOptions): Schedule =>
  makeSchedule(piecewiseConstantKind, options)

/** Options of `polynomialDecay`. */
export type PolynomialDecayOptions = {
  readonly initialLearningRate: number
  readonly decaySteps: number
  /** 0.0001 by default. */
  readonly endLearningRate?: number
  /** 1 by default. */
  readonly power?: number
  /** Begin anew after `decaySteps`, over twice, three times as many steps, and so on. False by default: the rate stays. */
  readonly cycle?: boolean
}

export const polynomialKind: ScheduleKind<Required<PolynomialDecayOptions>> = {
  factory: 'polynomialDecay',
  className: 'PolynomialDecay',
  options: { initialLearningRate: NEEDED, decaySteps: NEEDED, endLearningRate: 1e-4, power: 1, cycle: false },
  check: ({ initialLearningRate, decaySteps, endLearningRate, power }) => {
    checkFinite('polynomialDecay', { initialLearningRate, endLearningRate, power })
    checkSteps('polynomialDecay', { decaySteps })
  },
  rate: (m, step, { initialLearningRate, decaySteps, endLearningRate, power, cycle }) => {
    const once = m.number(decaySteps)
    const all = cycle ? m.mul(once, m.max(m.number(1), m.ceil(m.div(step, once)))) : once
    const done = m.div(cycle ? step : m.min(step, once), all)
    const left = m.power(m.sub(m.number(1), done), m.number(power))
    return m.add(m.mul(m.number(initialLearningRate - endLearningRate), left), m.number(endLearningRate))
  },
}
/** (initialLearningRate - endLearningRate) (1 - step / decaySteps)^power + endLearningRate. */
export const polynomialDecay = (options: PolynomialDecayOptions): Schedule => makeSchedule(polynomialKind, options)
