import { add, mul, sub } from '../../../api/math'
import type { OnnxOps } from '../node-call'

/** Two operands that broadcast. */
export const ARITHMETIC: OnnxOps = {
  Add: (call) => add(call.input(0), call.input(1)),
  Sub: (call) => sub(call.input(0), call.input(1)),
  Mul: (call) => mul(call.input(0), call.input(1)),
}
