import type { Checked, Scalar } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, squareOp, subT } from '../ops/arith'
import { sqrtOp } from '../ops/unary'
import { type Hyper, movingAverage, optimize, type OptimizerOptions } from './optimizer'

export const sqrtT = (x: Tensor): Tensor => apply(sqrtOp, [x], {})
export const squareT = (x: Tensor): Tensor => apply(squareOp, [x], {})

export interface RmspropOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Decay of the average of squared gradients, 0.9 by default. */
  readonly rho?: Hyper
  /** 0 by default. */
  readonly momentum?: Hyper
  /** Added inside the root, 1e-7 by default. */
  readonly epsilon?: Hyper
  /** Subtract the squared average gradient, an estimate of the variance. */
  readonly centered?: boolean
}

/**
 * RMSProp in Keras's form: v = rho v + (1 - rho) g², then w - lr g / √(v + epsilon), epsilon inside the root.
 * Source: Tieleman & Hinton 2012, Coursera lecture 6.5.
 */
export function rmsprop<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'rmsprop', L['shape']>, L>,
  variables: readonly V[],
  options: RmspropOptions = {},
): Update<V>[] {
  const { learningRate = 0.001, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = options
  const hypers = { learningRate, rho, epsilon, ...(momentum === 0 ? {} : { momentum }) }
  return optimize(
    'rmsprop',
    loss as Tensor,
    variables,
    options,
    hypers,
    ({ variable, gradient, slot, hyper }, scalars) => {
      const velocity = slot('velocity')
      const second = movingAverage(velocity, squareT(gradient), scalars.rho!, variable.dtype)
      const slots: Update[] = [[velocity, second]]
      let spread = second
      if (centered) {
        const average = slot('averageGradient')
        const first = movingAverage(average, gradient, scalars.rho!, variable.dtype)
        slots.push([average, first])
        spread = subT(second, squareT(first))
      }
      const step = divT(mulT(hyper('learningRate'), gradient), sqrtT(addT(spread, hyper('epsilon'))))
      if (momentum === 0) return { next: subT(variable, step), slots }
      const speed = slot('momentum')
      const next = addT(mulT(hyper('momentum'), speed), step)
      return { next: subT(variable, next), slots: [...slots, [speed, next]] }
    },
  ) as never
}

export interface AdagradOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** First value of the accumulator, 0.1 by default. */
  readonly initialAccumulator?: number
  /** Added inside the root, 1e-7 by default. */
  readonly epsilon?: Hyper
}

/**
 * Adagrad: a = a + g², then w - lr g / √(a + epsilon).
 * Source: Duchi, Hazan & Singer 2011, JMLR 12.
 */
export function adagrad<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adagrad', L['shape']>, L>,
  variables: readonly V[],
  options: AdagradOptions = {},
): Update<V>[] {
  const { learningRate = 0.001, initialAccumulator = 0.1, epsilon = 1e-7 } = options
  return optimize(
    'adagrad',
    loss as Tensor,
    variables,
    options,
    { learningRate, epsilon },
    ({ variable, gradient, slot, hyper }) => {
      const accumulator = slot('accumulator', initialAccumulator)
      const next = addT(accumulator, squareT(gradient))
      const step = divT(mulT(hyper('learningRate'), gradient), sqrtT(addT(next, hyper('epsilon'))))
      return { next: subT(variable, step), slots: [[accumulator, next]] }
    },
  ) as never
}
