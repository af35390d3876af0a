import { checkNumber } from '../api/build'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, mulT, subT } from '../ops/arith'
import { modOp } from '../ops/binary'
import { scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'
import { isZero, whereT } from '../ops/select'
import type { Counter, Hyper } from './hyper'

export interface EmaOptions {
  /**
   * Keep a moving average of each variable, the slot `average`: average = emaMomentum · average + (1 - emaMomentum) w with w
   * as the rule left it; the first step copies. False by default.
   */
  readonly useEma?: boolean
  /** 0.99 by default. */
  readonly emaMomentum?: Hyper
  /** Every so many steps variables become their averages. Never by default: the caller takes them when training ends. */
  readonly emaOverwriteFrequency?: number | null
}

export interface Averaged {
  readonly next: Tensor
  readonly slots: readonly Update[]
}

/** What a variable becomes and how its average goes on. */
export type Averaging = (next: Tensor, average: Variable) => Averaged

export const checkFrequency = (rule: string, frequency: number | null): void => {
  if (frequency === null) return
  checkNumber(rule, 'emaOverwriteFrequency', frequency, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
}

/** Momentum is a float64 scalar. */
export function averaging(frequency: number | null, momentum: Tensor, counter: Counter): Averaging {
  const zero = scalarConstant(0, 'float64')
  const decay = whereT(isZero(counter.before), zero, momentum)
  return (next, average) => {
    const mean = movingAverage(average, next, decay)
    const slots: readonly Update[] = [[average, mean]]
    if (frequency === null) return { next, slots }
    const turn = isZero(apply(modOp, [counter.step, scalarConstant(frequency, 'float64')], {}))
    return { next: whereT(turn, mean, next), slots }
  }
}

/** average · decay + value · (1 - decay), the moving averages of these rules; the decay is a float64 scalar. */
export function movingAverage(average: Tensor, value: Tensor, decay: Tensor): Tensor {
  const keep = castTensor(decay, average.dtype)
  const take = castTensor(subT(scalarConstant(1, 'float64'), decay), average.dtype)
  return addT(mulT(keep, average), mulT(take, value))
}
