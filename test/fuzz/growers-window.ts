import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { sizeOf } from '../../src/ir/type'
import { convExpansion } from '../../src/ops/conv-expand'
import { pickT, sumPoolOp } from '../../src/ops/pool'
import { poolIndexT } from '../../src/ops/pool-index'
import { type LabelIndex, windowScatterT } from '../../src/ops/window-product'
import { windowsOp } from '../../src/ops/windows'
import { floats, type Grower, type Pool, unary } from './pool'

const LARGEST = 400
/** Any tensor with elements, as a batch of lines with channels. */
const isWindowed = (x: Tensor): boolean => !x.shape.includes(0) && sizeOf(x.shape) <= LARGEST && x.shape.length > 0
const line = (x: Tensor): Tensor =>
  x.shape.length === 3 ? x : loom.reshape(x, [1, sizeOf(x.shape) / x.shape.at(-1)!, x.shape.at(-1)!])
/** As many elements of a tensor as a kernel takes, over and over. */
function kernelFrom(x: Tensor, shape: readonly number[]): Tensor {
  const size = sizeOf(shape)
  const many = loom.tile(loom.reshape(x, [-1]), [Math.ceil(size / sizeOf(x.shape))])
  return loom.reshape(loom.slice(many, [{ end: size }]), shape)
}
const DATA_FORMATS = ['channelsLast', 'channelsFirst'] as const

interface Given {
  readonly strides: number
  readonly dilations: number
  readonly padding: 'same'
  readonly dataFormat: loom.DataFormat
}
/** Two floats of one dtype, a line and what a kernel is made of. */
const convolution =
  (build: (x: Tensor, from: Tensor, taps: number, given: Given) => Tensor): Grower =>
  (pool: Pool) => {
    const a = pool.find((t) => floats(t) && isWindowed(t))
    const b = a && pool.find((t) => t.dtype === a.dtype && isWindowed(t), true)
    if (!a || !b) return
    const { p } = pool
    const dataFormat = DATA_FORMATS[p % 2]!
    const x = line(a)
    const taps = 1 + (p % 4)
    const strides = 1 + (p % 3)
    const y = build(x, b, taps, { strides, dilations: strides > 1 ? 1 : 1 + (p % 2), padding: 'same', dataFormat })
    pool.add(y, pool.bound(a) * pool.bound(b) * taps * Math.max(...x.shape.slice(1)))
  }
const channels = (x: Tensor, { dataFormat }: Given): number => x.shape[dataFormat === 'channelsLast' ? 2 : 1]!

/** Convolutions and sums over windows. */
export const WINDOW: readonly Grower[] = [
  convolution((x, b, taps, given) => loom.conv1d(x, kernelFrom(b, [taps, channels(x, given), 3]) as never, given)),
  convolution((x, b, taps, given) =>
    loom.conv1dTranspose(x, kernelFrom(b, [taps, 2, channels(x, given)]) as never, given),
  ),
  convolution((x, b, taps, given) =>
    loom.conv1d(x, kernelFrom(b, [taps, 1, 2 * channels(x, given)]) as never, { ...given, groups: channels(x, given) }),
  ),
  unary({
    op: (x, p) =>
      loom.averagePool1d(line(x) as never, { size: 1 + (p % 3), strides: 1 + (p % 2), padding: 'same', countIncludePad: p % 5 === 0 }), // prettier-ignore
    if: (x) => floats(x) && isWindowed(x),
  }),
]

/** Windows of two elements side by side. */
const pairs = { window: [2], strides: [1], dilations: [1], before: [0], after: [1], format: 'channelsLast' } as const
const plain = (label: number): LabelIndex => ({ base: 0, terms: [[label, 1]] })

/** Products of elements and a kernel, each moved by a number that is computed. */
function scattered(a: Tensor, b: Tensor): Tensor {
  const [batch, length, channels] = a.shape as [number, number, number]
  return windowScatterT(a, kernelFrom(b, [channels, 2, 3]), poolIndexT(a, pairs), {
    extents: [batch, 3, channels, length, 2],
    labels: [0, 3, 2, 4, 1],
    a: [plain(0), plain(3), plain(2)],
    b: [plain(2), plain(4), plain(1)],
    moved: [plain(0), plain(3), plain(2)],
    to: [plain(0), { base: 0, terms: [[3, 1], [4, 1]] }, plain(1)], // prettier-ignore
    shape: [batch, length + 2, 3],
    title: 'scattered',
  })
}

/** What gradients and rewriting make of windows; some of it has no gradient. */
const WRITTEN: readonly Grower[] = [
  unary({
    op: (x) =>
      apply(
        windowsOp,
        [
          loom.pad(line(x), [
            [0, 0],
            [0, 1],
            [0, 0],
          ]),
        ],
        { ...pairs, after: [0] },
      ),
    if: isWindowed,
  }),
  unary({ op: (x) => apply(sumPoolOp, [line(x)], pairs), to: (b) => 2 * b, if: (x) => floats(x) && isWindowed(x) }),
  (pool) => {
    const x = pool.find((t) => t.dtype !== 'bool' && isWindowed(t))
    if (x) pool.add(pickT(line(x), poolIndexT(line(x), pairs), pairs), pool.bound(x))
  },
  convolution((x, b) => convExpansion(x, kernelFrom(b, [2, x.shape[2]!, 3]), { ...pairs, groups: 1 })),
  convolution((x, b) => scattered(x, b)),
]

/** Those whose gradients jump. */
export const WINDOW_JUMPS: readonly Grower[] = [
  ...WRITTEN,
  unary({
    op: (x, p) => loom.maxPool1d(line(x) as never, { size: 1 + (p % 3), strides: 1 + (p % 2), padding: 'same' }),
    if: (x) => x.dtype !== 'bool' && isWindowed(x),
  }),
  // The gradient of the pool meets that of the convolution.
  convolution((x, b, taps, given) => {
    const y = loom.conv1d(x, kernelFrom(b, [taps, channels(x, given), 3]) as never, given)
    const { dataFormat } = given
    return loom.maxPool1d(loom.relu(y) as never, { size: 2, strides: 1 + (taps % 2), padding: 'same', dataFormat })
  }),
]
