import { checkNumber } from '../../api/build'
import type { Arithmetic } from './arithmetic'
import { checkFinite, checkSteps } from './checks'
import { makeSchedule, NEEDED, type Schedule, type ScheduleKind } from './schedule'

/** Half a cosine wave from 1 at 0 down to 0 at 1. */
export const wave = <T>(m: Arithmetic<T>, done: T): T =>
  m.mul(m.number(0.5), m.add(m.number(1), m.cos(m.mul(m.number(Math.PI), done))))

/** Options of `cosineDecay`. */
export type CosineDecayOptions = {
  readonly initialLearningRate: number
  /** The steps of the decay, after the warm-up. */
  readonly decaySteps: number
  /** The last rate as a share of that at which the decay begins, 0 by default. */
  readonly alpha?: number
  /** The rate in which the warm-up ends and the decay begins; null, the default, for none. */
  readonly warmupTarget?: number | null
  /** The steps of the warm-up, 0 by default. */
  readonly warmupSteps?: number
}

export const cosineKind: ScheduleKind<Required<CosineDecayOptions>> = {
  factory: 'cosineDecay',
  className: 'CosineDecay',
  options: { initialLearningRate: NEEDED, decaySteps: NEEDED, alpha: 0, warmupTarget: null, warmupSteps: 0 },
  check: ({ initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    checkFinite('cosineDecay', { initialLearningRate, alpha, warmupSteps })
    if (warmupTarget !== null) checkFinite('cosineDecay', { warmupTarget })
    checkSteps('cosineDecay', { decaySteps, ...(warmupTarget === null || warmupSteps === 0 ? {} : { warmupSteps }) })
  },
  rate: (m, step, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    const top = warmupTarget ?? initialLearningRate
    const before = m.number(warmupTarget === null ? 0 : warmupSteps)
    const done = m.div(m.min(m.sub(step, before), m.number(decaySteps)), m.number(decaySteps))
    const decay = m.mul(m.number(top), m.add(m.mul(m.number(1 - alpha), wave(m, done)), m.number(alpha)))
    if (warmupTarget === null || warmupSteps === 0) return decay
    const rise = m.mul(m.number(warmupTarget - initialLearningRate), m.div(step, before))
    return m.ifLess(step, before, m.add(rise, m.number(initialLearningRate)), decay)
  },
}
/**
 * A straight rise to `warmupTarget` in `warmupSteps`, if one is given, then half a cosine wave down to `alpha` times the rate in
 * which the rise ended. Source: Loshchilov & Hutter 2017, arXiv:1608.03983; the rise: Goyal et al. 2017, arXiv:1706.02677.
 */
export const cosineDecay = (options: CosineDecayOptions): Schedule => makeSchedule(cosineKind, options)

/** Options of `cosineDecayRestarts`. */
export type CosineDecayRestartsOptions = {
  readonly initialLearningRate: number
  /** The steps of the first wave. */
  readonly firstDecaySteps: number
  /** Each wave is this many times as long as the one before, 2 by default; at least 1. */
  readonly tMul?: number
  /** And this many times as high, 1 by default. */
  readonly mMul?: number
  /** The lowest rate as a share of the initial rate, 0 by default. */
  readonly alpha?: number
}

/** Rounding must not keep a step that begins a wave in the wave before. */
const NUDGE = 1e-12

export const cosineRestartsKind: ScheduleKind<Required<CosineDecayRestartsOptions>> = {
  factory: 'cosineDecayRestarts',
  className: 'CosineDecayRestarts',
  options: { initialLearningRate: NEEDED, firstDecaySteps: NEEDED, tMul: 2, mMul: 1, alpha: 0 },
  check: ({ initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) => {
    checkFinite('cosineDecayRestarts', { initialLearningRate, mMul, alpha })
    checkSteps('cosineDecayRestarts', { firstDecaySteps })
    checkNumber('cosineDecayRestarts', 'tMul', tMul, (v) => Number.isFinite(v) && v >= 1, 'a finite number from 1')
  },
  rate: (m, step, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) => {
    const [one, t] = [m.number(1), m.number(tMul)]
    const waves = m.div(step, m.number(firstDecaySteps))
    // Wave i begins after (tⁱ - 1) / (t - 1) lengths of the first.
    const length = m.add(one, m.mul(waves, m.number(tMul - 1)))
    const index = tMul === 1 ? m.floor(waves) : m.floor(m.add(m.div(m.log(length), m.log(t)), m.number(NUDGE)))
    const longer = m.power(t, index)
    const begin = tMul === 1 ? index : m.div(m.sub(longer, one), m.number(tMul - 1))
    const high = m.mul(m.power(m.number(mMul), index), wave(m, m.div(m.sub(waves, begin), longer)))
    return m.mul(m.number(initialLearningRate), m.add(m.mul(m.number(1 - alpha), high), m.number(alpha)))
  },
}
/**
 * Half cosine waves one after another, each `tMul` times as long and `mMul` times as high as the one before.
 * Source: Loshchilov & Hutter 2017, arXiv:1608.03983.
 */
export const cosineDecayRestarts = (options: CosineDecayRestartsOptions): Schedule =>
  makeSchedule(cosineRestartsKind, options)
