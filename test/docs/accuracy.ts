import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { build, randomNumbers } from '../ops/cases'
import { REFERENCE, type Values } from '../ops/reference'
import { erfinvOf } from '../ops/reference-pointwise'

export type Target = 'js' | 'wasm'
export type Float = 'float32' | 'float64'
type Interval = readonly [low: number, high: number]
/** A function with its float64 reference and the values it is measured on. */
export interface Measured {
  readonly of: (...xs: Tensor[]) => Tensor
  readonly exact: (...xs: number[]) => number
  /** For each operand intervals that share the uniform points; tiny values go where the first intervals allow them. */
  readonly on: readonly (readonly Interval[])[]
}

const erfcBy = (name: 'erf' | 'erfc') => {
  const values = (x: number): Values => ({ shape: [1], dtype: 'float64', data: Float64Array.of(x) })
  return (x: number): number => REFERENCE[name]([values(x)], {}, {} as never).data[0]!
}
const [erfReference, erfc] = [erfcBy('erf'), erfcBy('erfc')]
/** Near 0 the series; the reference of the op tests is 1 - erfc there, and has lost its digits. */
const erf = (x: number): number =>
  Math.abs(x) < 0.01 ? (2 / Math.sqrt(Math.PI)) * x * (1 - x ** 2 / 3 + x ** 4 / 10) : erfReference(x)
const sinc = (x: number): number => {
  const whole = Math.round(x)
  return x === 0 ? 1 : ((whole % 2 === 0 ? 1 : -1) * Math.sin(Math.PI * (x - whole))) / (Math.PI * x)
}
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

const one = (of: (x: Tensor) => Tensor, exact: (x: number) => number, ...on: readonly Interval[]): Measured => ({
  of: (x) => of(x),
  exact: (x) => exact(x),
  on: [on],
})

/** The range of finite, normal results where the function leaves it, else a wide one, and where it is delicate another. */
export const MEASURED = {
  exp: one(loom.exp, Math.exp, [-104, 88.7], [-1, 1]),
  expm1: one(loom.expm1, Math.expm1, [-30, 88.7], [-1, 1]),
  exp2: one(loom.exp2, (x) => 2 ** x, [-150, 127.9], [-1, 1]),
  log: one(loom.log, Math.log, [0, 1e6], [0.5, 2]),
  log1p: one(loom.log1p, Math.log1p, [-1, 1e6], [-0.9, 1]),
  log2: one(loom.log2, Math.log2, [0, 1e6], [0.5, 2]),
  log10: one(loom.log10, Math.log10, [0, 1e6], [0.5, 2]),
  sqrt: one(loom.sqrt, Math.sqrt, [0, 1e6]),
  rsqrt: one(loom.rsqrt, (x) => 1 / Math.sqrt(x), [0, 1e6]),
  reciprocal: one(loom.reciprocal, (x) => 1 / x, [-1e6, 1e6]),
  tanh: one(loom.tanh, Math.tanh, [-10, 10], [-0.01, 0.01]),
  sigmoid: one(loom.sigmoid, (x) => 1 / (1 + Math.exp(-x)), [-104, 104], [-10, 10]),
  softplus: one(loom.softplus, softplus, [-104, 104], [-10, 10]),
  logSigmoid: one(loom.logSigmoid, (x) => 0 - softplus(-x), [-104, 104], [-10, 10]),
  sin: one(loom.sin, Math.sin, [-1e4, 1e4], [-4, 4]),
  cos: one(loom.cos, Math.cos, [-1e4, 1e4], [-4, 4]),
  tan: one(loom.tan, Math.tan, [-1e4, 1e4], [-4, 4]),
  asin: one(loom.asin, Math.asin, [-1, 1]),
  acos: one(loom.acos, Math.acos, [-1, 1]),
  atan: one(loom.atan, Math.atan, [-1e4, 1e4], [-2, 2]),
  sinh: one(loom.sinh, Math.sinh, [-89, 89], [-1, 1]),
  cosh: one(loom.cosh, Math.cosh, [-89, 89], [-1, 1]),
  asinh: one(loom.asinh, Math.asinh, [-1e6, 1e6], [-2, 2]),
  acosh: one(loom.acosh, Math.acosh, [1, 1e6], [1, 2]),
  atanh: one(loom.atanh, Math.atanh, [-1, 1]),
  erf: one(loom.erf, erf, [-5, 5]),
  erfinv: one(loom.erfinv, erfinvOf, [-1, 1], [-0.1, 0.1]),
  cbrt: one(loom.cbrt, Math.cbrt, [-1e6, 1e6], [-1, 1]),
  sinc: one(loom.sinc, sinc, [-100, 100], [-2, 2]),
  erfc: one(loom.erfc, erfc, [-5, 10.5]),
  pow: { of: (a, b) => loom.pow(a, b), exact: (a, b) => a ** b, on: [[[0, 100]], [[-10, 10]]] },
  atan2: { of: (a, b) => loom.atan2(a, b), exact: (a, b) => Math.atan2(a, b), on: [[[-100, 100]], [[-100, 100]]] },
  hypot: {
    of: (a, b) => loom.hypot(a, b),
    exact: (a, b) => Math.hypot(a, b),
    on: [[[-100, 100]], [[-100, 100]]],
  },
} satisfies Record<string, Measured>
export type MeasuredName = keyof typeof MEASURED
export const MEASURED_NAMES = Object.keys(MEASURED) as MeasuredName[]

