import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { convKernelT } from '../../src/ops/conv'
import { pickT, placeT, sumPoolOp } from '../../src/ops/pool'
import { poolIndexOp, poolIndexT } from '../../src/ops/pool-index'
import type { WINDOWED } from '../../src/ops/table-window'
import type { Windows } from '../../src/ops/window'
import { type LabelIndex, type WindowProductAttrs, windowProductT, windowScatterT } from '../../src/ops/window-product'
import { foldTurnsOp, windowsOp } from '../../src/ops/windows'
import { type Build, type Domain, one, operand, type OpCase, two } from './operands'

type Name = keyof typeof WINDOWED

/** Two operands of one dtype. */
const both = (
  a: readonly number[],
  b: readonly number[],
  build: Build,
  dtype: 'int32' | 'float' = 'float',
  domain: Domain = 'wide',
): OpCase =>
  dtype === 'float' ? two(a, b, build) : { inputs: [operand(a, domain, dtype), operand(b, domain, dtype)], build }
/** An operand, and the number of a tap for each window. */
const indexed = (
  x: readonly number[],
  index: readonly number[],
  taps: number,
  build: Build,
  dtype: 'int32' | 'float' | 'bool' = 'float',
): OpCase => ({
  inputs: [operand(x, dtype === 'float' ? 'any' : dtype === 'bool' ? dtype : 'integer', dtype), operand(index, taps)],
  build,
})
const moving = (rank: number, given: Partial<Windows> = {}): Windows => {
  const [ones, none] = [Array.from({ length: rank }, () => 1), Array.from({ length: rank }, () => 0)]
  return { strides: ones, dilations: ones, before: none, after: none, format: 'channelsLast', ...given }
}
const windowed = (window: readonly number[], given: Partial<Windows> = {}) => ({
  ...moving(window.length, given),
  window,
})

const CONVOLUTIONS: readonly OpCase[] = [
  both([2, 7, 3], [3, 3, 4], (x, w) => loom.conv1d(x, w)),
  both([1, 4, 1], [3, 1, 1], (x, w) => loom.conv1d(x, w, { strides: 2, padding: 'same' })),
  both([2, 6, 2], [3, 2, 3], (x, w) => loom.conv1d(x, w, { dilations: 2, padding: 'causal' })),
  both([2, 8, 2], [4, 2, 2], (x, w) => loom.conv1d(x, w, { strides: 3, padding: [[2, 1]] })),
  both([1, 4, 5], [3, 2, 2], (x, w) => loom.conv1d(x, w, { groups: 2, dataFormat: 'channelsFirst' })),
  both([2, 5, 6, 3], [2, 3, 3, 4], (x, w) => loom.conv2d(x, w)),
  both([2, 3, 5, 4], [3, 3, 3, 5], (x, w) =>
    loom.conv2d(x, w, { strides: 2, padding: 'same', dataFormat: 'channelsFirst' }),
  ),
  both([1, 6, 5, 4], [2, 3, 2, 6], (x, w) => loom.conv2d(x, w, { groups: 2, dilations: [2, 1], padding: [[1, 0], 1] })),
  both([2, 4, 4, 3], [3, 3, 1, 6], (x, w) => loom.conv2d(x, w, { groups: 3, padding: 'same' })),
  both([2, 3, 3, 5], [1, 1, 5, 7], (x, w) => loom.conv2d(x, w, { strides: [2, 1] })),
  both([1, 5, 5, 8], [3, 3, 8, 9], (x, w) => loom.conv2d(x, w)),
  both([1, 3, 4, 3, 2], [2, 2, 2, 2, 3], (x, w) => loom.conv3d(x, w, { padding: 'same', strides: [1, 2, 1] })),
  both([0, 4, 3], [2, 3, 2], (x, w) => loom.conv1d(x, w)),
  both([2, 5, 3], [2, 3, 4], (x, w) => loom.conv1d(x, w, { padding: 1, strides: 2 }), 'int32'),
]

