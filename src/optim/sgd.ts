import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, mulT, subT } from '../ops/arith'
import { type Hyper, optimize, type OptimizerOptions } from './optimizer'

export interface SgdOptions extends OptimizerOptions {
  /** Step size, 0.01 by default. */
  readonly learningRate?: Hyper
  /** Share of the last step that is repeated; 0, the default, keeps no velocity. */
  readonly momentum?: Hyper
  /** Look ahead along the velocity. */
  readonly nesterov?: boolean
}

/**
 * Stochastic gradient descent: w - lr g. With momentum, Keras's form, the rate inside the velocity:
 * m = momentum m - lr g, then w + m, or with Nesterov w + momentum m - lr g. Returns updates for an entry.
 * Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
 */
export function sgd<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'sgd', L['shape']>, L>,
  variables: readonly V[],
  options: SgdOptions = {},
): Update<V>[] {
  const { learningRate = 0.01, momentum = 0, nesterov = false } = options
  if (momentum === 0) {
    return optimize('sgd', loss as Tensor, variables, options, { learningRate }, ({ variable, gradient, hyper }) => ({
      next: subT(variable, mulT(hyper('learningRate'), gradient)),
    })) as never
  }
  return optimize(
    'sgd',
    loss as Tensor,
    variables,
    options,
    { learningRate, momentum },
    ({ variable, gradient, slot, hyper }) => {
      const velocity = slot('momentum')
      const step = mulT(hyper('learningRate'), gradient)
      const next = subT(mulT(hyper('momentum'), velocity), step)
      const ahead = nesterov ? subT(mulT(hyper('momentum'), next), step) : next
      return { next: addT(variable, ahead), slots: [[velocity, next]] }
    },
  ) as never
}
