import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { sameShape, sizeOf } from '../../src/ir/type'
import { IMAGE, IMAGE_JUMPS, IMAGE_MOVES } from './growers-image'
import { INDEXING, INDEXING_JUMPS, INDEXING_MOVES } from './growers-indexing'
import { LINEAR_JUMPS, LINEAR_SMOOTH } from './growers-linear'
import { SORTING, SORTING_JUMPS } from './growers-sorting'
import { WINDOW, WINDOW_JUMPS } from './growers-window'
import { axisOf, binary, floats, type Grower, hasAxis, isAny, isFull, isRow, isSome, positive, unary } from './pool'

type Op = (x: Tensor) => Tensor
type Pair = (a: Tensor, b: Tensor) => Tensor
const { tanh } = loom
const small = (x: Tensor): Tensor => loom.mul(tanh(x), 0.8)
const bounded = (op: Op, bound: number): Grower => unary({ op: (x) => op(tanh(x)), to: () => bound })
const within = (op: Op, bound: number): Grower => unary({ op: (x) => op(small(x)), to: () => bound })
const ofPositive = (op: Op, to: (b: number) => number): Grower => unary({ op: (x) => op(positive(x)), to })
const probability = (x: Tensor): Tensor => loom.add(loom.mul(loom.sigmoid(x), 0.6), 0.2)
/** A loss compares like with like: where shapes differ, its operand is compared with what became of it. */
const compared =
  (loss: Pair, to: (b: number) => number, target: Op = (x) => x, prediction: Op = (x) => x): Grower =>
  (pool) => {
    const a = pool.find((t) => isSome(t))
    if (!a) return
    const b = pool.beside(a)
    const other = sameShape(a.shape, b.shape) ? b : loom.cos(a)
    pool.add(loss(prediction(a), target(other)), to(pool.bound(a, b) + 1))
  }
const isMatrix = (x: Tensor): boolean => floats(x) && x.shape.length >= 2
const isSmall = (x: Tensor): boolean => floats(x) && sizeOf(x.shape) <= 40
const options = (x: Tensor, p: number) => (p % 3 === 0 ? {} : { axis: axisOf(x, p), keepDims: p % 2 === 0 })
const rangeOf = (extent: number, p: number): loom.Range => {
  const steps = [1, 2, -1, -3]
  const start = extent === 0 ? 0 : p % extent
  const step = steps[p % 4]!
  return p % 5 === 0 ? null : step > 0 ? { start, step } : { start: extent - 1 - start, step }
}

/** Ops that move elements about; legal for every dtype. */
const MOVES: readonly Grower[] = [
  unary({ op: (x, p) => loom.slice(x, x.shape.map((d, i) => rangeOf(d, p + i))), if: isAny }), // prettier-ignore
  unary({ op: (x, p) => loom.pad(x, x.shape.map((_, i) => [(p + i) % 3, p % 2] as const)), if: isAny }), // prettier-ignore
  unary({ op: (x, p) => loom.pad(x, x.shape.map((d, i) => (d === 0 ? [0, 0] : [(p + i) % 3, p % 2])), { mode: 'edge' }), if: isAny }), // prettier-ignore
  unary({ op: (x, p) => loom.pad(x, x.shape.map((d) => [Math.max(0, Math.min(d - 1, p % 3)), 0] as const), { mode: 'reflect' }), if: isAny }), // prettier-ignore
  (pool) => {
    const a = pool.find(hasAxis)
    if (!a) return
    const axis = axisOf(a, pool.p)
    const joins = (t: Tensor): boolean =>
      t.dtype === a.dtype &&
      t.shape.length === a.shape.length &&
      t.shape.every((d, i) => i === axis || d === a.shape[i])
    const b = pool.find(joins, true) ?? a
    pool.add(loom.concat([a, b, a].slice(pool.p % 2), { axis }), pool.bound(a, b))
  },
  (pool) => {
    const a = pool.find(isAny)!
    const b = pool.find((t) => t.dtype === a.dtype && sameShape(t.shape, a.shape), true) ?? a
    pool.add(loom.stack([a, b], { axis: pool.p % (a.shape.length + 1) }), pool.bound(a, b))
  },
  unary({ op: (x, p) => loom.expandDims(x, p % (x.shape.length + 1)), if: isAny }),
  unary({ op: (x) => loom.squeeze(x), if: (x) => x.shape.includes(1) }),
  unary({ op: (x, p) => loom.tile(x, x.shape.map((_, i) => 1 + ((p + i) % 2))), if: isAny }), // prettier-ignore
  unary({ op: (x, p) => loom.repeat(x, 1 + (p % 3), { axis: axisOf(x, p) }), if: hasAxis }),
  unary({ op: (x, p) => loom.roll(x, p - 50, axisOf(x, p)), if: hasAxis }),
  unary({ op: (x, p) => loom.dropout(x, 0.1 + (p % 8) / 10), to: (b) => 10 * b }),
  unary({ op: (x, p) => loom.alphaDropout(x, 0.1 + (p % 8) / 10), to: (b) => 4 * b + 4 }),
  unary({ op: (x) => loom.shuffle(x), if: hasAxis }),
  unary({ op: (x, p) => loom.diagonal(x, { offset: (p % 3) - 1 }), if: (x) => x.shape.length >= 2 }),
]

