import { checkFlags, checkKeys } from '../ir/names-of'
import type { Checked, ShapeOr } from '../ir/shapes'
import { apply, requireTensor, type Tensor } from '../ir/tensor'
import type { Pooled } from '../ir/window-shapes'

import { averagePoolOp, maxPoolT } from '../ops/pool'
import { reshapeT } from '../ops/view'
import { channelsOf, type DataFormat, spatialOf, withLayout } from '../ops/window'
import type { WindowsAttrs } from '../ops/windows'
import type { Floating } from './signatures'
import {
  checkFormat,
  checkRank,
  type FormatOption,
  type Padding,
  perDim,
  type PerDim,
  resolvePadding,
} from './window-options'
import { GraphError } from '../ir/errors'
import { describe } from '../ir/tensor'

/** Options of pooling. */
export interface PoolOptions<F extends DataFormat = DataFormat> extends FormatOption<F> {
  /** Extents of a window, 2 by default. */
  readonly size?: PerDim
  /** How far apart windows begin, by default their extents. */
  readonly strides?: PerDim
  /** `valid` by default. Padding is never an element of a window. */
  readonly padding?: Padding
  /** How far apart the taps of a window are, 1 by default. */
  readonly dilations?: PerDim
}
/** Options of average pooling. */
export interface AveragePoolOptions<F extends DataFormat = DataFormat> extends PoolOptions<F> {
  /** Padding counts as elements of value zero (ONNX's and PyTorch's count_include_pad). False by default. */
  readonly countIncludePad?: boolean
}

type Pool<Op extends string, R extends number, O> = <X extends Tensor, F extends DataFormat = 'channelsLast'>(
  x: Checked<Pooled<Op, X['shape'], R, F>, X>,
  options?: O & { readonly dataFormat?: F },
) => Tensor<ShapeOr<Pooled<Op, X['shape'], R, F>>, X['dtype']>
type AveragePool<Op extends string, R extends number> = <X extends Tensor, F extends DataFormat = 'channelsLast'>(
  x: Checked<Pooled<Op, X['shape'], R, F>, X>,
  options?: AveragePoolOptions<F>,
) => Tensor<ShapeOr<Pooled<Op, X['shape'], R, F>>, Floating<X['dtype']>>

const POOL_OPTIONS: readonly (keyof PoolOptions)[] = ['size', 'strides', 'padding', 'dilations', 'dataFormat']

function windowsFor(op: string, spatial: number, x: Tensor, options: PoolOptions): WindowsAttrs {
  checkRank(op, x, spatial)
  const { size = 2, padding = 'valid', dilations = 1, dataFormat = 'channelsLast' } = options
  const format = checkFormat(op, dataFormat)
  const window = perDim(op, 'size', size, spatial)
  const { strides: moves = window } = options
  const strides = perDim(op, 'strides', moves, spatial)
  const apart = perDim(op, 'dilations', dilations, spatial)
  const padded = resolvePadding(op, padding, spatialOf(x.shape, format), window, strides, apart)
  return { window, strides, dilations: apart, ...padded, format }
}

const max =
  (op: string, spatial: number) =>
  (x: Tensor, options: PoolOptions = {}): Tensor => {
    checkKeys(op, options, POOL_OPTIONS)
    return maxPoolT(x, windowsFor(op, spatial, x, options), op)
  }
const average =
  (op: string, spatial: number) =>
  (x: Tensor, options: AveragePoolOptions = {}): Tensor => {
    checkKeys(op, options, [...POOL_OPTIONS, 'countIncludePad'])
    checkFlags(op, options, ['countIncludePad'])
    const attrs = { ...windowsFor(op, spatial, x, options), includesPadding: options.countIncludePad ?? false }
    return apply(averagePoolOp, [x], attrs, op)
  }

/**
 * Largest element of each window along one dimension: x [batch, length, channels] gives [batch, windows, channels]. Padding is
 * no element; a NaN makes its window NaN. Of equal elements the first in row-major order takes the whole gradient. Any dtype but bool.
 */
export const maxPool1d = /* @__PURE__ */ max('maxPool1d', 1) as Pool<'maxPool1d', 1, PoolOptions>
/** The same over two dimensions: x [batch, height, width, channels]. See `maxPool1d`. */
export const maxPool2d = /* @__PURE__ */ max('maxPool2d', 2) as Pool<'maxPool2d', 2, PoolOptions>
/** The same over three dimensions: x [batch, depth, height, width, channels]. See `maxPool1d`. */
export const maxPool3d = /* @__PURE__ */ max('maxPool3d', 3) as Pool<'maxPool3d', 3, PoolOptions>

/**
 * Mean of each window along one dimension: x [batch, length, channels] gives [batch, windows, channels]. Windows at a border
 * are divided by the number of elements they hold. Integers give float32.
 */
export const averagePool1d = /* @__PURE__ */ average('averagePool1d', 1) as AveragePool<'averagePool1d', 1>
/** The same over two dimensions. See `averagePool1d`. */
export const averagePool2d = /* @__PURE__ */ average('averagePool2d', 2) as AveragePool<'averagePool2d', 2>
/** The same over three dimensions. See `averagePool1d`. */
export const averagePool3d = /* @__PURE__ */ average('averagePool3d', 3) as AveragePool<'averagePool3d', 3>

/** Options of global pooling. */
export interface GlobalPoolOptions extends FormatOption {
  /** Keeps the spatial dimensions, as extents of 1. */
  readonly keepDims?: boolean
}

function overAll(op: string, x: Tensor, options: GlobalPoolOptions, pool: (attrs: WindowsAttrs) => Tensor): Tensor {
  requireTensor(op, x)
  checkKeys(op, options, ['dataFormat', 'keepDims'])
  checkFlags(op, options, ['keepDims'])
  const { dataFormat = 'channelsLast', keepDims = false } = options
  const format = checkFormat(op, dataFormat)
  if (x.shape.length < 3)
    throw new GraphError(`${op}: needs batch, channels and spatial dimensions, got ${describe(x)}`)
  const window = spatialOf(x.shape, format)
  const [ones, none] = [window.map(() => 1), window.map(() => 0)]
  // Moves as long as the window: no two windows could share an element, which is what the gradient asks.
  const strides = window.map((n) => Math.max(1, n))
  const made = pool({ window, strides, dilations: ones, before: none, after: none, format })
  const channels = channelsOf(x.shape, format)
  return reshapeT(made, keepDims ? withLayout(x.shape[0]!, ones, channels, format) : [x.shape[0]!, channels])
}

/** Largest element over all spatial dimensions: [batch, ...spatial, channels] gives [batch, channels]. */
export const globalMaxPool = (x: Tensor, options: GlobalPoolOptions = {}): Tensor =>
  overAll('globalMaxPool', x, options, (attrs) => maxPoolT(x, attrs, 'globalMaxPool'))

/** Mean over all spatial dimensions: [batch, ...spatial, channels] gives [batch, channels]. Integers give float32. */
export const globalAveragePool = (x: Tensor, options: GlobalPoolOptions = {}): Tensor =>
  overAll('globalAveragePool', x, options, (attrs) =>
    apply(averagePoolOp, [x], { ...attrs, includesPadding: false }, 'globalAveragePool'),
  )
