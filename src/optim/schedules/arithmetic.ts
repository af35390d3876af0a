import { apply, type Tensor } from '../../ir/tensor'
import { addT, divT, mulT, subT } from '../../ops/arith'
import { minimumT, powerOp } from '../../ops/binary'
import { scalarConstant } from '../../ops/leaf'
import { ceilOp, floorOp } from '../../ops/rounding'
import { lessOp, maximumOp, whereT } from '../../ops/select'
import { cosOp } from '../../ops/transcendental'
import { logT } from '../../ops/unary'

/** What a formula of a rate is made of, so that it is written once for tensors and for numbers on the host. */
export interface Arithmetic<T> {
  number(value: number): T
  add(a: T, b: T): T
  sub(a: T, b: T): T
  mul(a: T, b: T): T
  div(a: T, b: T): T
  min(a: T, b: T): T
  max(a: T, b: T): T
  power(a: T, b: T): T
  floor(x: T): T
  ceil(x: T): T
  log(x: T): T
  cos(x: T): T
  /** `then` where a < b. */
  ifLess(a: T, b: T, then: T, otherwise: T): T
}

export const ON_HOST: Arithmetic<number> = {
  number: (value) => value,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  power: Math.pow,
  floor: Math.floor,
  ceil: Math.ceil,
  log: Math.log,
  cos: Math.cos,
  ifLess: (a, b, then, otherwise) => (a < b ? then : otherwise),
}

/** In float64. */
export const IN_GRAPH: Arithmetic<Tensor> = {
  number: (value) => scalarConstant(value, 'float64'),
  add: addT,
  sub: subT,
  mul: mulT,
  div: divT,
  min: minimumT,
  max: (a, b) => apply(maximumOp, [a, b], {}),
  power: (a, b) => apply(powerOp, [a, b], {}),
  floor: (x) => apply(floorOp, [x], {}),
  ceil: (x) => apply(ceilOp, [x], {}),
  log: logT,
  cos: (x) => apply(cosOp, [x], {}),
  ifLess: (a, b, then, otherwise) => whereT(apply(lessOp, [a, b], {}), then, otherwise),
}
