import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import {
  type Domain,
  one,
  operand,
  type OpCase,
  pairs,
  REDUCTIONS,
  reduction,
  type ReduceOptions,
  SHAPES,
  two,
} from './operands'

type Name =
  | 'min'
  | 'argMin'
  | 'any'
  | 'all'
  | 'prod'
  | 'logSumExp'
  | 'variance'
  | 'std'
  | 'norm'
  | 'countNonZero'
  | 'l2Normalize'
  | 'cosineSimilarity'
  | 'slice'
  | 'pad'
  | 'concat'
  | 'expandDims'
  | 'squeeze'
  | 'stack'
  | 'tile'
  | 'repeat'
  | 'roll'
  | 'padBorder'
  | 'dot'
  | 'outer'
  | 'tensordot'
  | 'einsum'
  | 'kron'
  | 'diagonal'
  | 'trace'
  | 'meanAbsoluteError'
  | 'sigmoidCrossEntropy'
  | 'binaryCrossEntropy'
  | 'huber'
  | 'logCosh'
  | 'hinge'
  | 'squaredHinge'
  | 'klDivergence'
  | 'poisson'
  | 'customGradient'

type Reduce = (x: Tensor, options?: ReduceOptions) => Tensor
const fifths = (x: Tensor, axis: number): Tensor =>
  loom.slice(x, [{ step: axis === 0 ? 5 : 1 }, { step: axis === 1 ? 5 : 1 }])
const over = (op: Reduce, domain: Domain = 'any'): OpCase[] =>
  REDUCTIONS.map(([shape, options]) => one(shape, (x) => op(x, options), domain))
/** Of conditions as they are computed: on vectors they are as wide as what is compared. */
const compared = (op: (x: Tensor, options?: ReduceOptions) => Tensor): OpCase[] =>
  [[4, 2], [4, 3], [5, 8], [3, 40]].flatMap((shape) => [
    ...[[shape[1]!], [shape[0]!, 1]].map((other) => two(shape, other, (x, y) => op(loom.less(x, y), { axis: 1 }))),
    {
      inputs: [operand(shape), operand(shape, 'bool'), operand(shape)],
      build: (x: Tensor, b: Tensor, y: Tensor) => op(loom.logicalOr(loom.logicalAnd(loom.less(x, y), b), loom.equal(x, y)), { axis: 1 }),
    },
    one(shape, (x) => op(loom.equal(x, loom.min(x, { axis: 1, keepDims: true })), { axis: 1 }), 'integer'),
  ]) // prettier-ignore
const truths = (op: Reduce): OpCase[] => [...over(op, 'bool'), one([0, 3], (x) => op(x, { axis: 0 }), 'bool')]
const positions = (op: (x: Tensor, options?: { axis?: number }) => Tensor): OpCase[] => [
  ...SHAPES.slice(1).map((shape) => one(shape, (x) => op(x), 'awayFromTies')),
  one([17, 19], (x) => op(x, { axis: 0 }), 'integer'),
  one([17, 19], (x) => op(x, { axis: 1 }), 'wide', 'int32'),
  one([5, 7], (x) => op(x), 200, 'uint8'),
  one([5, 7], (x) => op(x), 'bool', 'bool'),
]
const SLICES: readonly (readonly [number[], readonly loom.Range[]])[] = [
  [[7], [{ start: 2, end: 5 }]],
  [[7], [{ start: 1, step: 2 }]],
  [[7], [{ step: -1 }]],
  [[8], [{ start: -2, end: 0, step: -3 }]],
  [
    [5, 6],
    [null, { start: 1, end: -1 }],
  ],
  [
    [5, 6],
    [{ step: 2 }, { step: -2 }],
  ],
  [[5, 6], [{ end: 4 }]],
  [
    [17, 19],
    [
      { start: 3, step: 5 },
      { start: 18, end: 2, step: -4 },
    ],
  ],
  [
    [2, 3, 4],
    [{ start: 1 }, null, { start: 1, end: 3 }],
  ],
  [
    [3, 4],
    [{ start: 2, end: 2 }, null],
  ],
]
const PADS: readonly (readonly [number[], [number, number][]])[] = [
  [[3], [[2, 1]]],
  [[2, 3], [[0, 0], [1, 0]]], // prettier-ignore
  [[2, 3], [[1, 2], [0, 3]]], // prettier-ignore
  [[1, 4], [[2, 2], [0, 1]]], // prettier-ignore
  [[2, 3, 4], [[1, 0], [0, 1], [1, 1]]], // prettier-ignore
  [[0, 3], [[2, 0], [0, 1]]], // prettier-ignore
  [[17, 19], [[3, 0], [1, 4]]], // prettier-ignore
]
const BORDERS: readonly (readonly [number[], [number, number][]])[] = [
  [[4], [[2, 3]]],
  [[2, 3], [[1, 0], [2, 1]]], // prettier-ignore
  [[5, 4], [[0, 4], [3, 3]]], // prettier-ignore
]
const JOINS: readonly (readonly [number[][], number])[] = [
  [[[2], [3]], 0],
  [[[2, 3], [1, 3], [4, 3]], 0], // prettier-ignore
  [[[2, 3], [2, 1], [2, 2]], 1], // prettier-ignore
  [[[2, 0], [2, 3], [2, 0], [2, 1]], -1], // prettier-ignore
  [[[2, 3, 4], [2, 5, 4]], 1], // prettier-ignore
  [[[17, 19], [17, 18]], 1], // prettier-ignore
]
const joined = (shapes: readonly number[][], build: (parts: Tensor[]) => Tensor, domain?: Domain): OpCase => ({
  inputs: shapes.map((shape) => operand(shape, domain)),
  build: (...parts) => build(parts),
})
const PAIRED = pairs(
  '[4] [4]; [3,4] [4]; [4] [4,2]; [3,4] [4,5]; [2,3,4] [4,5]; [2,3,4] [6,4,5]; [17,19] [19,18]; [] [3]',
)
const EINSUMS: readonly (readonly [string, ...number[][]])[] = [
  ['ij,jk->ik', [3, 4], [4, 5]],
  ['ij,jk', [3, 4], [4, 5]],
  ['bij,bjk->bik', [2, 3, 4], [2, 4, 5]],
  ['bhqd,bhkd->bhqk', [2, 2, 3, 4], [2, 2, 5, 4]],
  ['ij->ji', [3, 4]],
  ['ij->i', [3, 4]],
  ['ij->', [3, 4]],
  ['ii->i', [4, 4]],
  ['ii', [4, 4]],
  ['iji->j', [3, 2, 3]],
  ['i,j->ij', [3], [4]],
  ['i,i->', [5], [5]],
  ['ij,jk,kl->il', [2, 3], [3, 4], [4, 2]],
  ['ij,ij,ij->j', [3, 4], [3, 4], [3, 4]],
  ['...ij,...jk->...ik', [2, 3, 4], [4, 5]],
  ['...i->...', [2, 3]],
  ['a,ab,abc->abc', [2], [2, 3], [2, 3, 2]],
]
const loss = (build: (a: Tensor, b: Tensor) => Tensor, domain: Domain = 'any', target: Domain = 'unit'): OpCase[] =>
  SHAPES.map((shape) => ({ inputs: [operand(shape, domain), operand(shape, target)], build }))