const TRANSPOSED: readonly OpCase[] = [
  both([2, 4, 3], [3, 2, 3], (x, w) => loom.conv1dTranspose(x, w)),
  both([1, 2, 1], [3, 1, 1], (x, w) => loom.conv1dTranspose(x, w, { strides: 2, padding: 'same' })),
  both([2, 3, 4], [3, 2, 4], (x, w) => loom.conv1dTranspose(x, w, { strides: 3, dilations: 2, groups: 2 })),
  both([2, 3, 2], [1, 2, 2], (x, w) => loom.conv1dTranspose(x, w, { strides: 3 })),
  both([1, 4, 2], [3, 3, 2], (x, w) => loom.conv1dTranspose(x, w, { strides: 2, dilations: 2 })),
  both([2, 3, 2, 3], [3, 2, 2, 3], (x, w) =>
    loom.conv2dTranspose(x, w, { strides: 2, padding: 1, outputPadding: [1, 0] }),
  ),
  both([2, 3, 3, 4], [2, 4, 2, 3], (x, w) =>
    loom.conv2dTranspose(x, w, { strides: [2, 1], dataFormat: 'channelsFirst', padding: [[0, 1], 1] }),
  ),
  both([1, 2, 2, 3, 2], [2, 3, 2, 3, 2], (x, w) => loom.conv3dTranspose(x, w, { strides: 2, padding: 'same' })),
  both([0, 3, 2], [2, 3, 2], (x, w) => loom.conv1dTranspose(x, w, { strides: 2 })),
  both([2, 4, 3], [3, 2, 3], (x, w) => loom.conv1dTranspose(x, w, { strides: 2 }), 'int32'),
]

const kernelOf = (window: readonly number[], groups = 1, given: Partial<Windows> = {}): Build => {
  return (x, y) => convKernelT(x, y, { ...windowed(window, given), groups })
}
const KERNELS: readonly OpCase[] = [
  both([2, 6, 3], [2, 4, 4], kernelOf([3])),
  both([2, 7, 4], [2, 3, 2], kernelOf([2], 2, { strides: [2], dilations: [3], after: [1] })),
  both([2, 3, 5, 4], [2, 4, 3, 4], kernelOf([2, 3], 1, { format: 'channelsFirst', strides: [2, 1], before: [1, 1], after: [0, 1] })), // prettier-ignore
  both([1, 4, 4, 3], [1, 4, 4, 6], kernelOf([3, 3], 3, { before: [1, 1], after: [1, 1] })),
  both([1, 3, 3, 3, 2], [1, 2, 2, 2, 3], kernelOf([2, 2, 2])),
  both([0, 4, 2], [0, 3, 3], kernelOf([2])),
  both([2, 6, 3], [2, 4, 4], kernelOf([3]), 'int32'),
]

