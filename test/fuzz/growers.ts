import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { broadcastShapes, isFloat, sizeOf } from '../../src/ir/type'
import { OTHERS_MORE, SMOOTH_MORE } from './growers-more'
import { NORMS } from './growers-norms'
import {
  axisOf,
  binary,
  DTYPES,
  floats,
  type Grower,
  hasAxis,
  isAny,
  isFull,
  isRow,
  isSome,
  positive,
  product,
  reduction,
  split,
  squaredError,
  unary,
} from './pool'

export const SMOOTH: readonly Grower[] = [
  ...SMOOTH_MORE,
  ...NORMS,
  binary(loom.add, (b) => 2 * b),
  binary(loom.sub, (b) => 2 * b),
  binary(loom.mul, (b) => b * b),
  binary((a: Tensor, b: Tensor) => loom.div(a, positive(b)), (b) => 2 * b), // prettier-ignore
  unary({ op: loom.neg }),
  unary({ op: loom.square, to: (b) => b * b }),
  unary({ op: (x) => loom.exp(loom.tanh(x)), to: () => 3 }),
  unary({ op: (x) => loom.log(positive(x)), to: (b) => Math.log(b * b + 2) }),
  unary({ op: (x) => loom.sqrt(positive(x)), to: (b) => b + 1 }),
  ...[loom.tanh, loom.sigmoid].map((op) => unary({ op, to: () => 1 })),
  unary({ op: (x, p) => loom.pow(positive(x), [-1, 0.5, 3, 0, -2.5][p % 5]!), to: (b) => (b + 1) ** 6 }),
  unary({ op: (x) => loom.named('copy', x) }),
  unary({ op: (x, p) => loom.reshape(x, split(sizeOf(x.shape), p)), if: isSome }),
  unary({ op: (x) => loom.reshape(x, [1, ...x.shape]) }),
  unary({ op: (x, p) => loom.transpose(x, x.shape.map((_, i) => (i + 1 + (p % 2)) % x.shape.length)) }), // prettier-ignore
  unary({ op: (x, p) => (hasAxis(x) ? loom.flip(x, axisOf(x, p)) : loom.flip(x)) }),
  unary({ op: (x, p) => loom.broadcastTo(x, p % 2 ? [2, ...x.shape] : x.shape.map((d) => (d === 1 ? 3 : d))) }),
  reduction(loom.sum, floats),
  reduction(loom.mean, isSome),
  unary({ op: (x, p) => loom.softmax(x, { axis: axisOf(x, p) }), if: isRow }),
  unary({ op: (x) => loom.logSoftmax(x), to: (b) => 2 * b + 8, if: isRow }),
  product,
  binary(squaredError, (b) => 4 * b * b, isSome),
  unary({ op: (x) => loom.softmaxCrossEntropy(x, loom.softmax(loom.neg(x))), to: (b) => 3 * b + 3, if: isRow }),
]

const whole = (t: Tensor): boolean => t.dtype === 'int32' || t.dtype === 'uint8'
const compare = [loom.less, loom.lessEqual, loom.greater, loom.equal, loom.notEqual]
const OTHERS: readonly Grower[] = [
  ...OTHERS_MORE,
  ...[loom.add, loom.mul].map((op) =>
    binary(
      op,
      (b) => b,
      (t) => !floats(t),
    ),
  ),
  binary(loom.sub, (b) => b, whole),
  ...[loom.neg, loom.square].map((op) => unary({ op, if: whole })),
  unary({ op: (x) => loom.relu(x), if: (x) => x.dtype !== 'bool' }),
  binary(loom.maximum, (b) => b, isAny),
  ...compare.map((op) => binary(op, () => 1, isAny)),
  (pool) => {
    const c = pool.find((t) => t.dtype === 'bool')
    const a = pool.find((t) => c !== undefined && broadcastShapes(c.shape, t.shape) !== null, true)
    if (!c || !a) return
    const b = pool.beside(a)
    if (broadcastShapes(broadcastShapes(c.shape, a.shape)!, b.shape) === null) return
    pool.add(loom.where(c, a, pool.p % 3 || a.dtype === 'bool' ? b : 0), pool.bound(a, b))
  },
  (pool) => {
    const x = pool.find(isAny)!
    const dtype = DTYPES[pool.p % DTYPES.length]!
    // Integers of any size become floats of ordinary size.
    const small = isFloat(dtype) && whole(x) ? loom.div(loom.cast(x, dtype), 2 ** 31) : x
    pool.add(loom.cast(small, dtype), pool.bound(x))
  },
  unary({ op: loom.stopGradient, if: isAny }),
  unary({ op: (x, p) => loom.reshape(x, split(sizeOf(x.shape), p)), if: isFull }),
  unary({ op: (x) => loom.transpose(x), if: isAny }),
  unary({ op: (x, p) => loom.flip(x, axisOf(x, p)), if: hasAxis }),
  reduction(loom.sum, isAny),
  reduction(loom.max, isFull),
  reduction(loom.mean, isAny),
  unary({ op: (x, p) => loom.argMax(x, { axis: axisOf(x, p) }), to: () => 20, if: (x) => hasAxis(x) && isFull(x) }),
  unary({ op: (x, p) => loom.oneHot(x, 2 + (p % 4), DTYPES[p % DTYPES.length]), to: () => 1, if: whole }),
  unary({ op: (x) => loom.sparseSoftmaxCrossEntropy(x, loom.argMax(loom.neg(x))), to: (b) => 3 * b + 3, if: isRow }),
]
export const ALL = [...SMOOTH, ...OTHERS]
