import { call, type Fn, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { mulT } from './arith'
import { elementwise, numbers } from './elementwise'

const unsigned = (x: Scalar): boolean => x.dtype === 'uint8'
/** Whole numbers are what they are rounded to. */
const rounding = <N extends string>(name: N, fn: Exclude<Fn, 'cast'>) =>
  elementwise<N>(name, { dtype: numbers, fn: ([x]) => (isFloat(x!.dtype) ? call(fn, x!) : x!), vjp: null })

// Steps have slope 0 wherever they have one: a loss through them is a mistake, and is told so.
export const floorOp = rounding('floor', 'floor')
export const ceilOp = rounding('ceil', 'ceil')
export const truncOp = rounding('trunc', 'trunc')
/** To the nearest whole number, halves to the even one, as IEEE 754 and NumPy round. */
export const roundOp = rounding('round', 'nearest')

/** -1, 0 or 1; a zero keeps its sign, NaN stays NaN. */
export const signOp = elementwise('sign', {
  dtype: numbers,
  fn: ([x]) => {
    const zero = literal(0, x!.dtype)
    const one = literal(1, x!.dtype)
    const below = unsigned(x!) ? x! : call('select', call('lt', x!, zero), literal(-1, x!.dtype), x!)
    return call('select', call('lt', zero, x!), one, below)
  },
  vjp: null,
})
export const signT = (x: Tensor): Tensor => apply(signOp, [x], {})

/** |x|; the gradient at 0 is 0. */
export const absOp = elementwise('abs', {
  dtype: numbers,
  fn: ([x]) => {
    if (unsigned(x!)) return x!
    if (isFloat(x!.dtype)) return call('abs', x!)
    return call('select', call('lt', x!, literal(0, x!.dtype)), call('neg', x!), x!)
  },
  vjp: ({ inputs: [x], cotangent }) => [mulT(cotangent, signT(x!))],
  formula: ([x]) => ({ kind: 'bars', of: x! }),
})
export const absT = (x: Tensor): Tensor => apply(absOp, [x], {})
