import { binaryCrossentropy as binaryLoss, categoricalCrossentropy as categoricalLoss } from '../losses/crossentropy'
import { klDivergence as divergenceLoss, poisson as poissonLoss } from '../losses/distributions'
import {
  categoricalHinge as categoricalHingeLoss,
  hinge as hingeLoss,
  squaredHinge as squaredHingeLoss,
} from '../losses/hinge'
import type { Loss, LossFactory } from '../losses/loss'
import {
  logCosh as logCoshLoss,
  meanAbsoluteError as absoluteLoss,
  meanAbsolutePercentageError as percentageLoss,
  meanSquaredError as squaredLoss,
  meanSquaredLogarithmicError as logarithmicLoss,
} from '../losses/regression'
import { sparseCategoricalCrossentropy as sparseLoss } from '../losses/sparse-crossentropy'
import { lossValues, meanClass } from './mean'

/** The mean of the values of a loss, with some of its options. */
const meanLoss = <D extends object, O extends D>(
  className: string,
  name: string,
  loss: LossFactory<O>,
  defaults: D,
) => {
  const lossFor = (options: object): Loss =>
    loss(Object.fromEntries(Object.entries(options).filter(([key]) => key in defaults)) as Partial<O>)
  return meanClass({
    className,
    name,
    defaults,
    check: (options) => void lossFor(options),
    values: (target, prediction, options) => lossValues(lossFor(options), target, prediction),
  })
}

const NONE = {}

/** Mean of the loss of this name. */
export const meanSquaredError = meanLoss('MeanSquaredError', 'mean_squared_error', squaredLoss, NONE)
/** Mean of the loss of this name. */
export const meanAbsoluteError = meanLoss('MeanAbsoluteError', 'mean_absolute_error', absoluteLoss, NONE)
/** Mean of the loss of this name. */
export const meanAbsolutePercentageError = meanLoss(
  'MeanAbsolutePercentageError',
  'mean_absolute_percentage_error',
  percentageLoss,
  NONE,
)
/** Mean of the loss of this name. */
export const meanSquaredLogarithmicError = meanLoss(
  'MeanSquaredLogarithmicError',
  'mean_squared_logarithmic_error',
  logarithmicLoss,
  NONE,
)
/** Mean of log(cosh(p - y)). */
export const logCoshError = meanLoss('LogCoshError', 'logcosh', logCoshLoss, NONE)
/** Mean of the loss of this name; labels are -1 and 1 or, in a batch of only such, 0 and 1. */
export const hinge = meanLoss('Hinge', 'hinge', hingeLoss, NONE)
/** Mean of the loss of this name, labels as for `hinge`. */
export const squaredHinge = meanLoss('SquaredHinge', 'squared_hinge', squaredHingeLoss, NONE)
/** Mean of the loss of this name. */
export const categoricalHinge = meanLoss('CategoricalHinge', 'categorical_hinge', categoricalHingeLoss, NONE)
/** Mean of the loss of this name. */
export const klDivergence = meanLoss('KLDivergence', 'kl_divergence', divergenceLoss, NONE)
/** Mean of the loss of this name. */
export const poisson = meanLoss('Poisson', 'poisson', poissonLoss, NONE)
/** Mean of the loss of this name. */
export const binaryCrossentropy = meanLoss('BinaryCrossentropy', 'binary_crossentropy', binaryLoss, {
  fromLogits: false,
  labelSmoothing: 0,
})
/** Mean of the loss of this name. */
export const categoricalCrossentropy = meanLoss(
  'CategoricalCrossentropy',
  'categorical_crossentropy',
  categoricalLoss,
  { fromLogits: false, labelSmoothing: 0, axis: -1 },
)
/** Mean of the loss of this name, over the samples of other classes than `ignoreClass`. */
export const sparseCategoricalCrossentropy = meanLoss(
  'SparseCategoricalCrossentropy',
  'sparse_categorical_crossentropy',
  sparseLoss,
  { fromLogits: false, ignoreClass: null as number | null, axis: -1 },
)
