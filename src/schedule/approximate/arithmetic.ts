import { call, literal, type Scalar } from '../../ir/scalar'

// What approximations are written in. A number takes the dtype of the scalar that it meets.

type Operand = Scalar | number
const scalarOf = (value: Operand, like: Scalar): Scalar =>
  typeof value === 'number' ? literal(value, like.dtype) : value
const binary =
  (fn: 'add' | 'sub' | 'mul' | 'div' | 'lt' | 'eq' | 'ne' | 'min' | 'max' | 'scale' | 'copysign') =>
  (a: Operand, b: Operand): Scalar => {
    const like = typeof a === 'number' ? (b as Scalar) : a
    return call(fn, scalarOf(a, like), scalarOf(b, like))
  }

export const add = binary('add')
export const sub = binary('sub')
export const mul = binary('mul')
export const div = binary('div')
export const less = binary('lt')
export const equal = binary('eq')
export const differ = binary('ne')
export const either = (a: Scalar, ...more: readonly Scalar[]): Scalar => more.reduce((all, b) => call('or', all, b), a)
export const both = (a: Scalar, b: Scalar): Scalar => call('and', a, b)
/** A bound that is a number stands second: then NaN stays NaN at half the price. */
export const atLeast = binary('max')
export const atMost = binary('min')
/** The first operand times 2 to the power of the second, a whole number. */
export const scale = binary('scale')
/** The size of the first operand with the sign of the second. */
export const copysign = binary('copysign')
export const neg = (x: Scalar): Scalar => call('neg', x)
export const abs = (x: Scalar): Scalar => call('abs', x)
/** -|x|: one bit is set. */
export const negAbs = (x: Scalar): Scalar => copysign(x, -1)
export const nearest = (x: Scalar): Scalar => call('nearest', x)
export const pow2 = (n: Scalar): Scalar => call('pow2', n)
export const sqrt = (x: Scalar): Scalar => call('sqrt', x)
export const square = (x: Scalar): Scalar => mul(x, x)

/** One of the branches must be a scalar, unless both are numbers for the dtype of a third. */
export function select(condition: Scalar, a: Operand, b: Operand, like?: Scalar): Scalar {
  const model = like ?? (typeof a === 'number' ? (b as Scalar) : a)
  return call('select', condition, scalarOf(a, model), scalarOf(b, model))
}

/** Lowest power first. */
export const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar =>
  coefficients.slice(0, -1).reduceRight<Scalar>((sum, c) => add(mul(sum, x), c), literal(coefficients.at(-1)!, x.dtype))

/** x + x³ P(x²): what is odd and has slope 1 keeps all digits near 0. */
export const oddPolynomial = (x: Scalar, coefficients: readonly number[]): Scalar => {
  const z = square(x)
  const rest = mul(polynomial(z, coefficients), z)
  // A rest of -0 would turn the sign of a zero.
  return add(mul(coefficients[0]! < 0 ? add(rest, 0) : rest, x), x)
}

/** The first 12 digits of a float32: products of two such are exact. Source: Dekker 1971, doi:10.1007/BF01397083. */
export function head(x: Scalar): Scalar {
  const c = mul(x, 4097)
  return sub(c, sub(c, x))
}