/** Labels: batch 0, channels in 1 and out 2, position 3, tap 4. */
const plain = (label: number): LabelIndex => ({ base: 0, terms: [[label, 1]] })
const strided: LabelIndex = { base: 1, terms: [[3, 2], [4, 1]] } // prettier-ignore
const product = {
  extents: [2, 3, 4, 3, 2],
  a: [plain(0), strided, plain(1)],
  b: [plain(4), plain(1), plain(2)],
  out: [0, 3, 2],
  summed: [4, 1],
  title: 'product',
}
/** A product whose first operand is moved by an int32 for each point of some labels. */
const gather = (
  a: readonly number[],
  b: readonly number[],
  labels: readonly number[],
  attrs: WindowProductAttrs,
): OpCase => ({
  inputs: [
    operand(a),
    operand(b),
    operand(
      labels.map((label) => attrs.extents[label]!),
      5,
    ),
  ],
  build: (x, y, moved) => windowProductT(x, y, { ...attrs, moved: labels.map(plain) }, moved),
})
const WINDOW_PRODUCTS: readonly OpCase[] = [
  both([2, 7, 3], [2, 3, 4], (a, b) => windowProductT(a, b, product)),
  both([2, 7, 3], [2, 3, 4], (a, b) => windowProductT(a, b, { ...product, summed: [1, 4], out: [2, 0, 3] }), 'int32'),
  both([0, 7, 3], [2, 3, 4], (a, b) => windowProductT(a, b, { ...product, extents: [0, 3, 4, 3, 2] })),
  // Gathers: what is added is so small that all lies inside, and moves with results along every axis.
  gather([2, 9, 3], [2, 3, 4], [0, 3, 2], product),
  gather([2, 9, 3], [2, 3, 4], [0, 3], { ...product, out: [0, 2, 3] }),
  gather([2, 3, 4], [2, 4], [0, 3], {
    ...product,
    a: [plain(0), plain(4), plain(3)],
    b: [plain(4), plain(2)],
    extents: [2, 1, 4, 4, 2],
    out: [0, 2, 3],
    summed: [4],
  }),
]
const WINDOW_SCATTERS: readonly OpCase[] = (
  [
    [2, 3],
    [0, 3],
    [3, 17],
  ] as const
).map(([batch, channels]) => ({
  // prettier-ignore
  inputs: [operand([batch, 3, 4]), operand([4, 2, channels]), operand([batch, 3, 4], 6)],
  build: (a, b, moved) =>
    windowScatterT(a, b, moved, {
      extents: [batch, channels, 4, 3, 2],
      labels: [0, 3, 2, 4, 1],
      a: [plain(0), plain(3), plain(2)],
      b: [plain(2), plain(4), plain(1)],
      moved: [plain(0), plain(3), plain(2)],
      to: [plain(0), strided, plain(1)],
      shape: [batch, 9, channels],
      title: 'scattered',
    }),
}))

/** Poolings of every kind; values keep clear of ties. */
const pooled = (
  pool: (rank: 1 | 2 | 3) => (x: Tensor, options: loom.PoolOptions) => Tensor,
  domain: Domain,
): OpCase[] => {
  const row = (shape: readonly number[], options: loom.PoolOptions): OpCase =>
    one(shape, (x) => pool((shape.length - 2) as 1 | 2 | 3)(x, options), domain)
  return [
    row([2, 6, 3], {}),
    row([1, 5, 2], { padding: 'same' }),
    row([2, 7, 2], { size: 3, strides: 2, dilations: 2, padding: [[2, 1]] }),
    row([1, 9, 2], { size: 2, strides: 3 }),
    row([2, 4, 6, 3], {}),
    row([2, 2, 5, 5], { size: 3, strides: 2, padding: 'same', dataFormat: 'channelsFirst' }),
    row([1, 5, 5, 2], { size: [3, 2], strides: 1 }),
    row([2, 4, 4, 3], { size: 3, strides: 1, padding: 1, dilations: [1, 2] }),
    row([1, 6, 5, 2], { size: [5, 4], strides: [1, 2], padding: [[2, 1], 1] }),
    row([1, 2, 7, 6], { size: [5, 4], strides: 2, dataFormat: 'channelsFirst' }),
    row([1, 4, 4, 2, 2], {}),
    row([1, 3, 4, 3, 2], { size: 2, strides: 1, padding: 'same' }),
    row([0, 6, 3], {}),
  ]
}
const maxPools = (rank: 1 | 2 | 3) => [loom.maxPool1d, loom.maxPool2d, loom.maxPool3d][rank - 1] as never
const averages = (rank: 1 | 2 | 3) => [loom.averagePool1d, loom.averagePool2d, loom.averagePool3d][rank - 1] as never