const product =
  (form: number): Grower =>
  (pool) => {
    const a = pool.find((t) => hasAxis(t) && floats(t))
    const meets = ({ dtype, shape }: Tensor): boolean =>
      dtype === a?.dtype && (shape.at(-2) ?? shape[0]) === a.shape.at(-1)
    const b = a && pool.find((t) => hasAxis(t) && meets(t) && sizeOf(t.shape) * sizeOf(a.shape) < 4e4, true)
    if (!a || !b) return
    const size = pool.bound(a) * pool.bound(b) * Math.max(1, a.shape.at(-1)!)
    if (form === 0) return pool.add(loom.dot(a, b), size)
    const pairs = [[a.shape.length - 1], [Math.max(0, b.shape.length - 2)]] as const
    if (form === 1) return pool.add(loom.tensordot(a, b, pairs), size)
    const right = b.shape.length === 1 ? 'z' : `${'klmn'.slice(0, b.shape.length - 2)}zw`
    pool.add(loom.einsum(`${'abcdef'.slice(0, a.shape.length - 1)}z,${right}`, a, b), size * 20)
  }

export const SMOOTH_MORE: readonly Grower[] = [
  bounded(loom.expm1, 2),
  bounded(loom.exp2, 2),
  bounded(loom.sinh, 1.2),
  bounded(loom.cosh, 1.6),
  ofPositive(loom.log1p, (b) => Math.log(b * b + 3)),
  ofPositive(loom.log2, (b) => Math.log2(b * b + 2)),
  ofPositive(loom.log10, (b) => Math.log2(b * b + 2)),
  ofPositive((x) => loom.acosh(loom.add(x, 1)), (b) => Math.log(4 * b * b + 4)), // prettier-ignore
  ofPositive(loom.rsqrt, () => 2),
  ofPositive(loom.tanhShrink, (b) => b * b + 1),
  ofPositive(loom.reciprocal, () => 2),
  ...[loom.sin, loom.cos, loom.erf].map((op) => unary({ op, to: () => 1 })),
  unary({ op: loom.erfc, to: () => 2 }),
  unary({ op: loom.sinc, to: () => 1 }),
  within(loom.erfinv, 1),
  ofPositive(loom.cbrt, (b) => b + 1),
  ...[loom.atan, loom.asinh].map((op) => unary({ op, to: (b) => Math.min(b, 8) })),
  ...[loom.tan, loom.asin, loom.acos, loom.atanh].map((op) => within(op, 3.2)),
  ...[loom.softplus, loom.logSigmoid].map((op) => unary({ op, to: (b) => b + 1 })),
  ...[loom.silu, loom.mish].map((op) => unary({ op })),
  unary({ op: (x, p) => loom.gelu(x, { approximate: p % 2 === 0 }) }),
  binary((a: Tensor, b: Tensor) => loom.pow(positive(a), tanh(b)), (b) => 2 * b * b + 2), // prettier-ignore
  binary((a: Tensor, b: Tensor) => loom.atan2(a, positive(b)), () => 2), // prettier-ignore
  binary((a: Tensor, b: Tensor) => loom.hypot(a, positive(b)), (b) => 2 * b * b + 2), // prettier-ignore
  binary(loom.logAddExp, (b) => b + 1),
  binary((a: Tensor, b: Tensor) => loom.xlogy(a, positive(b)), (b) => b * Math.log(b * b + 3)), // prettier-ignore
  binary(loom.squaredDifference, (b) => 4 * b * b),
  unary({ op: (x, p) => loom.logSumExp(x, options(x, p)), to: (b) => b + 8, if: isRow }),
  unary({ op: (x, p) => loom.variance(x, options(x, p)), to: (b) => 4 * b * b, if: isRow }),
  unary({ op: (x, p) => loom.norm(positive(x), options(x, p)), to: (b) => 50 * (b * b + 1), if: isRow }),
  unary({ op: (x, p) => loom.l2Normalize(positive(x), { axis: axisOf(x, p) }), to: () => 1, if: isRow }),
  unary({ op: (x, p) => loom.layerNorm(x, { axis: axisOf(x, p), epsilon: 0.1 }), to: () => 5, if: isRow }),
  unary({ op: (x, p) => loom.softmin(x, { axis: axisOf(x, p) }), to: () => 1, if: isRow }),
  unary({ op: (x, p) => loom.prod(tanh(x), options(x, p)), to: () => 1, if: (x) => isRow(x) && isSmall(x) }),
  unary({ op: (x, p) => loom.trace(x, { offset: p % 2 }), to: (b) => 20 * b, if: isMatrix }),
  (pool) => {
    const a = pool.find((t) => isSmall(t))
    const b = a && pool.find((t) => isSmall(t) && t.dtype === a.dtype && sizeOf(t.shape) * sizeOf(a.shape) < 400, true)
    if (a && b) pool.add([loom.outer, loom.kron][pool.p % 2]!(a, b), pool.bound(a) * pool.bound(b))
  },
  ...[product(0), product(1), product(2)],
  compared((z, y) => loom.sigmoidCrossEntropy(z, y), (b) => 2 * b + 1, loom.sigmoid), // prettier-ignore
  compared((p, y) => loom.binaryCrossEntropy(p, y), () => 4, loom.sigmoid, probability), // prettier-ignore
  compared(loom.logCosh, (b) => 2 * b + 1),
  compared(loom.poisson, (b) => 4 * b ** 4, positive, positive),
  (pool) => {
    const a = pool.find(isRow)
    if (!a) return
    const [p, q] = [loom.softmax(a), loom.softmax(loom.sin(a))]
    pool.add(pool.p % 2 ? loom.klDivergence(p, q) : loom.cosineSimilarity(p, q), 2 * pool.bound(a) + 2)
  },
  unary({
    op: (x) => loom.customGradient([x], loom.sin, ({ operands: [v], cotangent }) => [loom.mul(cotangent, loom.cos(v))]),
    to: () => 1,
  }),
  unary({ op: (x) => loom.checkpoint((v: Tensor) => loom.sin(loom.tanh(v)))(x), to: () => 1 }),
  ...MOVES,
  ...IMAGE_MOVES,
  ...IMAGE,
  ...INDEXING_MOVES,
  ...INDEXING,
  ...SORTING,
  ...LINEAR_SMOOTH,
  ...WINDOW,
]

