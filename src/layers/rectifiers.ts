import { elu, leakyRelu } from '../api/activation'
import { relu, threshold } from '../api/activation-more'
import { defineLayer } from './layer'
import { number, optional } from './option'

/** x above the threshold, but at most `maxValue`; negativeSlope (x - threshold) below. Same shape. */
export const reLU = defineLayer({
  className: 'ReLU',
  name: 're_lu',
  options: { maxValue: optional(number(undefined, 0)), negativeSlope: number(0, 0), threshold: number(0, 0) },
  mask: 'pass',
  call: ([x], { maxValue, ...o }) => relu(x!, maxValue === undefined ? o : { ...o, maxValue }),
})

/** x above 0, negativeSlope x below, same shape. */
export const leakyReLU = defineLayer({
  className: 'LeakyReLU',
  name: 'leaky_re_lu',
  options: { negativeSlope: number(0.3, 0) },
  mask: 'pass',
  call: ([x], { negativeSlope }) => leakyRelu(x!, { slope: negativeSlope }),
})

/** x above 0, alpha (exp(x) - 1) below, same shape. */
export const eLU = defineLayer({
  className: 'ELU',
  name: 'elu',
  options: { alpha: number(1) },
  mask: 'pass',
  call: ([x], { alpha }) => elu(x!, { alpha }),
})

/** x above theta, 0 elsewhere, same shape. TensorFlow.js has it, Keras no longer. */
export const thresholdedReLU = defineLayer({
  className: 'ThresholdedReLU',
  name: 'thresholded_re_lu',
  options: { theta: number(1, 0) },
  mask: 'pass',
  call: ([x], { theta }) => threshold(x!, theta, 0),
})
