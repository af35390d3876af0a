import { acos, acosh, asin, asinh, atan, atanh, cos, cosh, erf, sin, sinh, tan } from '../../../api/elementary'
import type { Tensor } from '../../../ir/tensor'
import type { OnnxOp, OnnxOps } from '../node-call'

const ofFloat =
  (build: (x: Tensor) => Tensor): OnnxOp =>
  (call) =>
    build(call.requireFloat(0))

/** Functions of one number. */
export const ELEMENTARY: OnnxOps = {
  Sin: ofFloat(sin),
  Cos: ofFloat(cos),
  Tan: ofFloat(tan),
  Asin: ofFloat(asin),
  Acos: ofFloat(acos),
  Atan: ofFloat(atan),
  Sinh: ofFloat(sinh),
  Cosh: ofFloat(cosh),
  Asinh: ofFloat(asinh),
  Acosh: ofFloat(acosh),
  Atanh: ofFloat(atanh),
  Erf: ofFloat(erf),
}
