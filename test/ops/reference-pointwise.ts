import type { DType } from '../../src/ir/type'
import type { POINTWISE_CASES } from './cases-pointwise'
import { alongAxis, pointwise, type Reference, softmaxOf, type Values } from './values'

/** erf by its series. Source: Abramowitz and Stegun 7.1.6. */
function series(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
/** erfc by its series near 0 and its continued fraction beyond. Source: Abramowitz and Stegun 7.1.14. */
function erfcOf(x: number): number {
  if (x < 0) return 2 - erfcOf(-x)
  if (x < 1) return 1 - series(x)
  let fraction = 0
  for (let n = 200; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}
const erfOf = (x: number): number => (Math.abs(x) < 2 ? series(x) : Math.sign(x) * (1 - erfcOf(Math.abs(x))))
/** The inverse of erf by Newton's method, from the tail where that is small. */
export function erfinvOf(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN
  let y = 0
  for (let i = 0; i < 400; i++) {
    const miss = size < 0.5 ? erfOf(y) - size : 1 - size - erfcOf(y)
    const next = y - (miss * Math.sqrt(Math.PI) * Math.exp(y * y)) / 2
    if (next === y) break
    y = next
  }
  return Math.sign(x) * y
}
/** Nodes and weights of Gauss's quadrature on [-1, 1]. Source: Abramowitz and Stegun 25.4.30. */
const GAUSS = [-1, 1].flatMap((sign) => [
  [(sign * Math.sqrt(5 - 2 * Math.sqrt(10 / 7))) / 3, (322 + 13 * Math.sqrt(70)) / 900],
  [(sign * Math.sqrt(5 + 2 * Math.sqrt(10 / 7))) / 3, (322 - 13 * Math.sqrt(70)) / 900],
  [0, 64 / 225],
])
/** The derivative of sin(t) / t as the integral of u^order cos(t u + order pi / 2) from 0 to 1. */
function sincOf(t: number, order: number): number {
  const parts = 64
  let sum = 0
  for (let k = 0; k < parts; k++)
    for (const [node, weight] of GAUSS) {
      const u = (k + 0.5 + node! / 2) / parts
      // By quarter turns: added to a small angle they would take its digits.
      const [even, odd] = [Math.cos(t * u), Math.sin(t * u)]
      sum += (weight! / 2 / parts) * u ** order * [even, -odd, -even, odd][order % 4]!
    }
  return sum
}
const even = (x: number): number => {
  const low = Math.floor(x)
  if (x - low !== 0.5) return Math.round(x)
  return low % 2 === 0 ? low : low + 1
}
const floored = (a: number, b: number): number => {
  const r = a % b
  return r !== 0 && r < 0 !== b < 0 ? r + b : r
}
/** The neighbour of a float by its bits, which stand for whole numbers in the order of the floats. */
function nextOf(a: number, b: number, dtype: DType): number {
  if (!(a < b || b < a)) return a === b ? b : NaN
  if (a === 0) return Math.sign(b) * (dtype === 'float32' ? 2 ** -149 : Number.MIN_VALUE)
  const step = a < b === a > 0 ? 1 : -1
  const value = dtype === 'float32' ? Float32Array.of(a) : Float64Array.of(a)
  if (value instanceof Float32Array) new Int32Array(value.buffer)[0]! += step
  else new BigInt64Array(value.buffer)[0]! += BigInt(step)
  return value[0]!
}
const whole = ({ dtype }: Values): boolean => dtype === 'int32' || dtype === 'uint8'
const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)))
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const gate = (x: number): number => Math.min(Math.max(x + 3, 0), 6) / 6
/** Division by 0 has no integer: it gives 0. */
const integral = (f: (a: number, b: number) => number): (x: readonly Values[]) => Values => (x) =>
  pointwise((a, b) => (whole(x[0]!) && b === 0 ? 0 : f(a, b)))(x) // prettier-ignore