const rows = (build: (a: Tensor, b: Tensor) => Tensor, domain: Domain): OpCase[] =>
  [[5], [3, 5], [17, 19]].map((shape) => two2(shape, build, domain))
const two2 = (shape: readonly number[], build: (a: Tensor, b: Tensor) => Tensor, domain: Domain): OpCase => ({
  inputs: [operand(shape, domain), operand(shape, domain)],
  build,
})

/** Reductions, arrangements, products and losses beyond the first ones. */
export const ARRAY_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  min: [
    ...reduction(loom.min, 'awayFromTies'),
    one([17, 19], (x) => loom.min(x, { axis: 1 }), 200, 'uint8'),
    one([17, 19], (x) => loom.min(x), 'bool', 'bool'),
  ],
  argMin: positions(loom.argMin),
  any: [...truths(loom.any), ...compared(loom.any)],
  all: [...truths(loom.all), ...compared(loom.all)],
  prod: [
    ...over(loom.prod, 'unit'),
    one([4], (x) => loom.prod(x), 'integer'),
    one([3, 4], (x) => loom.prod(x, { axis: 1 }), 'integer'),
    one([0, 3], (x) => loom.prod(x, { axis: 0 })),
    one([17, 19], (x) => loom.prod(x, { axis: 0 }), 'wide', 'int32'),
  ],
  logSumExp: over(loom.logSumExp),
  variance: [...over(loom.variance), one([3, 5], (x) => loom.variance(x, { axis: 1, correction: 1 }))],
  std: [
    ...over(loom.std as never).filter(({ inputs: [x] }) => x!.shape.every((d) => d > 1)),
    one([3, 5], (x) => loom.std(x, { axis: 1, correction: 1, keepDims: true })),
  ],
  norm: over(loom.norm, 'nonZero'),
  countNonZero: [...over(loom.countNonZero, 'integer'), one([5, 7], (x) => loom.countNonZero(x), 'bool', 'bool')],
  l2Normalize: [
    ...SHAPES.slice(2).map((shape) => one(shape, (x) => loom.l2Normalize(x), 'nonZero')),
    one([3, 5], (x) => loom.l2Normalize(x, { axis: [0, 1] }), 'nonZero'),
  ],
  cosineSimilarity: rows((a, b) => loom.cosineSimilarity(a, b), 'nonZero'),
  slice: [
    ...SLICES.map(([shape, ranges]) => one(shape, (x) => loom.slice(x, ranges))),
    one([17, 19], (x) => loom.slice(x, [{ step: 3 }, { start: 1 }]), 'wide', 'int32'),
    one([5, 7], (x) => loom.slice(x, [{ start: 1 }]), 'bool', 'bool'),
  ],
  pad: [
    ...PADS.map(([shape, widths]) => one(shape, (x) => loom.pad(x, widths))),
    one([3], (x) => loom.pad(x, [[1, 1]], { value: 0.5 })),
    one([5, 7], (x) => loom.pad(x, [[1, 0], [0, 2]], { value: 7 }), 'integer', 'int32'), // prettier-ignore
    one([5, 7], (x) => loom.pad(x, [[1, 0], [0, 2]]), 'bool', 'bool'), // prettier-ignore
  ],
  padBorder: BORDERS.flatMap(([shape, widths]) => [
    one(shape, (x) => loom.pad(x, widths, { mode: 'edge' })),
    one([9, ...shape], (x) => loom.pad(x, [[8, 2], ...widths.map(([a, b]) => [Math.min(a, 1), Math.min(b, 1)] as [number, number])], { mode: 'reflect' })), // prettier-ignore
  ]),
  concat: [
    ...JOINS.map(([shapes, axis]) => joined(shapes, (parts) => loom.concat(parts, { axis }))),
    joined([[5, 7], [2, 7]], (parts) => loom.concat(parts), 19), // prettier-ignore
    joined([[5], [2]], (parts) => loom.concat(parts), 'bool'), // prettier-ignore
  ],
  stack: [0, 1, -1].map((axis) => joined([[2, 3], [2, 3], [2, 3]], (parts) => loom.stack(parts, { axis }))), // prettier-ignore
  expandDims: [one([3, 4], (x) => loom.expandDims(x, [0, -1])), one([], (x) => loom.expandDims(x, 0))],
  squeeze: [one([1, 3, 1], (x) => loom.squeeze(x)), one([1, 3, 1], (x) => loom.squeeze(x, -1))],
  tile: [
    one([3], (x) => loom.tile(x, [2])),
    one([2, 3], (x) => loom.tile(x, [2, 1])),
    one([2, 3], (x) => loom.tile(x, [2, 3, 2])),
    one([2, 3], (x) => loom.tile(x, [0, 1])),
  ],
  repeat: [one([3], (x) => loom.repeat(x, 2)), one([2, 3, 4], (x) => loom.repeat(x, 3, { axis: 1 }))],
  roll: [
    one([5], (x) => loom.roll(x, 2, 0)),
    one([4, 5], (x) => loom.roll(x, [-1, 3], [0, 1])),
    one([17, 19], (x) => loom.roll(x, 25, -1)),
  ],
  dot: [
    ...PAIRED.map(([a, b]) => two(a, b, loom.dot)),
    { inputs: [operand([3, 5], 'wide', 'int32'), operand([5, 2], 'wide', 'int32')], build: loom.dot },
    // One term is summed, and what lies apart is the first operand, the second, or both.
    ...[0, 1, 2].map((which) =>
      two([35, 1], [1, 35], (a, b) => loom.dot(which === 1 ? a : fifths(a, 0), which === 0 ? b : fifths(b, 1))),
    ),
  ],
  outer: pairs('[3] [4]; [2,3] [2]; [] [3]; [17] [19]').map(([a, b]) => two(a, b, loom.outer)),
  tensordot: [
    two([2, 3, 4], [3, 4, 5], (a, b) => loom.tensordot(a, b)),
    two([3, 4], [4, 5], (a, b) => loom.tensordot(a, b, 1)),
    two([3], [4], (a, b) => loom.tensordot(a, b, 0)),
    two([2, 3, 4], [4, 5, 2], (a, b) => loom.tensordot(a, b, [[2, 0], [0, 2]])), // prettier-ignore
  ],
  einsum: EINSUMS.map(([equation, ...shapes]) => joined(shapes, (parts) => loom.einsum(equation, ...parts))),
  kron: pairs('[2] [3]; [2,3] [3,2]; [3] [2,2]').map(([a, b]) => two(a, b, loom.kron)),
  diagonal: [0, 1, -2].flatMap((offset) => [
    one([4, 4], (x) => loom.diagonal(x, { offset })),
    one([2, 3, 5], (x) => loom.diagonal(x, { offset })),
  ]),
  trace: [one([4, 4], (x) => loom.trace(x)), one([2, 3, 5], (x) => loom.trace(x, { offset: 1 }))],
  meanAbsoluteError: loss(loom.meanAbsoluteError, 'awayFromTies', 'awayFromTies'),
  sigmoidCrossEntropy: loss(loom.sigmoidCrossEntropy),
  binaryCrossEntropy: loss((p, y) => loom.binaryCrossEntropy(loom.add(loom.mul(p, 0.6), 0.2), y), 'unit'),
  huber: loss((a, b) => loom.huber(a, b, { delta: 0.4 }), 'awayFromTies', 'awayFromTies'),
  logCosh: loss(loom.logCosh),
  hinge: loss(loom.hinge, 'unit', 'unit'),
  squaredHinge: loss(loom.squaredHinge, 'unit', 'unit'),
  klDivergence: rows(loom.klDivergence, 'unit'),
  poisson: loss(loom.poisson, 'positive'),
  customGradient: SHAPES.map((shape) =>
    one(
      shape,
      (x) =>
      loom.customGradient([x], (v) => loom.exp(v), ({ output, cotangent }) => [loom.mul(cotangent, output)]), // prettier-ignore
    ),
  ),
}
