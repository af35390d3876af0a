import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, type Arg, explained, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { addT, divT, mulT, negT, subT } from '../ops/arith'
import { minimumT } from '../ops/binary'
import { allOp } from '../ops/extrema'
import { isFiniteOp, isInfOp, isNaNOp, logicalOrOp } from '../ops/logic'
import { nextafterOp } from '../ops/nextafter'
import { castTensor, promote, promotedFloat, toFloat } from '../ops/promote'
import { absT } from '../ops/rounding'
import { andT, equalOp, isZero, lessEqualOp, lessT, maximumOp, whereT } from '../ops/select'
import { like } from '../ops/unary'
import { alikePair, checkNumber, noBool, requireBroadcast } from './build'
import type { Binary, BinaryFloat, Test } from './signatures'

const isNaNT = (x: Tensor): Tensor => apply(isNaNOp, [x], {})
const equalT = (a: Tensor, b: Tensor): Tensor => apply(equalOp, [a, b], {})
const orT = (a: Tensor, b: Tensor): Tensor => apply(logicalOrOp, [a, b], {})

/** Whether an element is Infinity, as bool. */
export const isPosInf = infinite('isPosInf', (x, zero) => lessT(zero, x))
/** Whether an element is -Infinity, as bool. */
export const isNegInf = infinite('isNegInf', (x, zero) => lessT(x, zero))

function infinite(op: string, isSide: (x: Tensor, zero: Tensor) => Tensor): Test {
  return ((x: Tensor) => {
    requireTensor(op, x)
    return andT(apply(isInfOp, [x], {}), isSide(x, like(0, x)))
  }) as Test
}

const signT = (x: Tensor): Tensor => {
  const zero = like(0, x)
  return isFloat(x.dtype) ? orT(lessT(x, zero), lessT(divT(like(1, x), x), zero)) : lessT(x, zero)
}
/** Whether an element is negative, as bool: true of -0, false of NaN, whose sign differs from target to target. */
export const signbit = ((x: Tensor) => signT(noBool('signbit', x))) as Test

/** The size of a with the sign of b, operands broadcast; a NaN in b counts as positive. No gradient in b. */
export const copysign = ((a: Arg, b: Arg) => {
  const [p, q] = alikePair('copysign', a, b).map(toFloat) as [Tensor, Tensor]
  const size = absT(p)
  return whereT(signT(q), negT(size), size)
}) as BinaryFloat<'copysign'>

/**
 * The number next to a towards b, operands broadcast; b where they are equal. Every bit of it is right in float32 and
 * float64, subnormals included. No gradient.
 */
export const nextafter = promotedFloat(nextafterOp) as BinaryFloat<'nextafter'>

/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** What stands for NaN, 0 by default. */
  readonly nan?: number
  /** What stands for Infinity and for -Infinity: the largest and the least finite number of the dtype by default. */
  readonly posInf?: number
  readonly negInf?: number
}
const LARGEST = { float32: (2 - 2 ** -23) * 2 ** 127, float64: Number.MAX_VALUE } as const

/**
 * x with numbers in place of NaN and of infinities, same shape and dtype. The gradient is 0 where one was replaced. Throws
 * for a finite number that the dtype holds as an infinity.
 */
export const nanToNum = ((x: Tensor, options: NanToNumOptions = {}) => {
  requireTensor('nanToNum', x)
  checkKeys('nanToNum', options, ['nan', 'posInf', 'negInf'])
  const { nan = 0, posInf, negInf } = options
  const holds = (v: number): boolean => !Number.isFinite(v) || x.dtype !== 'float32' || Number.isFinite(Math.fround(v))
  for (const [name, value] of Object.entries({ nan, posInf, negInf }))
    if (value !== undefined) checkNumber('nanToNum', name, value, holds, `a number that ${x.dtype} can hold`)
  if (!isFloat(x.dtype)) return x
  const largest = LARGEST[x.dtype]
  const ends = whereT(lessT(x, like(0, x)), like(negInf ?? -largest, x), like(posInf ?? largest, x))
  return whereT(isNaNT(x), like(nan, x), whereT(apply(isInfOp, [x], {}), ends, x))
}) as <X extends Tensor>(x: X, options?: NanToNumOptions) => Tensor<X['shape'], X['dtype']>

/** The larger of a and b; a NaN gives way to the other. Operands broadcast, dtypes are promoted. */
export const fmax = numbersOnly('fmax', (a, b) => apply(maximumOp, [a, b], {})) as Binary<'fmax'>
/** The smaller of a and b; a NaN gives way to the other. Operands broadcast, dtypes are promoted. */
export const fmin = numbersOnly('fmin', minimumT) as Binary<'fmin'>