export const POINTWISE_REFERENCE: { readonly [N in keyof typeof POINTWISE_CASES]: Reference<N> } = {
  floor: pointwise(Math.floor),
  ceil: pointwise(Math.ceil),
  trunc: pointwise(Math.trunc),
  round: pointwise(even),
  sign: pointwise(Math.sign),
  abs: pointwise(Math.abs),
  expm1: pointwise(Math.expm1),
  log1p: pointwise(Math.log1p),
  log2: pointwise(Math.log2),
  log10: pointwise(Math.log10),
  exp2: pointwise((x) => Math.exp(x * Math.LN2)),
  sin: pointwise(Math.sin),
  cos: pointwise(Math.cos),
  tan: pointwise((x) => Math.sin(x) / Math.cos(x)),
  asin: pointwise(Math.asin),
  acos: pointwise(Math.acos),
  atan: pointwise(Math.atan),
  sinh: pointwise(Math.sinh),
  cosh: pointwise(Math.cosh),
  asinh: pointwise(Math.asinh),
  acosh: pointwise(Math.acosh),
  atanh: pointwise(Math.atanh),
  erf: pointwise(erfOf),
  erfc: pointwise(erfcOf),
  rsqrt: pointwise((x) => 1 / Math.sqrt(x)),
  reciprocal: pointwise((x) => 1 / x),
  cbrt: pointwise(Math.cbrt),
  // At whole numbers the sine is 0, which that of a rounded multiple of pi is not.
  sinc: (x, { order }) =>
    pointwise((v) => (order === 0 && Number.isInteger(v) ? Number(v === 0) : sincOf(Math.PI * v, order)))(x),
  erfinv: pointwise(erfinvOf),
  nextafter: (x) => pointwise((a, b) => nextOf(a, b, x[0]!.dtype))(x),
  minimum: pointwise((a, b) => (a !== a || b !== b ? NaN : Math.min(a, b))),
  power: pointwise((a, b) => (b === 0 ? 1 : a ** b)),
  atan2: pointwise(Math.atan2),
  hypot: pointwise((a, b) => Math.sqrt(a * a + b * b)),
  floorDiv: integral((a, b) => Math.round((a - floored(a, b)) / b)),
  mod: integral(floored),
  fmod: integral((a, b) => a % b),
  logAddExp: pointwise((a, b) => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))))),
  xlogy: pointwise((x, y) => (x === 0 ? 0 : x * Math.log(y))),
  squaredDifference: (x) => pointwise((a, b) => (whole(x[0]!) ? Math.imul(a - b, a - b) : (a - b) ** 2))(x),
  clip: (x, { low, high }) => pointwise((v) => Math.min(Math.max(v, low), high))(x),
  logicalAnd: pointwise((a, b) => Number(a !== 0 && b !== 0)),
  logicalOr: pointwise((a, b) => Number(a !== 0 || b !== 0)),
  logicalXor: pointwise((a, b) => Number((a !== 0) !== (b !== 0))),
  logicalNot: pointwise((a) => Number(a === 0)),
  bitwiseAnd: pointwise((a, b) => a & b),
  bitwiseOr: pointwise((a, b) => a | b),
  bitwiseXor: pointwise((a, b) => a ^ b),
  leftShift: pointwise((a, b) => a * 2 ** b),
  rightShift: pointwise((a, b) => Math.floor(a / 2 ** b)),
  bitwiseNot: (x) => pointwise((a) => (x[0]!.dtype === 'uint8' ? 255 - a : -a - 1))(x),
  isNaN: pointwise((x) => Number(Number.isNaN(x)), 'bool'),
  isFinite: pointwise((x) => Number(Number.isFinite(x)), 'bool'),
  isInf: pointwise((x) => Number(x === Infinity || x === -Infinity), 'bool'),
  softplus: pointwise(softplus),
  logSigmoid: pointwise((x) => -softplus(-x)),
  relu6: pointwise((x) => Math.min(Math.max(x, 0), 6)),
  leakyRelu: (x, { slope }) => pointwise((v) => (v > 0 ? v : slope * v))(x),
  prelu: pointwise((x, slope) => (x > 0 ? x : slope * x)),
  elu: (x, { alpha }) => pointwise((v) => (v > 0 ? v : alpha * Math.expm1(v)))(x),
  selu: pointwise((x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),
  celu: (x, { alpha }) => pointwise((v) => Math.max(v, 0) + Math.min(0, alpha * Math.expm1(v / alpha)))(x),
  gelu: (x, { approximate }) =>
    pointwise((v) =>
      approximate
        ? 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))
        : 0.5 * v * (2 - erfcOf(v / Math.SQRT2)),
    )(x),
  silu: pointwise((x) => x * sigmoid(x)),
  mish: pointwise((x) => x * Math.tanh(softplus(x))),
  softsign: pointwise((x) => x / (1 + Math.abs(x))),
  tanhShrink: pointwise((x) => x - Math.tanh(x)),
  hardSigmoid: pointwise(gate),
  hardSilu: pointwise((x) => x * gate(x)),
  hardTanh: pointwise((x) => Math.min(Math.max(x, -1), 1)),
  hardShrink: (x, { threshold }) => pointwise((v) => (Math.abs(v) > threshold ? v : 0))(x),
  softShrink: (x, { threshold }) =>
    pointwise((v) => (v > threshold ? v - threshold : v < -threshold ? v + threshold : 0))(x),
  softmin: ([x], { axis }) => alongAxis(x!, axis, (row) => softmaxOf(row.map((v) => -v))),
}
