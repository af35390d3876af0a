import { GraphError } from '../ir/errors'
import { choiceF, comparison } from '../ir/formula'
import { call, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import type { DType, TensorType } from '../ir/type'
import { elementwise, sameDtype } from './elementwise'
import { scalarConstant } from './leaf'

const compared = (inputs: readonly TensorType[]): DType => (sameDtype(inputs), 'bool')

/** Comparisons are false where an operand is NaN (notEqual true) and have no gradient. */
export const lessOp = elementwise('less', {
  dtype: compared,
  fn: ([a, b]) => call('lt', a!, b!),
  vjp: null,
  formula: comparison('<'),
})
export const lessEqualOp = elementwise('lessEqual', {
  dtype: compared,
  fn: ([a, b]) => call('le', a!, b!),
  vjp: null,
  formula: comparison('≤'),
})
export const equalOp = elementwise('equal', {
  commutative: true,
  dtype: compared,
  fn: ([a, b]) => call('eq', a!, b!),
  vjp: null,
  formula: comparison('='),
})
export const notEqualOp = elementwise('notEqual', {
  commutative: true,
  dtype: compared,
  fn: ([a, b]) => call('ne', a!, b!),
  vjp: null,
  formula: comparison('≠'),
})

/** where(c, a, b): a where c holds, b elsewhere. Cotangents are masked by selection, never by multiplication. */
export const whereOp = elementwise('where', {
  dtype: ([c, a, b]) => {
    if (c!.dtype !== 'bool') throw new GraphError(`the condition must be bool, it is ${c!.dtype}; compare it with 0`)
    return sameDtype([a!, b!])
  },
  fn: ([c, a, b], _, { dtype }) => {
    if (dtype === 'bool' && isFalse(b!)) return call('and', c!, a!)
    if (dtype === 'bool' && isFalse(a!)) return call('and', call('not', c!), b!)
    return call('select', c!, a!, b!)
  },
  vjp: ({ inputs: [c], cotangent }) => {
    const zero = scalarConstant(0, cotangent.dtype)
    return [null, whereT(c!, cotangent, zero), whereT(c!, zero, cotangent)]
  },
  formula: ([c, a, b]) => choiceF(c!, a!, b!),
})

const isFalse = (s: Scalar): boolean => s.kind === 'const' && s.value === 0

/** Both conditions, for gradients. */
export const andT = (a: Tensor, b: Tensor): Tensor => whereT(a, b, scalarConstant(0, 'bool'))
export const isZero = (x: Tensor): Tensor => apply(equalOp, [x, scalarConstant(0, x.dtype)], {})
export const lessT = (a: Tensor, b: Tensor): Tensor => apply(lessOp, [a, b], {})
export const whereT = (c: Tensor, a: Tensor, b: Tensor): Tensor => apply(whereOp, [c, a, b], {})

/** max(a, b), NaN if either is. At a tie the first operand takes the whole gradient (as TensorFlow and TensorFlow.js do). */
export const maximumOp = elementwise('maximum', {
  commutative: true,
  fn: ([a, b]) => call('max', a!, b!),
  vjp: ({ inputs: [a, b], cotangent }) => {
    const zero = scalarConstant(0, cotangent.dtype)
    const first = apply(lessEqualOp, [b!, a!], {})
    return [whereT(first, cotangent, zero), whereT(first, zero, cotangent)]
  },
})

/** max(x, 0), NaN kept; the gradient at 0 is 0. */
export const reluOp = elementwise('relu', {
  fn: ([x], _, output) => call('max', x!, { kind: 'const', dtype: output.dtype, value: 0 }),
  vjp: ({ output, cotangent }) => {
    const zero = scalarConstant(0, cotangent.dtype)
    return [whereT(apply(lessOp, [scalarConstant(0, output.dtype), output], {}), cotangent, zero)]
  },
})
