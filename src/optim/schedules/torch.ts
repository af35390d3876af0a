import { GraphError } from '../../ir/errors'
import { checkFinite, checkSteps } from './checks'
import type { Arithmetic } from './arithmetic'
import { wave } from './cosine'
import { makeSchedule, NEEDED, type Schedule, type ScheduleKind } from './schedule'

// Schedules that PyTorch has and Keras has not, in PyTorch's formulas and defaults.

/** Options of `linear`. */
export type LinearOptions = {
  readonly initialLearningRate: number
  /** Share of the rate at step 0, 1/3 by default. */
  readonly startFactor?: number
  /** Share of the rate from step `totalSteps` on, 1 by default. */
  readonly endFactor?: number
  /** 5 by default. */
  readonly totalSteps?: number
}

export const linearKind: ScheduleKind<Required<LinearOptions>> = {
  factory: 'linear',
  className: 'LinearLR',
  options: { initialLearningRate: NEEDED, startFactor: 1 / 3, endFactor: 1, totalSteps: 5 },
  check: ({ initialLearningRate, startFactor, endFactor, totalSteps }) => {
    checkFinite('linear', { initialLearningRate, startFactor, endFactor })
    checkSteps('linear', { totalSteps })
  },
  rate: (m, step, { initialLearningRate, startFactor, endFactor, totalSteps }) => {
    const done = m.div(m.min(step, m.number(totalSteps)), m.number(totalSteps))
    const factor = m.add(m.number(startFactor), m.mul(m.number(endFactor - startFactor), done))
    return m.mul(m.number(initialLearningRate), factor)
  },
}
/** A straight line between two shares of a rate, PyTorch's LinearLR. */
export const linear = (options: LinearOptions): Schedule => makeSchedule(linearKind, options)

/** Options of `oneCycle`. */
export type OneCycleOptions = {
  readonly maxLearningRate: number
  readonly totalSteps: number
  /** The share of the steps in which the rate rises, between 0 and 1; 0.3 by default. */
  readonly pctStart?: number
  /** Half cosine waves, the default, or straight lines. */
  readonly annealStrategy?: 'cos' | 'linear'
  /** The first rate is the highest by this, 25 by default. */
  readonly divFactor?: number
  /** The last rate is the first by this, 10,000 by default. */
  readonly finalDivFactor?: number
}

/** From one rate to another while `done` goes from 0 to 1. */
function anneal<T>(m: Arithmetic<T>, strategy: 'cos' | 'linear', from: number, to: number, done: T): T {
  const left = strategy === 'cos' ? wave(m, done) : m.sub(m.number(1), done)
  return m.add(m.number(to), m.mul(m.number(from - to), left))
}

export const oneCycleKind: ScheduleKind<Required<OneCycleOptions>> = {
  factory: 'oneCycle',
  className: 'OneCycleLR',
  options: {
    maxLearningRate: NEEDED,
    totalSteps: NEEDED,
    pctStart: 0.3,
    annealStrategy: 'cos',
    divFactor: 25,
    finalDivFactor: 1e4,
  },
  check: ({ maxLearningRate, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor }) => {
    checkFinite('oneCycle', { maxLearningRate, pctStart })
    checkSteps('oneCycle', { totalSteps, divFactor, finalDivFactor })
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw new GraphError(`oneCycle: annealStrategy must be 'cos' or 'linear', it is ${String(annealStrategy)}`)
    if (!(pctStart * totalSteps > 1 && pctStart < 1))
      throw new GraphError(
        `oneCycle: pctStart must be below 1 and leave more than one of ${totalSteps} steps, it is ${pctStart}`,
      )
  },
  rate: (m, step, { maxLearningRate, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor }) => {
    const first = maxLearningRate / divFactor
    const [top, last] = [pctStart * totalSteps - 1, totalSteps - 1]
    const up = anneal(m, annealStrategy, first, maxLearningRate, m.div(step, m.number(top)))
    const done = m.div(m.sub(m.min(step, m.number(last)), m.number(top)), m.number(last - top))
    const down = anneal(m, annealStrategy, maxLearningRate, first / finalDivFactor, done)
    return m.ifLess(m.number(top), step, down, up)
  },
}
/**
 * Up from maxLearningRate / divFactor and then down to that by finalDivFactor, PyTorch's OneCycleLR; the last rate stays.
 * Source: Smith & Topin 2018, arXiv:1708.07120.
 */
export const oneCycle = (options: OneCycleOptions): Schedule => makeSchedule(oneCycleKind, options)

/** Options of `cyclic`. */
export type CyclicOptions = {
  readonly baseLearningRate: number
  readonly maxLearningRate: number
  /** 2,000 by default. */
  readonly stepSizeUp?: number
  /** null, the default, for as many as up. */
  readonly stepSizeDown?: number | null
  /** Peaks stay, halve from cycle to cycle, or fall by `gamma` from step to step. 'triangular' by default. */
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range'
  /** 1 by default. */
  readonly gamma?: number
}

export const cyclicKind: ScheduleKind<Required<CyclicOptions>> = {
  factory: 'cyclic',
  className: 'CyclicLR',
  options: {
    baseLearningRate: NEEDED,
    maxLearningRate: NEEDED,
    stepSizeUp: 2000,
    stepSizeDown: null,
    mode: 'triangular',
    gamma: 1,
  },
  check: ({ baseLearningRate, maxLearningRate, stepSizeUp, stepSizeDown, mode, gamma }) => {
    checkFinite('cyclic', { baseLearningRate, maxLearningRate, gamma })
    checkSteps('cyclic', { stepSizeUp, ...(stepSizeDown === null ? {} : { stepSizeDown }) })
    if (!['triangular', 'triangular2', 'exp_range'].includes(mode))
      throw new GraphError(`cyclic: mode must be 'triangular', 'triangular2' or 'exp_range', it is ${String(mode)}`)
  },
  rate: (m, step, { baseLearningRate, maxLearningRate, stepSizeUp, stepSizeDown, mode, gamma }) => {
    const down = stepSizeDown ?? stepSizeUp
    const cycles = m.div(step, m.number(stepSizeUp + down))
    const index = m.floor(cycles)
    const done = m.sub(cycles, index)
    const turn = stepSizeUp / (stepSizeUp + down)
    const falling = m.div(m.sub(m.number(1), done), m.number(1 - turn))
    const height = m.ifLess(m.number(turn), done, falling, m.div(done, m.number(turn)))
    const full = m.mul(m.number(maxLearningRate - baseLearningRate), height)
    const scale =
      mode === 'triangular' ? m.number(1) : mode === 'triangular2' ? m.power(m.number(0.5), index) : m.power(m.number(gamma), step) // prettier-ignore
    return m.add(m.number(baseLearningRate), m.mul(full, scale))
  },
}
/** Up and down between two rates, PyTorch's CyclicLR. Source: Smith 2017, arXiv:1506.01186. */
export const cyclic = (options: CyclicOptions): Schedule => makeSchedule(cyclicKind, options)