/** In float64, where WebAssembly has these as arithmetic: the reference is no better than they are. */
const WIDE: readonly (readonly [name: MeasuredName, ...on: readonly Interval[]])[] = [
  ['exp', [-745, 709.7], [-1, 1]],
  ['expm1', [-40, 709.7], [-1, 1]],
  ['exp2', [-1074, 1023.9], [-1, 1]],
  ['log', [0, 1e6], [0.5, 2]],
  ['log1p', [-1, 1e6], [-0.9, 1]],
  ['log2', [0, 1e6], [0.5, 2]],
  ['log10', [0, 1e6], [0.5, 2]],
  ['tanh', [-20, 20], [-1, 1]],
  ['sigmoid', [-700, 700], [-10, 10]],
  ['cosh', [-710, 710], [-1, 1]],
  ['asinh', [-1e9, 1e9], [-2, 2]],
  ['acosh', [1, 1e9], [1, 2]],
  ['atanh', [-1, 1]],
]
export const MEASURED_WIDE: readonly (readonly [name: MeasuredName, Measured])[] = [
  ...WIDE.map(([name, ...on]) => [name, { ...MEASURED[name], on: [on] }] as const),
  ['hypot', MEASURED.hypot],
]

const FORMATS = {
  float32: { rounded: Math.fround, digits: 23, least: -126 },
  float64: { rounded: (x: number) => x, digits: 52, least: -1022 },
} as const

const POINTS = 20_000
const TINY = 4_000

/** Uniform points, then magnitudes from the least subnormal to 1 of both signs, zeros, ends; moved into the domain. */
function sampleOf(on: readonly Interval[], dtype: Float, random: () => number): number[] {
  const { rounded, digits, least } = FORMATS[dtype]
  const [low, high] = on[0]!
  const uniform = Array.from({ length: POINTS }, (_, i) => {
    const [a, b] = on[i % on.length]!
    return a + (b - a) * random()
  })
  const tiny = Array.from({ length: TINY }, () => (random() < 0.5 ? -1 : 1) * 2 ** ((least - digits) * random()))
  return [...uniform, ...tiny, 0, -0, low, high].map(rounded).map((v) => Math.min(Math.max(v, low), high))
}

/** The sample of each operand, as values of the dtype. */
function pointsOf({ on }: Measured, dtype: Float): number[][] {
  const random = randomNumbers(11)
  const operands = on.map((intervals) => sampleOf(intervals, dtype, random).map(FORMATS[dtype].rounded))
  // Shifted, so that tiny values of one operand meet tiny and other values of the other.
  return operands.map((values, k) => (k === 0 ? values : [...values.slice(TINY / 2), ...values.slice(0, TINY / 2)]))
}

/** Units in the last place by which a value misses the exact one; 0 where both overflow. */
export function ulps(value: number, exact: number, dtype: Float = 'float32'): number {
  const { rounded, digits, least } = FORMATS[dtype]
  if (Object.is(value, exact) || (Number.isNaN(value) && Number.isNaN(exact))) return 0
  if (!Number.isFinite(value)) return value === rounded(exact) ? 0 : Infinity
  let exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), least)
  if (exponent > least && 2 ** exponent > Math.abs(exact)) exponent--
  return Math.abs(value - exact) / 2 ** (exponent - digits)
}

/** The worst error over the sample, in ulp. */
export function worst(
  measured: Measured,
  target: Target,
  dtype: Float = 'float32',
): { readonly error: number; readonly at: readonly number[] } {
  const points = pointsOf(measured, dtype)
  const size = points[0]!.length
  const names = points.map((_, i) => `x${i}`)
  const inputs = Object.fromEntries(names.map((name) => [name, { shape: [size], dtype }]))
  const { run } = build(inputs, (xs) => ({ outputs: { y: measured.of(...names.map((name) => xs[name]!)) } }), {
    target,
  })
  const y = run(Object.fromEntries(names.map((name, i) => [name, points[i]!])))['y']!
  let [error, at] = [0, 0]
  for (let i = 0; i < size; i++) {
    const miss = ulps(y[i]!, measured.exact(...points.map((values) => values[i]!)), dtype)
    if (!(miss <= error)) [error, at] = [miss, i]
  }
  return { error, at: points.map((values) => values[at]!) }
}

/** Up to one decimal; what float64 itself may be off by does not count as a step. */
export const roundedUp = (error: number): string => (Math.ceil(error * 10 - 1e-4) / 10).toFixed(1)
const short = (v: number): string => (Math.abs(v) < 1e4 ? String(v) : v.toExponential().replace('+', ''))
export const domainOf = ({ on }: Measured): string =>
  on.map((intervals) => intervals.map(([a, b]) => `[${short(a)}, ${short(b)}]`).join(', ')).join(' and ')

/** Points where a function is singular or changes its kind; results are those of the reference. */
export const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1, -1]
export const special = (
  measured: Measured,
  target: Target,
  dtype: Float = 'float32',
): { readonly at: number[]; readonly y: number; readonly exact: number }[] => {
  const [first, second] = measured.on.length === 2 ? [SPECIAL.flatMap((a) => SPECIAL.map(() => a)), SPECIAL.flatMap(() => SPECIAL)] : [SPECIAL, undefined] // prettier-ignore
  const operands = second ? [first, second] : [first]
  const names = operands.map((_, i) => `x${i}`)
  const inputs = Object.fromEntries(names.map((name) => [name, { shape: [first.length], dtype }]))
  const { run } = build(inputs, (xs) => ({ outputs: { y: measured.of(...names.map((name) => xs[name]!)) } }), {
    target,
  })
  const y = run(Object.fromEntries(names.map((name, i) => [name, operands[i]!])))['y']!
  return Array.from(y, (v, i) => {
    const at = operands.map((values) => values[i]!)
    return { at, y: v, exact: FORMATS[dtype].rounded(measured.exact(...at)) }
  })
}