const whole = (t: Tensor): boolean => t.dtype === 'int32' || t.dtype === 'uint8'
const number = (t: Tensor): boolean => t.dtype !== 'bool'
const integers = [
  loom.bitwiseAnd,
  loom.bitwiseOr,
  loom.bitwiseXor,
  loom.floorDiv,
  loom.mod,
  loom.fmod,
] as unknown as Pair[]
const nonNegative = (x: Tensor): Tensor => loom.bitwiseAnd(x, 7 as never)

export const OTHERS_MORE: readonly Grower[] = [
  ...[loom.floor, loom.ceil, loom.trunc, loom.round, loom.abs, loom.sign, loom.relu6].map((op) =>
    unary({ op: op, to: (b) => b + 1, if: number }),
  ),
  ...[loom.hardSigmoid, loom.hardSilu, loom.hardTanh, loom.hardShrink, loom.softShrink, loom.softsign].map((op) =>
    unary({ op: (x) => (op as Op)(x), to: (b) => b + 1 }),
  ),
  ...[loom.leakyRelu, loom.elu, loom.selu, loom.celu].map((op) =>
    unary({ op: (x) => (op as Op)(x), to: (b) => 2 * b }),
  ),
  binary(loom.prelu, (b) => b * b),
  unary({ op: (x) => loom.clip(x, x.dtype === 'uint8' ? 3 : -1, 100), if: number }),
  binary(loom.minimum, (b) => b, isAny),
  binary(loom.nextafter, (b) => b + 1),
  ...integers.map((op) => binary(op, (b) => b, whole)),
  ...[loom.leftShift, loom.rightShift].map((op) => binary((a: Tensor, b: Tensor) => op(a, nonNegative(b) as never), (b) => b, whole)), // prettier-ignore
  unary({ op: loom.bitwiseNot, if: whole }),
  ...[loom.logicalAnd, loom.logicalOr, loom.logicalXor].map((op) => binary(op, () => 1, isAny)),
  unary({ op: loom.logicalNot, to: () => 1, if: isAny }),
  ...[loom.isNaN, loom.isFinite, loom.isInf].map((op) => unary({ op, to: () => 1, if: isAny })),
  ...[loom.any, loom.all, loom.countNonZero].map((op) =>
    unary({ op: (x, p) => (op as (x: Tensor, o: object) => Tensor)(x, options(x, p)), to: () => 50, if: hasAxis }),
  ),
  unary({ op: (x, p) => loom.min(x, options(x, p)), if: (x) => hasAxis(x) && isFull(x) }),
  unary({ op: (x, p) => loom.argMin(x, { axis: axisOf(x, p) }), to: () => 20, if: (x) => hasAxis(x) && isFull(x) }),
  unary({ op: (x, p) => loom.prod(x, options(x, p)), to: () => 1, if: (x) => hasAxis(x) && whole(x) }),
  unary({ op: (x, p) => loom.std(loom.concat([x, loom.add(x, 1)], { axis: axisOf(x, p) }), { axis: axisOf(x, p) }), to: (b) => b + 1, if: isRow }), // prettier-ignore
  compared(loom.meanAbsoluteError, (b) => 2 * b),
  compared((a, b) => loom.huber(a, b), (b) => 2 * b), // prettier-ignore
  ...[loom.hinge, loom.squaredHinge].map((loss) => compared(loss as Pair, (b) => (b * b + 1) ** 2)),
  unary({ op: (x) => loom.add(x, loom.uniform(x.shape, { min: -1, dtype: x.dtype as 'float32' })), to: (b) => b + 1 }),
  ...[false, true].map((truncated) =>
    unary({
      op: (x) => loom.add(x, loom.normal(x.shape, { truncated, dtype: x.dtype as 'float32' })),
      to: (b) => b + 8,
    }),
  ),
  unary({ op: (x) => loom.where(loom.equal(loom.categorical(x), 0), 1, 0), to: () => 1, if: isRow }),
  unary({ op: (x) => loom.where(loom.bernoulli(x.shape), x, loom.flip(x)), if: isAny }),
  unary({ op: (x, p) => loom.add(x, loom.randint(x.shape, -p, 2 + p)), if: (x) => x.dtype === 'int32' }),
  unary({
    op: (x) => loom.where(loom.equal(loom.permutation(x.shape[0]!), 0), x, loom.flip(x)),
    if: (x) => x.shape.length === 1,
  }),
  ...MOVES,
  ...IMAGE_MOVES,
  ...IMAGE_JUMPS,
  ...INDEXING_MOVES,
  ...INDEXING_JUMPS,
  ...SORTING_JUMPS,
  ...LINEAR_JUMPS,
  ...WINDOW_JUMPS,
]