export const WINDOW_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  conv: CONVOLUTIONS,
  convInput: TRANSPOSED,
  convKernel: KERNELS,
  windowProduct: WINDOW_PRODUCTS,
  windowScatter: WINDOW_SCATTERS,
  windows: [
    one([2, 6, 3], (x) => apply(windowsOp, [x], windowed([3]))),
    one([1, 7, 2], (x) => apply(windowsOp, [x], windowed([3], { dilations: [2] }))),
    one([1, 7, 2], (x) => apply(windowsOp, [x], windowed([2], { dilations: [2], strides: [2] }))),
    one([2, 3, 5, 6], (x) => apply(windowsOp, [x], windowed([2, 3], { strides: [3, 2], format: 'channelsFirst' }))),
    one([1, 3, 4, 3, 2], (x) => apply(windowsOp, [x], windowed([2, 2, 1]))),
    one([2, 6, 3], (x) => apply(windowsOp, [x], windowed([3])), 'wide', 'int32'),
    one([2, 6, 3], (x) => apply(windowsOp, [x], windowed([3])), 'bool', 'bool'),
  ],
  foldTurns: [
    one([2, 4, 3, 2], (x) => apply(foldTurnsOp, [x], { strides: [1], dilations: [1], window: [3], firsts: [0], turns: [6], format: 'channelsLast' })), // prettier-ignore
    one([2, 3, 3, 2], (x) => apply(foldTurnsOp, [x], { strides: [2], dilations: [1], window: [3], firsts: [1], turns: [2], format: 'channelsLast' })), // prettier-ignore
    one([1, 3, 2, 2], (x) => apply(foldTurnsOp, [x], { strides: [3], dilations: [1], window: [2], firsts: [0], turns: [4], format: 'channelsLast' })), // prettier-ignore
    one([1, 3, 2, 2], (x) => apply(foldTurnsOp, [x], { strides: [1], dilations: [2], window: [2], firsts: [1], turns: [5], format: 'channelsLast' })), // prettier-ignore
    one([2, 3, 2, 3, 2, 3], (x) => apply(foldTurnsOp, [x], { strides: [1, 2], dilations: [1, 1], window: [2, 3], firsts: [0, 0], turns: [3, 3], format: 'channelsFirst' })), // prettier-ignore
    one([2, 4, 3, 2], (x) => apply(foldTurnsOp, [x], { strides: [1], dilations: [1], window: [3], firsts: [0], turns: [6], format: 'channelsLast' }), 'wide', 'int32'), // prettier-ignore
  ],
  maxPool: [
    ...pooled(maxPools, 'awayFromTies'),
    one([2, 5, 3], (x) => loom.maxPool1d(x, { padding: 'same' }), 'wide', 'int32'),
    one([2, 5, 3], (x) => loom.maxPool1d(x, { padding: 'same' }), 256, 'uint8'),
    one([1, 5, 5, 2], (x) => loom.maxPool2d(x, { size: 5, padding: 'same' }), 'wide', 'int32'),
  ],
  poolIndex: [
    one([2, 6, 3], (x) => poolIndexT(x, windowed([2], { strides: [2] })), 'awayFromTies'),
    one([2, 6, 3], (x) => poolIndexT(x, windowed([3])), 3, 'int32'),
    one([1, 4, 5, 2], (x) => poolIndexT(x, windowed([2, 3], { strides: [2, 1], before: [1, 1], after: [1, 1] })), 'integer'), // prettier-ignore
    one([1, 2, 7, 6], (x) => poolIndexT(x, windowed([5, 4], { format: 'channelsFirst', before: [2, 1] })), 'integer'),
    one([1, 5, 5, 2], (x) => apply(poolIndexOp, [x], { ...windowed([2, 2]), codes: [0, 2, 10, 12] }), 'integer'),
    one([1, 5, 5, 2], (x) => apply(poolIndexOp, [x], { ...windowed([5, 4]), codes: Array.from({ length: 20 }, (_, i) => 7 * i) }), 'integer'), // prettier-ignore
    // The lowest value beside padding is an element all the same.
    one([1, 3, 2], (x) => poolIndexT(x, windowed([2], { before: [1], after: [1] })), 2, 'uint8'),
    one([1, 3, 3, 2], (x) => poolIndexT(x, windowed([5, 5], { before: [2, 2], after: [2, 2] })), 2, 'uint8'),
  ],
  place: [
    indexed([2, 3, 3], [2, 3, 3], 2, (g, i) => placeT(g, i, { ...windowed([2], { strides: [2] }), size: [6] })),
    indexed([2, 4, 3], [2, 4, 3], 3, (g, i) =>
      placeT(g, i, { ...windowed([3], { before: [1], after: [1] }), size: [4] }),
    ),
    indexed([1, 2, 2], [1, 2, 2], 2, (g, i) => placeT(g, i, { ...windowed([2], { strides: [3], dilations: [2] }), size: [7] })), // prettier-ignore
    indexed([2, 2, 3, 2], [2, 2, 3, 2], 6, (g, i) => placeT(g, i, { ...windowed([2, 3], { strides: [2, 1], format: 'channelsFirst' }), size: [6, 4] })), // prettier-ignore
    indexed([1, 2, 2, 2], [1, 2, 2, 2], 20, (g, i) => placeT(g, i, { ...windowed([5, 4]), size: [6, 5] })),
    indexed(
      [2, 3, 3],
      [2, 3, 3],
      2,
      (g, i) => placeT(g, i, { ...windowed([2], { strides: [2] }), size: [6] }),
      'int32',
    ),
  ],
  pick: [
    indexed([2, 6, 3], [2, 3, 3], 2, (x, i) => pickT(x, i, windowed([2], { strides: [2] }))),
    indexed([2, 4, 3], [2, 4, 3], 3, (x, i) => pickT(x, i, windowed([3], { before: [1], after: [1] }))),
    indexed([1, 7, 2], [1, 2, 2], 2, (x, i) => pickT(x, i, windowed([2], { strides: [3], dilations: [2] }))),
    indexed([2, 2, 5, 4], [2, 2, 2, 2], 6, (x, i) => pickT(x, i, windowed([2, 3], { strides: [2, 1], format: 'channelsFirst' }))), // prettier-ignore
    indexed([1, 6, 5, 2], [1, 2, 2, 2], 20, (x, i) => pickT(x, i, windowed([5, 4]))),
    indexed([2, 6, 3], [2, 3, 3], 2, (x, i) => pickT(x, i, windowed([2], { strides: [2] })), 'int32'),
    indexed([2, 6, 3], [2, 3, 3], 2, (x, i) => pickT(x, i, windowed([2], { strides: [2] })), 'bool'),
    indexed([1, 6, 5, 2], [1, 2, 2, 2], 20, (x, i) => pickT(x, i, windowed([5, 4])), 'bool'),
  ],
  sumPool: [
    one([2, 6, 3], (x) => apply(sumPoolOp, [x], windowed([2], { strides: [2] }))),
    one([2, 2, 4, 5], (x) => apply(sumPoolOp, [x], windowed([3, 2], { before: [1, 1], after: [1, 0], strides: [1, 2], format: 'channelsFirst' }))), // prettier-ignore
    one([1, 7, 2], (x) => apply(sumPoolOp, [x], windowed([2], { strides: [3], dilations: [2] }))),
    one([1, 6, 5, 2], (x) => apply(sumPoolOp, [x], windowed([5, 4], { before: [2, 1] }))),
    one([2, 6, 3], (x) => apply(sumPoolOp, [x], windowed([2])), 'wide', 'int32'),
  ],
  averagePool: [
    ...pooled(averages, 'any'),
    one([2, 4, 4, 3], (x) => loom.averagePool2d(x, { size: 3, strides: 1, padding: 'same', countIncludePad: true })),
    one([2, 5, 3], (x) => loom.averagePool1d(x, { padding: 'same' }), 'integer', 'int32'),
    one([2, 5, 3], (x) => loom.averagePool1d(x), 256, 'uint8'),
  ],
}
