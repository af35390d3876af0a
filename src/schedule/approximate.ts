import type { Fn } from '../ir/functions'
import type { Scalar } from '../ir/scalar'
import type { DType } from '../ir/type'
import { exp, expm1, sigmoid, tanh } from './approximate/exp'
import { log, log1p } from './approximate/log'
import { type FlatKernel, mapKernel } from './flat'

/**
 * Functions as arithmetic in the dtype of the call, for targets that have it in vectors. Polynomials of float32 are fitted
 * by least squares reweighted towards the least largest error. Errors in `docs/numerics.md`.
 */
export function approximateMath(kernel: FlatKernel): FlatKernel {
  return mapKernel(kernel, (s) => (s.kind === 'call' ? FUNCTIONS[s.dtype]?.[s.fn]?.(s.args) : undefined))
}

type Table = Readonly<Partial<Record<Fn, (args: readonly Scalar[]) => Scalar>>>
const one =
  (fn: (x: Scalar) => Scalar) =>
  ([x]: readonly Scalar[]): Scalar =>
    fn(x!)

const BOTH: Table = { exp: one(exp), expm1: one(expm1), log: one(log), log1p: one(log1p), sigmoid: one(sigmoid), tanh: one(tanh) } // prettier-ignore
const FUNCTIONS: Readonly<Partial<Record<DType, Table>>> = { float32: BOTH, float64: BOTH }
