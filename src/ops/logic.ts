import { GraphError } from '../ir/errors'
import { infix, type Infix, prefix } from '../ir/formula'
import { call, type Fn, literal, type Scalar } from '../ir/scalar'
import { isFloat, type DType, type TensorType } from '../ir/type'
import { elementwise, sameDtype } from './elementwise'

const conditions = (inputs: readonly TensorType[]): DType => {
  const dtype = sameDtype(inputs)
  if (dtype !== 'bool') throw new GraphError(`needs bool operands, got ${dtype}; compare with 0`)
  return dtype
}
const integers = (inputs: readonly TensorType[]): DType => {
  const dtype = sameDtype(inputs)
  if (dtype !== 'int32' && dtype !== 'uint8') throw new GraphError(`needs int32 or uint8 operands, got ${dtype}`)
  return dtype
}

const logical = <N extends string>(name: N, fn: Exclude<Fn, 'cast'>, symbol: Infix) =>
  elementwise<N>(name, {
    commutative: true,
    dtype: conditions,
    fn: (args) => call(fn, ...args),
    vjp: null,
    formula: infix(symbol),
  })
export const logicalAndOp = logical('logicalAnd', 'and', '∧')
export const logicalOrOp = logical('logicalOr', 'or', '∨')
export const logicalXorOp = logical('logicalXor', 'ne', '⊻')
export const logicalNotOp = elementwise('logicalNot', {
  dtype: conditions,
  fn: ([x]) => call('not', x!),
  vjp: null,
  formula: prefix('¬'),
})

const bits = <N extends string>(name: N, fn: Exclude<Fn, 'cast'>, symbol: Infix, commutative = false) =>
  elementwise<N>(name, {
    commutative,
    dtype: integers,
    fn: (args) => call(fn, ...args),
    vjp: null,
    formula: infix(symbol),
  })
export const bitwiseAndOp = bits('bitwiseAnd', 'bitAnd', '&', true)
export const bitwiseOrOp = bits('bitwiseOr', 'bitOr', '|', true)
export const bitwiseXorOp = bits('bitwiseXor', 'bitXor', '^', true)
/** a times 2^b, wrapped; counts are taken modulo 32. */
export const leftShiftOp = bits('leftShift', 'shiftLeft', '<<')
/** a / 2^b rounded down; counts are taken modulo 32. */
export const rightShiftOp = bits('rightShift', 'shiftRight', '>>')
/** Every bit turned over: -x - 1 as int32, 255 - x as uint8. */
export const bitwiseNotOp = elementwise('bitwiseNot', {
  dtype: integers,
  fn: ([x]) => call('bitXor', x!, literal(x!.dtype === 'uint8' ? 255 : -1, x!.dtype)),
  vjp: null,
  formula: prefix('~'),
})

const test = <N extends string>(name: N, of: (x: Scalar) => Scalar, whole: 0 | 1) =>
  elementwise<N>(name, {
    dtype: () => 'bool',
    fn: ([x]) => (isFloat(x!.dtype) ? of(x!) : literal(whole, 'bool')),
    vjp: null,
  })
export const isNaNOp = test('isNaN', (x) => call('ne', x, x), 0)
export const isFiniteOp = test('isFinite', (x) => call('lt', call('abs', x), literal(Infinity, x.dtype)), 1)
export const isInfOp = test('isInf', (x) => call('eq', call('abs', x), literal(Infinity, x.dtype)), 0)