function numbersOnly(op: string, choose: (a: Tensor, b: Tensor) => Tensor) {
  return (a: Arg, b: Arg): Tensor => {
    const [p, q] = alikePair(op, a, b)
    return whereT(isNaNT(p), q, whereT(isNaNT(q), p, choose(p, q)))
  }
}

/** a / b, 0 with gradient 0 where b is 0; operands broadcast, integers become float32. */
export const divNoNan = ((a: Arg, b: Arg) => {
  const [p, q] = alikePair('divNoNan', a, b).map(toFloat) as [Tensor, Tensor]
  return whereT(isZero(q), like(0, p), divT(p, q))
}) as BinaryFloat<'divNoNan'>

/** 0 below 0, 1 above, `atZero` at 0, NaN at NaN; operands broadcast, integers become float32. No gradient in x. */
export const heaviside = ((x: Arg, atZero: Arg) => {
  const [p, q] = alikePair('heaviside', x, atZero).map(toFloat) as [Tensor, Tensor]
  const [zero, one] = [like(0, p), like(1, p)]
  const beside = whereT(isNaNT(p), like(NaN, p), whereT(lessT(p, zero), zero, one))
  return whereT(isZero(p), q, beside)
}) as BinaryFloat<'heaviside'>

/** Options of `isClose`: by how much values may differ. */
export interface CloseOptions {
  /** Of |b|, 1e-5 by default. */
  readonly relative?: number
  /** 1e-8 by default. */
  readonly absolute?: number
  /** Whether NaN is close to NaN. */
  readonly equalNaN?: boolean
}

/**
 * Whether |a - b| <= absolute + relative |b|, as bool, operands broadcast; infinities are close to themselves alone. Integers
 * are compared as float64. No gradient.
 */
export const isClose = (a: Arg, b: Arg, options: CloseOptions = {}): Tensor<Shape, 'bool'> =>
  closeT('isClose', a, b, options) as never

/** Whether all elements of a and b are close, as one bool; see `isClose`. */
export const allClose = (a: Arg, b: Arg, options: CloseOptions = {}): Tensor<[], 'bool'> => {
  const close = closeT('allClose', a, b, options)
  return apply(allOp, [close], { axes: close.shape.map((_, i) => i), keepDims: false }) as never
}

function closeT(op: string, a: Arg, b: Arg, options: CloseOptions): Tensor {
  checkKeys(op, options, ['relative', 'absolute', 'equalNaN'])
  checkFlags(op, options, ['equalNaN'])
  const { relative = 1e-5, absolute = 1e-8, equalNaN = false } = options
  checkNumber(op, 'relative', relative, (v) => v >= 0, 'a number from 0')
  checkNumber(op, 'absolute', absolute, (v) => v >= 0, 'a number from 0')
  const [p, q] = alikePair(op, a, b).map((x) => (isFloat(x.dtype) ? x : castTensor(x, 'float64'))) as [Tensor, Tensor]
  const allowed = addT(like(absolute, q), mulT(like(relative, q), absT(q)))
  const near = andT(apply(isFiniteOp, [q], {}), apply(lessEqualOp, [absT(subT(p, q)), allowed], {}))
  const close = orT(equalT(p, q), near)
  return equalNaN ? orT(close, andT(isNaNT(p), isNaNT(q))) : close
}

type DTypeIn<X> = [Extract<X, Tensor>] extends [never] ? 'float32' : Extract<X, Tensor>['dtype']

/**
 * The choice that belongs to the first condition (bool) that holds, elsewhere `otherwise`; as many choices as conditions,
 * all broadcast, choices are promoted. The gradient of what is not chosen is exactly 0. As `select` in NumPy.
 */
export function select<const X extends Arg>(
  conditions: readonly Tensor[],
  choices: readonly X[],
  otherwise: Arg = 0,
): Tensor<Shape, DTypeIn<X>> {
  if (!Array.isArray(conditions) || !Array.isArray(choices))
    throw new GraphError('select: a list of conditions and a list of as many choices are needed')
  if (conditions.length === 0 || conditions.length !== choices.length)
    throw explained('select', `${conditions.length} conditions need as many choices (at least one), got ${choices.length}`, conditions) // prettier-ignore
  conditions.forEach((c) => {
    requireTensor('select', c)
    if (c.dtype !== 'bool') throw explained('select', `the conditions must be bool, one is ${c.dtype}; compare it with 0`, conditions) // prettier-ignore
  })
  const branches = promote('select', [...choices, otherwise])
  requireBroadcast('select', [...conditions, ...branches])
  return conditions.reduceRight<Tensor>((rest, c, i) => whereT(c, branches[i]!, rest), branches.at(-1)!) as never
}
