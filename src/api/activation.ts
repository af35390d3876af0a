import { checkFlags, checkKeys } from '../ir/names-of'
import { apply, type Tensor } from '../ir/tensor'
import {
  celuOp,
  eluOp,
  geluOp,
  hardShrinkOp,
  hardSigmoidOp,
  hardSiluOp,
  hardTanhOp,
  leakyReluOp,
  logSigmoidOp,
  mishOp,
  preluOp,
  relu6Op,
  seluOp,
  siluOp,
  softminOp,
  softplusOp,
  softShrinkOp,
  softsignOp,
  tanhShrinkOp,
} from '../ops/activation'
import { normalizeAxis } from '../ops/axes'
import { promotedFloat } from '../ops/promote'
import { asFloat, checkNumber, float, number } from './build'
import type { BinaryFloat, Floating } from './signatures'

// All keep the shape; integers become float32. Defaults are those of Keras 3.

type Activated<X extends Tensor> = Tensor<X['shape'], Floating<X['dtype']>>
const isPositive = (v: number): boolean => v > 0 && Number.isFinite(v)

/** min(max(x, 0), 6), same dtype; the gradient at 0 and at 6 is 0. */
export const relu6 = number(relu6Op)
/** x above 0, `slope` x below; the gradient at 0 is the slope. */
export function leakyRelu<X extends Tensor>(x: X, options: { readonly slope?: number } = {}): Activated<X> {
  checkKeys('leakyRelu', options, ['slope'])
  const { slope = 0.2 } = options
  checkNumber('leakyRelu', 'slope', slope, Number.isFinite, 'a finite number')
  return apply(leakyReluOp, [asFloat('leakyRelu', x)], { slope }) as never
}
/** x above 0, slope x below, with a tensor of slopes that broadcasts. Source: He et al. 2015, arXiv:1502.01852. */
export const prelu = promotedFloat(preluOp) as BinaryFloat<'prelu'>
/** x above 0, alpha (exp(x) - 1) below. Source: Clevert et al. 2015, arXiv:1511.07289. */
export function elu<X extends Tensor>(x: X, options: { readonly alpha?: number } = {}): Activated<X> {
  checkKeys('elu', options, ['alpha'])
  const { alpha = 1 } = options
  checkNumber('elu', 'alpha', alpha, Number.isFinite, 'a finite number')
  return apply(eluOp, [asFloat('elu', x)], { alpha }) as never
}
/** elu with the constants that keep mean 0 and variance 1. Source: Klambauer et al. 2017, arXiv:1706.02515. */
export const selu = float(seluOp)
/** max(x, 0) + min(0, alpha (exp(x / alpha) - 1)). Source: Barron 2017, arXiv:1704.07483. */
export function celu<X extends Tensor>(x: X, options: { readonly alpha?: number } = {}): Activated<X> {
  checkKeys('celu', options, ['alpha'])
  const { alpha = 1 } = options
  checkNumber('celu', 'alpha', alpha, isPositive, 'a positive number')
  return apply(celuOp, [asFloat('celu', x)], { alpha }) as never
}
/** x times the normal distribution function of x; `approximate` uses tanh. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415. */
export function gelu<X extends Tensor>(x: X, options: { readonly approximate?: boolean } = {}): Activated<X> {
  checkKeys('gelu', options, ['approximate'])
  checkFlags('gelu', options, ['approximate'])
  const { approximate = false } = options
  return apply(geluOp, [asFloat('gelu', x)], { approximate }) as never
}
/** x sigmoid(x), also called swish. Source: Ramachandran et al. 2017, arXiv:1710.05941. */
export const silu = float(siluOp)
/** x tanh(softplus(x)). Source: Misra 2019, arXiv:1908.08681. */
export const mish = float(mishOp)
/** log(1 + exp(x)), exact in both tails. */
export const softplus = float(softplusOp)
/** log(sigmoid(x)), exact in both tails. */
export const logSigmoid = float(logSigmoidOp)
/** x / (1 + |x|). */
export const softsign = float(softsignOp)
/** x - tanh(x). */
export const tanhShrink = float(tanhShrinkOp)
/** relu6(x + 3) / 6. */
export const hardSigmoid = float(hardSigmoidOp)
/** x relu6(x + 3) / 6. Source: Howard et al. 2019, arXiv:1905.02244. */
export const hardSilu = float(hardSiluOp)
/** x within [-1, 1]; the gradient at both ends is 1. */
export const hardTanh = float(hardTanhOp)
/** x where |x| is above the threshold, else 0. */
export function hardShrink<X extends Tensor>(x: X, options: { readonly threshold?: number } = {}): Activated<X> {
  checkKeys('hardShrink', options, ['threshold'])
  const { threshold = 0.5 } = options
  checkNumber('hardShrink', 'threshold', threshold, (v) => v >= 0, 'a number from 0')
  return apply(hardShrinkOp, [asFloat('hardShrink', x)], { threshold }) as never
}
/** x moved towards 0 by the threshold, 0 within it. */
export function softShrink<X extends Tensor>(x: X, options: { readonly threshold?: number } = {}): Activated<X> {
  checkKeys('softShrink', options, ['threshold'])
  const { threshold = 0.5 } = options
  checkNumber('softShrink', 'threshold', threshold, (v) => v >= 0, 'a number from 0')
  return apply(softShrinkOp, [asFloat('softShrink', x)], { threshold }) as never
}
/** softmax(-x) along one axis, the last by default. */
export function softmin<X extends Tensor>(x: X, options: { readonly axis?: number } = {}): Activated<X> {
  const operand = asFloat('softmin', x)
  checkKeys('softmin', options, ['axis'])
  const { axis = -1 } = options
  return apply(softminOp, [operand], { axis: normalizeAxis('softmin', axis, operand.shape) }) as never
}
