import * as loom from 'gradloom'
import { frameT } from '../../src/ops/frame'
import { type Domain, one, type OpCase } from './operands'

type Name = 'frame' | 'resize' | 'depthToSpace' | 'spaceToDepth' | 'adaptiveAveragePool' | 'adaptiveMaxPool'

const FRAMES: readonly (readonly [shape: number[], axis: number, size: number, step: number, count: number])[] = [
  [[7], 0, 3, 1, 5],
  [[7], 0, 2, 3, 2],
  [[8], 0, 5, 2, 2],
  [[9, 2], 0, 4, 3, 2],
  [[2, 6, 3], 1, 2, 1, 5],
  [[3, 1], 1, 1, 1, 1],
  [[17, 19], 1, 7, 3, 5],
]
/** Operand, new extents: whole factors up and down, small ratios, and extents without a common divisor. */
const SIZES: readonly (readonly [shape: number[], size: number[]])[] = [
  [[2, 3, 4, 2], [6, 8]], // prettier-ignore
  [[1, 3, 2, 1], [9, 8]], // prettier-ignore
  [[3, 2, 2], [12, 2]], // prettier-ignore
  [[2, 6, 4, 3], [3, 2]], // prettier-ignore
  [[1, 6, 9, 2], [4, 6]], // prettier-ignore
  [[2, 4, 6, 1], [6, 9]], // prettier-ignore
  [[1, 5, 7, 1], [7, 5]], // prettier-ignore
  [[1, 5, 2, 2], [1, 1]], // prettier-ignore
  [[1, 1, 1, 3], [3, 2]], // prettier-ignore
  [[0, 3, 2, 1], [6, 5]], // prettier-ignore
  [[23, 2], [31]], // prettier-ignore
  [[2, 31, 1], [23]], // prettier-ignore
  [[1, 2, 3, 2, 1], [4, 5, 3]], // prettier-ignore
]
const COORDINATES = ['halfPixel', 'alignCorners', 'asymmetric'] as const
const ROUNDINGS = ['floor', 'ceil', 'preferFloor', 'preferCeil'] as const

/** Positions of channels: last, or in front of the spatial axes. */
const FORMATS = ['channelsLast', 'channelsFirst'] as const

/** Extents, new extents; with ties of windows and without. */
const POOLS: readonly (readonly [shape: number[], size: number[]])[] = [
  [[2, 4, 6, 2], [2, 3]], // prettier-ignore
  [[1, 7, 5, 2], [3, 2]], // prettier-ignore
  [[2, 6, 10, 1], [4, 4]], // prettier-ignore
  [[1, 3, 3, 2], [5, 4]], // prettier-ignore
  [[1, 4, 5, 2], [1, 1]], // prettier-ignore
  [[3, 5, 2], [3, 2]], // prettier-ignore
  [[13, 3], [6]], // prettier-ignore
  [[0, 7, 2], [3]], // prettier-ignore
  [[1, 3, 4, 5, 2], [2, 2, 3]], // prettier-ignore
]
const pooled = (op: typeof loom.adaptiveMaxPool, domain: Domain): OpCase[] => [
  ...POOLS.map(([shape, size]) => one(shape, (x) => op(x, size), domain)),
  one([2, 3, 5, 7], (x) => op(x, 2, { dataFormat: 'channelsFirst' }), domain),
]

/** Ops over the spatial axes of images. */
export const IMAGE_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  frame: FRAMES.map(([shape, axis, size, step, count]) => one(shape, (x) => frameT(x, { axis, size, step, count }))),
  resize: [
    ...SIZES.flatMap(([shape, size]) => [
      ...COORDINATES.map((coordinates) => one(shape, (x) => loom.resize(x, size, { coordinates }))),
      ...COORDINATES.map((coordinates) =>
        one(shape, (x) => loom.resize(x, size, { coordinates, interpolation: 'nearest' })),
      ),
    ]),
    ...ROUNDINGS.flatMap((rounding) => [
      one([1, 6, 4, 1], (x) => loom.resize(x, [3, 6], { rounding, interpolation: 'nearest' })),
      one([1, 5, 7, 1], (x) => loom.resize(x, [9, 4], { rounding, interpolation: 'nearest', coordinates: 'asymmetric' })), // prettier-ignore
    ]),
    ...FORMATS.flatMap((dataFormat) => [
      one([1, 2, 3, 3], (x) => loom.resize(x, dataFormat === 'channelsLast' ? [4, 7] : [6, 5], { dataFormat })),
      one([2, 3, 4], (x) => loom.upSampling2d(x, [2, 3], { dataFormat })),
    ]),
    ...(
      [
        ['int32', 'wide'],
        ['uint8', 256],
        ['bool', 'bool'],
      ] as const
    ).flatMap(([dtype, domain]) =>
      // prettier-ignore
      [[14], [11], [3], [29]].map((size) =>
        one([7, 3], (x) => loom.resize(x, size, { interpolation: 'nearest' }), domain, dtype),
      ),
    ),
  ],
  depthToSpace: [
    ...(['DCR', 'CRD'] as const).flatMap((mode) => [
      one([2, 2, 3, 8], (x) => loom.depthToSpace(x, 2, { mode })),
      one([2, 8, 2, 3], (x) => loom.depthToSpace(x, 2, { mode, dataFormat: 'channelsFirst' })),
    ]),
    one([2, 1, 9], (x) => loom.depthToSpace(x, 3)),
    one([2, 3, 4, 1], (x) => loom.depthToSpace(x, 1)),
    one([1, 2, 2, 4], (x) => loom.depthToSpace(x, 2), 'wide', 'int32'),
    one([1, 2, 2, 4], (x) => loom.depthToSpace(x, 2), 'bool', 'bool'),
  ],
  spaceToDepth: [
    ...(['DCR', 'CRD'] as const).flatMap((mode) => [
      one([2, 4, 6, 2], (x) => loom.spaceToDepth(x, 2, { mode })),
      one([2, 2, 4, 6], (x) => loom.spaceToDepth(x, 2, { mode, dataFormat: 'channelsFirst' })),
    ]),
    one([6, 3, 1], (x) => loom.spaceToDepth(x, 3)),
    one([2, 4, 4, 1], (x) => loom.spaceToDepth(x, 2), 256, 'uint8'),
  ],
  adaptiveAveragePool: [
    ...pooled(loom.adaptiveAveragePool, 'any'),
    one([1, 4, 6, 1], (x) => loom.adaptiveAveragePool(x, 2), 200, 'uint8'),
  ],
  adaptiveMaxPool: [
    ...pooled(loom.adaptiveMaxPool, 'awayFromTies'),
    one([7, 5, 1], (x) => loom.adaptiveMaxPool(x, [3, 5]), 'wide', 'int32'),
    one([7, 5, 1], (x) => loom.adaptiveMaxPool(x, [3, 5]), 'bool', 'bool'),
  ],
}
