import type { Fn } from '../ir/functions'
import type { Scalar } from '../ir/scalar'
import type { DType } from '../ir/type'
import { acos, asin, atan, atan2, hypot } from './approximate/arc'
import { erf, erfc } from './approximate/erf'
import { cosh, exp, expm1, sigmoid, sinh, tanh } from './approximate/exp'
import { acosh, asinh, atanh, log, log10, log1p, log2 } from './approximate/log'
import { pow, powOfConstant } from './approximate/pow'
import { cos, sin, tan } from './approximate/trig'
import { type FlatKernel, mapKernel } from './flat'

/**
 * Functions as arithmetic in the dtype of the call, for targets that have it in vectors. Polynomials of float32 are fitted
 * by least squares reweighted towards the least largest error. Errors in `docs/numerics.md`.
 */
export function approximateMath(kernel: FlatKernel): FlatKernel {
  return mapKernel(kernel, (s) => (s.kind === 'call' ? FUNCTIONS[s.dtype]?.[s.fn]?.(...s.args) : undefined))
}

type Table = Readonly<Partial<Record<Fn, (...args: Scalar[]) => Scalar | undefined>>>
// prettier-ignore
const BOTH: Table = {
  exp, expm1, sigmoid, tanh, cosh, log, log1p, log2, log10, asinh, acosh, atanh, hypot, pow: powOfConstant,
}
// prettier-ignore
const FUNCTIONS: Readonly<Partial<Record<DType, Table>>> = {
  float32: {
    ...BOTH, sinh, sin, cos, tan, asin, acos, atan, atan2, erf, erfc,
    pow: (x: Scalar, y: Scalar) => powOfConstant(x, y) ?? pow(x, y),
  },
  float64: BOTH,
}
