import type { Op } from '../ir/op'
import { call, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { addT, divT, mulT, negT, subT } from './arith'
import { clipT } from './binary'
import { composite } from './composite'
import { elementwise } from './elementwise'
import { absT } from './rounding'
import { andT, lessT, whereT } from './select'
import { softmaxT } from './softmax'
import { erfcOp, expm1Op, squareT } from './transcendental'
import { floats, like, sigmoidT, tanhT } from './unary'

const expm1T = (x: Tensor): Tensor => apply(expm1Op, [x], {})
const zero = (t: Tensor): Tensor => like(0, t)
const scaled = (factor: number, x: Tensor): Tensor => mulT(like(factor, x), x)

/** log(1 + exp(-|x|)), the bend that softplus and logSigmoid share. */
const bend = (x: Scalar): Scalar => call('log1p', call('exp', call('neg', call('abs', x))))

/** log(1 + exp(x)), exact in both tails. */
export const softplusOp = elementwise('softplus', {
  dtype: floats,
  fn: ([x]) => call('add', call('max', x!, literal(0, x!.dtype)), bend(x!)),
  vjp: ({ inputs: [x], cotangent }) => [mulT(cotangent, sigmoidT(x!))],
})
export const softplusT = (x: Tensor): Tensor => apply(softplusOp, [x], {})

/** log(sigmoid(x)), exact in both tails. */
export const logSigmoidOp = elementwise('logSigmoid', {
  dtype: floats,
  fn: ([x]) => call('sub', call('min', x!, literal(0, x!.dtype)), bend(x!)),
  vjp: ({ inputs: [x], cotangent }) => [mulT(cotangent, sigmoidT(negT(x!)))],
})

/** min(max(x, 0), 6); the gradient at 0 and at 6 is 0. */
export const relu6Op = elementwise('relu6', {
  fn: ([x]) => call('min', call('max', x!, literal(0, x!.dtype)), literal(6, x!.dtype)),
  vjp: ({ inputs: [x], cotangent }) => [
    whereT(andT(lessT(zero(x!), x!), lessT(x!, like(6, x!))), cotangent, zero(cotangent)),
  ],
})

export interface SlopeAttrs {
  readonly slope: number
}
/** x above 0, slope x below; at 0 the gradient is the slope. */
export const leakyReluOp = elementwise<'leakyRelu', SlopeAttrs>('leakyRelu', {
  dtype: floats,
  fn: ([x], { slope }) =>
    call('select', call('lt', literal(0, x!.dtype), x!), x!, call('mul', literal(slope, x!.dtype), x!)),
  vjp: ({ inputs: [x], cotangent, attrs: { slope } }) => [
    whereT(lessT(zero(x!), x!), cotangent, scaled(slope, cotangent)),
  ],
})

/** x above 0, slope x below, with a slope for each position that broadcasts. Source: He et al. 2015, arXiv:1502.01852. */
export const preluOp = composite('prelu', {
  expand: ([x, slope]) => whereT(lessT(zero(x!), x!), x!, mulT(slope!, x!)),
})

export interface AlphaAttrs {
  readonly alpha: number
}
/** x above 0, alpha (exp(x) - 1) below. Source: Clevert et al. 2015, arXiv:1511.07289. */
export const eluOp = composite<'elu', AlphaAttrs>('elu', {
  expand: ([x], { alpha }) => whereT(lessT(zero(x!), x!), x!, scaled(alpha, expm1T(x!))),
})

const SELU = { alpha: 1.6732632423543772, scale: 1.0507009873554805 }
/** scale elu(x, alpha) with the constants of Klambauer et al. 2017, arXiv:1706.02515. */
export const seluOp = composite('selu', {
  expand: ([x]) => whereT(lessT(zero(x!), x!), scaled(SELU.scale, x!), scaled(SELU.scale * SELU.alpha, expm1T(x!))),
})

/** max(x, 0) + min(0, alpha (exp(x / alpha) - 1)). Source: Barron 2017, arXiv:1704.07483. */
export const celuOp = composite<'celu', AlphaAttrs>('celu', {
  expand: ([x], { alpha }) => whereT(lessT(zero(x!), x!), x!, scaled(alpha, expm1T(divT(x!, like(alpha, x!))))),
})

export interface GeluAttrs {
  readonly approximate: boolean
}
/** x Φ(x), or its form by tanh. Source: Hendrycks and Gimpel 2016, arXiv:1606.08415. */
export const geluOp = composite<'gelu', GeluAttrs>('gelu', {
  expand: ([x], { approximate }) => {
    // Φ by erfc keeps the digits of the lower tail.
    if (!approximate) return mulT(scaled(0.5, x!), apply(erfcOp, [scaled(-Math.SQRT1_2, x!)], {}))
    const cubic = addT(x!, scaled(0.044715, mulT(x!, squareT(x!))))
    return mulT(scaled(0.5, x!), addT(like(1, x!), tanhT(scaled(Math.sqrt(2 / Math.PI), cubic))))
  },
})

/** x where a gate bends: farther out its slope is 0 in both floats, and 0 times a cotangent times x could be NaN. */
const bending = (x: Tensor): Tensor => clipT(x, -1000, 1000)

/** x sigmoid(x), also called swish. Source: Ramachandran et al. 2017, arXiv:1710.05941. */
export const siluOp: Op<'silu', Record<never, never>> = {
  ...composite('silu', { expand: ([x]) => mulT(x!, sigmoidT(x!)) }),
  pointwise: true,
  vjp: ({ inputs: [x], cotangent }) => {
    const s = sigmoidT(x!)
    const bend = mulT(bending(x!), subT(like(1, s), s))
    return [mulT(cotangent, mulT(s, addT(like(1, s), bend)))]
  },
}

/** x tanh(softplus(x)). Source: Misra 2019, arXiv:1908.08681. */
export const mishOp: Op<'mish', Record<never, never>> = {
  ...composite('mish', { expand: ([x]) => mulT(x!, tanhT(softplusT(x!))) }),
  pointwise: true,
  vjp: ({ inputs: [x], cotangent }) => {
    const t = tanhT(softplusT(x!))
    const slope = mulT(mulT(subT(like(1, t), t), addT(like(1, t), t)), sigmoidT(x!))
    return [mulT(cotangent, addT(t, mulT(bending(x!), slope)))]
  },
}

/** x / (1 + |x|). */
export const softsignOp = composite('softsign', { expand: ([x]) => divT(x!, addT(like(1, x!), absT(x!))) })

/** x - tanh(x). */
export const tanhShrinkOp = composite('tanhShrink', {
  expand: ([x]) => addT(x!, negT(tanhT(x!))),
})

const gate = (x: Tensor): Tensor => scaled(1 / 6, apply(relu6Op, [addT(x, like(3, x))], {}))
/** relu6(x + 3) / 6. */
export const hardSigmoidOp = composite('hardSigmoid', { expand: ([x]) => gate(x!) })
/** x relu6(x + 3) / 6. Source: Howard et al. 2019, arXiv:1905.02244. */
export const hardSiluOp = composite('hardSilu', { expand: ([x]) => mulT(x!, gate(x!)) })
/** x within [-1, 1]. */
export const hardTanhOp = composite('hardTanh', { expand: ([x]) => clipT(x!, -1, 1) })

export interface ThresholdAttrs {
  readonly threshold: number
}
/** x where |x| is above the threshold, else 0; no gradient flows through the comparison. */
export const hardShrinkOp = composite<'hardShrink', ThresholdAttrs>('hardShrink', {
  expand: ([x], { threshold }) => whereT(lessT(like(threshold, x!), absT(x!)), x!, zero(x!)),
})
/** x moved towards 0 by the threshold, 0 within it. */
export const softShrinkOp = composite<'softShrink', ThresholdAttrs>('softShrink', {
  expand: ([x], { threshold }) => {
    const t = like(threshold, x!)
    const below = whereT(lessT(x!, negT(t)), addT(x!, t), zero(x!))
    return whereT(lessT(t, x!), subT(x!, t), below)
  },
})

/** softmax(-x) along an axis. */
export const softminOp = composite<'softmin', { readonly axis: number }>('softmin', {
  expand: ([x], { axis }) => softmaxT(negT(x!), axis),
})
