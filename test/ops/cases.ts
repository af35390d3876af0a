import * as loom from 'gradloom'
import { DTYPES, isFloat } from '../../src/ir/type'
import { barrierT } from '../../src/ops/barrier'
import { contractT } from '../../src/ops/contract'
import type { OpName } from '../../src/ops/table'
import { ARRAY_CASES } from './cases-arrays'
import { LINEAR_CASES } from './cases-linear'
import { NORM_CASES } from './cases-norms'
import { IMAGE_CASES } from './cases-image'
import { INDEXING_CASES } from './cases-indexing'
import { POINTWISE_CASES } from './cases-pointwise'
import { RANDOM_CASES } from './cases-random'
import { SORTING_CASES } from './cases-sorting'
import { WINDOW_CASES } from './cases-windows'
import {
  binary,
  comparison,
  fixed,
  integers,
  one,
  operand,
  type OpCase,
  ORDERS,
  PAIRS,
  PRODUCTS,
  reduction,
  RESHAPES,
  SHAPES,
  smoothed,
  STRETCHES,
  two,
  unary,
  whole,
} from './operands'

export * from './operands'
const { flip, matmul, reshape, transpose } = loom

/** A row for each op; the root that `build` makes is that op. */
export const CASES: { readonly [N in OpName]: readonly OpCase[] } = {
  input: [...unary((x) => x), whole((x) => x, 1, 'int32'), whole((x) => x, 1, 'bool', 'bool')],
  variable: [fixed(() => loom.variable('w', [2, 3], Float32Array.of(1, 2, -3, 0.5, 0, 1e-3)))],
  constant: [
    fixed(() => loom.constant(0.1)),
    fixed(() => loom.constant([[1], [-2], [1e30]])),
    fixed(() => loom.constant(Int32Array.of(1, -2, 3), { shape: [3, 1] })),
  ],
  add: [...binary(loom.add), ...integers(loom.add, 2), whole(loom.add, 2, 'bool', 'bool')],
  sub: [...binary(loom.sub), ...integers(loom.sub, 2)],
  mul: [...binary(loom.mul), ...integers(loom.mul, 2), whole(loom.mul, 2, 'bool', 'bool')],
  div: binary(loom.div, 'any', 'nonZero'),
  neg: [...unary(loom.neg), ...integers(loom.neg, 1)],
  square: [...unary(loom.square), ...integers(loom.square, 1)],
  pow: [-2, -1, -0.5, 0, 0.5, 2.5, 3].flatMap((p) => unary((x) => loom.pow(x, p), 'positive').slice(2, 5)),
  exp: unary(loom.exp),
  log: unary(loom.log, 'positive'),
  sqrt: unary(loom.sqrt, 'positive'),
  tanh: unary(loom.tanh),
  sigmoid: unary(loom.sigmoid),
  identity: unary((x) => loom.named('copy', x)),
  relu: [...unary((x) => loom.relu(x), 'nonZero'), ...integers((x) => loom.relu(x), 1)],
  maximum: [...binary(loom.maximum, 'awayFromTies'), ...comparison(loom.maximum).slice(PAIRS.length)],
  less: comparison(loom.less),
  lessEqual: comparison(loom.lessEqual),
  equal: comparison(loom.equal),
  notEqual: comparison(loom.notEqual),
  where: [
    ...PAIRS.map(([a, b]) => ({ inputs: [operand(a, 'bool'), operand(b), operand(b)], build: loom.where })),
    ...PAIRS.map(([a, b]) => ({ inputs: [operand(b, 'bool'), operand(a), operand([])], build: loom.where })),
    whole((a, b) => loom.where(a, b, a), 2, 'bool', 'bool'),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => ({
      inputs: [operand([5, 7], 'bool'), operand([7], 2, dtype), operand([5, 1], 2, dtype)],
      build: loom.where,
    })),
  ],
  cast: DTYPES.flatMap((from) => {
    const domain = from === 'bool' ? 'bool' : isFloat(from) ? 'any' : 200
    const others = DTYPES.filter((to) => to !== from)
    return others.map((to) => one(to === 'float32' ? [] : [5, 7], (x) => loom.cast(x, to), domain, from))
  }),
  stopGradient: [...unary(loom.stopGradient), whole(loom.stopGradient, 1, 'bool', 'bool')],
  reshape: [
    ...RESHAPES.map(([from, to]) => one(from, (x) => reshape(x, to))),
    one([4, 6], (x) => reshape(transpose(x), [3, 8])),
  ],
  transpose: [...unary(transpose), ...ORDERS.map((order) => one([2, 3, 4], (x) => transpose(x, order)))],
  flip: [...unary((x) => flip(x)), one([2, 3, 4], (x) => flip(x, [0, 2])), one([17, 19], (x) => flip(x, -1))],
  broadcastTo: STRETCHES.map(([from, to]) => one(from, (x) => loom.broadcastTo(x, to))),
  sum: [...reduction(loom.sum, 'any'), one([0, 3], (x) => loom.sum(x, { axis: 0 }))],
  mean: [...reduction(loom.mean, 'any'), ...unary((x) => loom.mean(x)), one([5, 7], (x) => loom.mean(x), 200, 'uint8')],
  max: [
    ...reduction(loom.max, 'awayFromTies'),
    one([17, 19], (x) => loom.max(x, { axis: 1 }), 200, 'uint8'),
    one([17, 19], (x) => loom.max(x), 'bool', 'bool'),
  ],
  argMax: [
    ...SHAPES.slice(1).map((shape) => one(shape, (x) => loom.argMax(x), 'awayFromTies')),
    one([17, 19], (x) => loom.argMax(x, { axis: 0 }), 'integer'),
    one([17, 19], (x) => loom.argMax(x, { axis: 1 }), 'integer', 'int32'),
    one([5, 7], (x) => loom.argMax(x), 'bool', 'bool'),
  ],
  oneHot: [
    one([7], (x) => loom.oneHot(x, 5), 5),
    one([], (x) => loom.oneHot(x, 3, 'float64'), 3),
    one([2, 3], (x) => loom.oneHot(x, 4, 'bool'), 6, 'uint8'),
    one([17], (x) => loom.oneHot(x, 19, 'int32'), 'integer', 'int32'),
  ],
  contract: [
    ...PRODUCTS.map(([a, b]) => two(a, b, (x, y) => matmul(x, y))),
    whole((x, y) => matmul(transpose(x), y), 2, 'int32', 'wide'),
    two([3, 4], [2], (x, y) => contractT(x, y, { a: [0, 1], b: [2], out: [1, 2, 0] })),
    two([3, 4], [4, 3], (x, y) => contractT(x, y, { a: [0, 1], b: [1, 0], out: [] })),
    two([2, 3, 4], [4, 2], (x, y) => contractT(x, y, { a: [0, 1, 2], b: [2, 0], out: [1, 0] })),
  ],
  softmax: [...unary((x) => loom.softmax(x)).slice(1), one([3, 5], (x) => loom.softmax(x, { axis: 0 }))],
  logSoftmax: [...unary((x) => loom.logSoftmax(x)).slice(1), one([3, 5], (x) => loom.logSoftmax(x, { axis: 0 }))],
  sparseSoftmaxCrossEntropy: smoothed((shape, options) =>
    two(shape, shape.slice(0, -1), (x, y) => loom.sparseSoftmaxCrossEntropy(x, y as never, options), 3),
  ),
  softmaxCrossEntropy: smoothed((shape, options) =>
    two(shape, shape, (x, y) => loom.softmaxCrossEntropy(x, y, options), 'unit'),
  ),
  barrier: SHAPES.map((shape) => two(shape, [], barrierT)),
  meanSquaredError: SHAPES.map((shape) => two(shape, shape, loom.meanSquaredError)),
  ...POINTWISE_CASES,
  ...ARRAY_CASES,
  ...RANDOM_CASES,
  ...LINEAR_CASES,
  ...NORM_CASES,
  ...IMAGE_CASES,
  ...INDEXING_CASES,
  ...SORTING_CASES,
  ...WINDOW_CASES,
}
