import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { sizeOf } from '../../src/ir/type'
import { frameT } from '../../src/ops/frame'
import { floats, type Grower, unary } from './pool'

const COORDINATES = ['halfPixel', 'alignCorners', 'asymmetric'] as const

/** Whether x is a line of at least one element, with channels and perhaps batches. */
const isLine = (x: Tensor): boolean =>
  (x.shape.length === 2 || x.shape.length === 3) && !x.shape.includes(0) && sizeOf(x.shape) <= 400
const extent = (x: Tensor): number => x.shape.at(-2)!
const sampled = (interpolation: 'nearest' | 'bilinear') => (x: Tensor, p: number) =>
  loom.resize(x, [1 + (p % (2 * extent(x)))], { interpolation, coordinates: COORDINATES[p % 3]! })

/** Ops over the spatial axes of images that only move elements; legal for every dtype. */
export const IMAGE_MOVES: readonly Grower[] = [
  unary({ op: sampled('nearest'), if: isLine }),
  unary({
    op: (x, p) => {
      const step = 1 + (p % 3)
      const count = Math.floor((extent(x) - 1) / step) + 1
      return frameT(x, { axis: x.shape.length - 2, size: extent(x) - step * (count - 1), step, count })
    },
    if: isLine,
  }),
  unary({
    op: (x, p) =>
      p % 2 ? loom.spaceToDepth(loom.upSampling2d(x, 2), 2) : loom.depthToSpace(loom.tile(x, [1, 1, 4]), 2),
    if: (x) => isLine(x) && x.shape.length === 3,
  }),
]

/** Those that compute. */
export const IMAGE: readonly Grower[] = [
  unary({ op: sampled('bilinear'), if: (x) => floats(x) && isLine(x) }),
  unary({
    op: (x, p) => loom.adaptiveAveragePool(x, [1 + (p % (extent(x) + 2))]),
    if: (x) => floats(x) && isLine(x),
  }),
]

/** Those whose gradients jump. */
export const IMAGE_JUMPS: readonly Grower[] = [
  unary({ op: (x, p) => loom.adaptiveMaxPool(x, [1 + (p % (extent(x) + 2))]), if: isLine }),
]
