import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { each, type FunctionRow, meaning } from './function-case'
import { binary, fixed, integers, type OpCase, operand, PAIRS, unary, whole } from './operands'

const LARGEST = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE }
const divisor = (a: number, b: number): number => (b === 0 ? Math.abs(a) : divisor(b, a % b))
const numbers = (...values: number[]): Tensor => loom.constant(Int32Array.from(values), { shape: [values.length] })
const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0)
const log2AddExp = (a: number, b: number): number => Math.max(a, b) + Math.log2(1 + 2 ** -Math.abs(a - b))
const isNear = (relative: number, absolute: number, equalNaN: boolean) => (a: number, b: number) =>
  Number(
    a === b || (equalNaN && a !== a && b !== b) || (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= absolute + relative * Math.abs(b)), // prettier-ignore
  )
/** Operands of three, the first two of which broadcast. */
const three = (build: OpCase['build']): OpCase[] =>
  PAIRS.map(([a, b]) => ({ inputs: [operand(a), operand(b), operand(b, 'unit')], build }))
const special = (build: OpCase['build']): OpCase[] => binary(build, 'special')
const choices = (cases: readonly (readonly [number, number])[], otherwise: number) =>
  cases.find(([holds]) => holds !== 0)?.[1] ?? otherwise

export const ELEMENTWISE_FUNCTIONS = {
  logit: {
    cases: meaning(
      unary((x) => loom.logit(loom.add(loom.mul(x, 0.5), 0.25)), 'unit'),
      each((x) => Math.log((x / 2 + 0.25) / (0.75 - x / 2))),
    ),
  },
  deg2rad: {
    cases: [
      ...meaning(
        unary(loom.deg2rad),
        each((x) => (x * Math.PI) / 180),
      ),
      ...meaning(
        integers(loom.deg2rad, 1),
        each((x) => (x * Math.PI) / 180, 'float32'),
      ),
    ],
  },
  rad2deg: {
    cases: meaning(
      unary(loom.rad2deg),
      each((x) => (x * 180) / Math.PI),
    ),
  },
  frac: {
    cases: [
      ...meaning(
        unary((x) => loom.frac(loom.sub(x, 3)), 'unit'),
        each((x) => x - 1),
      ),
      ...meaning(
        unary((x) => loom.frac(loom.add(x, 3)), 'unit'),
        each((x) => x),
      ),
      ...meaning(
        integers(loom.frac, 1),
        each(() => 0),
      ),
    ],
  },
  logAddExp2: { cases: meaning(binary(loom.logAddExp2), each(log2AddExp)) },
  lerp: {
    cases: meaning(
      three((a, b, w) => loom.lerp(a, b, w)),
      each((a, b, w) => (1 - w) * a + w * b),
    ),
  },
  ldexp: {
    cases: [
      ...meaning(
        PAIRS.map(([a, b]) => ({ inputs: [operand(a), operand(b, 'integer', 'int32')], build: loom.ldexp })),
        (x, n) => each((v, e) => v * 2 ** e, x.dtype)(x, n),
      ),
      ...meaning(
        // 2^150 overflows float32, the product does not.
        unary((x) => loom.ldexp(loom.mul(x, 2 ** -140), 150)),
        each((x) => x * 2 ** 10),
      ),
    ],
  },
  addN: {
    cases: [
      ...meaning(
        three((...xs) => loom.addN(xs)),
        each((a, b, c) => a + b + c),
      ),
      ...meaning(
        integers((a, b) => loom.addN([a, b, a]), 2),
        each((a, b) => a + b + a),
      ),
    ],
  },
  gcd: {
    cases: [
      ...meaning(integers(loom.gcd, 2), each(divisor)),
      ...meaning([whole(loom.gcd, 2, 'int32', 60)], each(divisor)),
      // Neighbours in the Fibonacci sequence take the most divisions; the least int32 has no opposite.
      ...meaning([fixed(() => loom.gcd(numbers(1836311903, -(2 ** 31), 0), numbers(1134903170, 6, 0)))], () => ({ dtype: 'int32', shape: [3], data: Float64Array.of(1, 2, 0) })), // prettier-ignore
    ],
  },
  lcm: {
    cases: meaning(
      [whole(loom.lcm, 2, 'int32', 'integer'), whole(loom.lcm, 2, 'uint8', 16), ...integers(loom.lcm, 2).slice(1, 2)],
      (a, b) => each((p, q) => (divisor(p, q) === 0 ? 0 : Math.abs(Math.imul(Math.floor(p / divisor(p, q)), q))), a.dtype)(a, b), // prettier-ignore
    ),
  },
  isPosInf: {
    cases: [
      ...meaning(
        unary(loom.isPosInf, 'special'),
        each((x) => Number(x === Infinity), 'bool'),
      ),
      ...meaning(
        integers(loom.isPosInf, 1),
        each(() => 0, 'bool'),
      ),
    ],
  },
  isNegInf: {
    cases: meaning(
      unary(loom.isNegInf, 'special'),
      each((x) => Number(x === -Infinity), 'bool'),
    ),
  },
  signbit: {
    cases: [
      ...meaning(
        unary(loom.signbit, 'special'),
        each((x) => Number(isNegative(x)), 'bool'),
      ),
      ...meaning(
        integers(loom.signbit, 1),
        each((x) => Number(x < 0), 'bool'),
      ),
    ],
  },
  copysign: {
    cases: [
      ...meaning(
        binary(loom.copysign, 'nonZero'),
        each((a, b) => Math.abs(a) * Math.sign(b)),
      ),
      ...meaning(
        // The reciprocal tells zeros apart.
        special((a, b) => loom.reciprocal(loom.copysign(a, b))),
        each((a, b) => 1 / (isNegative(b) ? -Math.abs(a) : Math.abs(a))),
      ),
    ],
  },
  nanToNum: {
    cases: [
      ...meaning(
        unary((x) => loom.nanToNum(x)),
        each((x) => x),
      ),
      ...meaning(
        unary((x) => loom.nanToNum(x), 'special'),
        (x) => {
          const largest = LARGEST[x.dtype as 'float32' | 'float64']
          return each((v) => (Number.isNaN(v) ? 0 : Math.min(Math.max(v, -largest), largest)))(x)
        },
      ),
      ...meaning(
        unary((x) => loom.nanToNum(x, { nan: 7, posInf: 8, negInf: -9 }), 'special'),
        each((v) => (Number.isNaN(v) ? 7 : v === Infinity ? 8 : v === -Infinity ? -9 : v)),
      ),
      ...meaning(
        integers((x) => loom.nanToNum(loom.add(x, 0)), 1),
        each((v) => v),
      ),
    ],
  },
  fmax: {
    cases: [
      ...meaning(binary(loom.fmax, 'awayFromTies'), each(Math.max)),
      ...meaning(
        special(loom.fmax),
        each((a, b) => (a !== a ? b : b !== b ? a : Math.max(a, b))),
      ),
      ...meaning(integers(loom.fmax, 2), each(Math.max)),
    ],
  },
  fmin: {
    cases: [
      ...meaning(binary(loom.fmin, 'awayFromTies'), each(Math.min)),
      ...meaning(
        special(loom.fmin),
        each((a, b) => (a !== a ? b : b !== b ? a : Math.min(a, b))),
      ),
    ],
  },
  divNoNan: {
    cases: [
      ...meaning(
        binary(loom.divNoNan, 'any', 'nonZero'),
        each((a, b) => a / b),
      ),
      ...meaning(
        special(loom.divNoNan),
        each((a, b) => (b === 0 ? 0 : a / b)),
      ),
      ...meaning(
        integers(loom.divNoNan, 2),
        each((a, b) => (b === 0 ? 0 : a / b), 'float32'),
      ),
    ],
  },
  heaviside: {
    differentiable: false,
    cases: meaning(
      special(loom.heaviside),
      each((x, h) => (x < 0 ? 0 : x > 0 ? 1 : x === 0 ? h : NaN)),
    ),
  },
  isClose: {
    cases: [
      ...meaning(
        special((a, b) => loom.isClose(a, loom.add(b, 0.25), { absolute: 0.3 })),
        each((a, b) => isNear(1e-5, 0.3, false)(a, b + 0.25), 'bool'),
      ),
      ...meaning(
        special((a, b) => loom.isClose(a, loom.mul(b, 1.125), { relative: 0.25, equalNaN: true })),
        each((a, b) => isNear(0.25, 1e-8, true)(a, b * 1.125), 'bool'),
      ),
      ...meaning([whole((a, b) => loom.isClose(a, b, { absolute: 2 }), 2, 'uint8', 9)], each(isNear(1e-5, 2, false), 'bool')), // prettier-ignore
    ],
  },
  allClose: {
    cases: [0.01, 10].flatMap((absolute) =>
      meaning(
        binary((a, b) => loom.allClose(a, b, { absolute })),
        (a, b) => {
          const all = each(isNear(1e-5, absolute, false), 'bool')(a, b).data.every((v) => v === 1)
          return { shape: [], dtype: 'bool', data: Float64Array.of(Number(all)) }
        },
      ),
    ),
  },
  select: {
    cases: meaning(
      PAIRS.map(([a, b]) => ({
        inputs: [operand(a, 'bool'), operand(b, 'bool'), operand(a), operand(b)],
        build: (p: Tensor, q: Tensor, x: Tensor, y: Tensor) => loom.select([p, q], [x, y], -3),
      })),
      each((p, q, x, y) => choices([[p, x], [q, y]], -3)), // prettier-ignore
    ),
  },
} satisfies Record<string, FunctionRow>
