import { checkNumber } from '../api/build'
import { expm1 } from '../api/elementary'
import { constant } from '../api/leaf'
import { binaryCrossEntropy, sigmoidCrossEntropy } from '../api/losses'
import { add, log, mul, neg, pow, sigmoid, sub } from '../api/math'
import { logSoftmax } from '../api/nn'
import { mean, sum } from '../api/reduce'
import { GraphError } from '../ir/errors'
import { explained, type Tensor } from '../ir/tensor'
import { binaryOperands, checkCrossentropy, classOperands, CROSSENTROPY_DEFAULTS, probabilities } from './crossentropy'
import { checkFraction, lossClass } from './loss'

const checkGamma = (className: string, gamma: number): void =>
  checkNumber(className, 'gamma', gamma, (v) => v >= 0, 'a number from 0')

/**
 * Binary crossentropy times (1 - p_t)^gamma, p_t = y p + (1 - y)(1 - p): what is already right counts less. With
 * `applyClassBalancing` also times alpha for class 1 and 1 - alpha for class 0. Mean over `axis`. Source: Lin et al. 2017,
 * arXiv:1708.02002.
 */
export const binaryFocalCrossentropy = lossClass({
  className: 'BinaryFocalCrossentropy',
  name: 'binary_focal_crossentropy',
  defaults: { applyClassBalancing: false, alpha: 0.25, gamma: 2, ...CROSSENTROPY_DEFAULTS },
  check: (options) => {
    checkCrossentropy('BinaryFocalCrossentropy', options)
    checkFraction('BinaryFocalCrossentropy', 'alpha', options.alpha)
    checkGamma('BinaryFocalCrossentropy', options.gamma)
  },
  values: (target, prediction, options) => {
    const { y, values, areLogits } = binaryOperands('BinaryFocalCrossentropy', target, prediction, options)
    const { applyClassBalancing, alpha, gamma, axis } = options
    const crossentropy = areLogits ? sigmoidCrossEntropy(values, y) : binaryCrossEntropy(values, y)
    const yes = areLogits ? sigmoid(values) : values
    const no = areLogits ? sigmoid(neg(values)) : sub(1, values)
    // 1 - p_t, without the cancellation.
    const missed = add(mul(y, no), mul(sub(1, y), yes))
    const focal = mul(pow(missed, gamma), crossentropy)
    if (!applyClassBalancing) return mean(focal, { axis })
    return mean(mul(add(mul(y, alpha), mul(sub(1, y), 1 - alpha)), focal), { axis })
  },
})

/**
 * Categorical crossentropy of which each class counts alpha (1 - p)^gamma; alpha is a number, or one a class. Probabilities as
 * for `categoricalCrossentropy`. Source: Lin et al. 2017, arXiv:1708.02002.
 */
export const categoricalFocalCrossentropy = lossClass({
  className: 'CategoricalFocalCrossentropy',
  name: 'categorical_focal_crossentropy',
  defaults: { alpha: 0.25, gamma: 2, ...CROSSENTROPY_DEFAULTS },
  check: (options) => {
    checkCrossentropy('CategoricalFocalCrossentropy', options)
    checkGamma('CategoricalFocalCrossentropy', options.gamma)
    const { alpha } = options
    if (![alpha].flat().every((v) => typeof v === 'number' && Number.isFinite(v)))
      throw new GraphError(
        `CategoricalFocalCrossentropy: alpha must be a number or one a class, it is ${String(alpha)}`,
      )
  },
  values: (target, prediction, options) => {
    const { y, values, areLogits } = classOperands('CategoricalFocalCrossentropy', target, prediction, options)
    const shares = areLogits ? undefined : probabilities(values)
    const logs = shares ? log(shares) : logSoftmax(values)
    const missed = shares ? sub(1, shares) : neg(expm1(logs))
    const weights = mul(pow(missed, options.gamma), perClass(options.alpha, values))
    return neg(sum(mul(weights, mul(y, logs)), { axis: -1 }))
  },
})

function perClass(alpha: number | readonly number[], values: Tensor): Tensor | number {
  if (typeof alpha === 'number') return alpha
  if (alpha.length !== values.shape.at(-1))
    throw explained(
      'CategoricalFocalCrossentropy',
      `alpha has ${alpha.length} numbers, the prediction ${values.shape.at(-1)} classes`,
      [values],
    )
  return constant(alpha, { dtype: values.dtype })
}
