import { infix, powerF, prefix, productF, sumOf } from '../ir/formula'
import { call, literal } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { GraphError } from '../ir/errors'
import { zerosT } from './broadcast'
import { elementwise, sameDtype } from './elementwise'
import { scalarConstant } from './leaf'

/** `x` times a number, as a tensor of x's dtype. */
const scaled = (x: Tensor, factor: number): Tensor => mulT(x, scalarConstant(factor, x.dtype))
export const addT = (a: Tensor, b: Tensor): Tensor => apply(addOp, [a, b], {})
export const subT = (a: Tensor, b: Tensor): Tensor => apply(subOp, [a, b], {})
export const mulT = (a: Tensor, b: Tensor): Tensor => apply(mulOp, [a, b], {})
export const divT = (a: Tensor, b: Tensor): Tensor => apply(divOp, [a, b], {})
export const negT = (x: Tensor): Tensor => apply(negOp, [x], {})

export const addOp = elementwise('add', {
  commutative: true,
  fn: ([a, b]) => call('add', a!, b!),
  vjp: ({ cotangent }) => [cotangent, cotangent],
  formula: sumOf('+'),
})

export const subOp = elementwise('sub', {
  fn: ([a, b]) => call('sub', a!, b!),
  vjp: ({ cotangent }) => [cotangent, negT(cotangent)],
  formula: sumOf('-'),
})

export const mulOp = elementwise('mul', {
  commutative: true,
  fn: ([a, b]) => call('mul', a!, b!),
  vjp: ({ inputs: [a, b], cotangent }) => [mulT(cotangent, b!), mulT(cotangent, a!)],
  formula: productF,
})

export const divOp = elementwise('div', {
  dtype: (inputs) => floatOnly(sameDtype(inputs), 'integers divide after a cast to a float'),
  fn: ([a, b]) => call('div', a!, b!),
  vjp: ({ inputs: [, b], output, cotangent }) => [divT(cotangent, b!), negT(divT(mulT(cotangent, output), b!))],
  formula: infix('/'),
})

export const negOp = elementwise('neg', {
  fn: ([x]) => call('neg', x!),
  vjp: ({ cotangent }) => [negT(cotangent)],
  formula: prefix('-'),
})

export const squareOp = elementwise('square', {
  fn: ([x]) => call('mul', x!, x!),
  vjp: ({ inputs: [x], cotangent }) => [mulT(cotangent, scaled(x!, 2))],
  formula: ([x]) => powerF(x!, 2),
})

export interface PowAttrs {
  readonly exponent: number
}

/** x to a constant exponent. x^0 is 1 everywhere; the gradient never forms x^(p-1) for p = 0. */
export const powOp = elementwise<'pow', PowAttrs>('pow', {
  dtype: (inputs) => floatOnly(sameDtype(inputs), 'cast the operand to a float'),
  fn: ([x], { exponent }) => call('pow', x!, literal(exponent, x!.dtype)),
  vjp: ({ inputs: [x], cotangent, attrs: { exponent } }) => [
    exponent === 0
      ? zerosT(x!)
      : exponent === 1
        ? cotangent
        : mulT(cotangent, scaled(powConstant(x!, exponent - 1), exponent)),
  ],
  formula: ([x], { exponent }) => powerF(x!, exponent),
})

/** The cheapest exact form of a constant power. */
export function powConstant(x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x
  if (exponent === 2) return apply(squareOp, [x], {})
  return apply(powOp, [x], { exponent })
}

export function floatOnly<D extends string>(dtype: D, remedy: string): D {
  if (!isFloat(dtype as never)) throw new GraphError(`needs float operands, got ${dtype}; ${remedy}`)
  return dtype
}
