import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import type { Checked, ShapeOr } from '../ir/shapes'
import { describe, type Tensor } from '../ir/tensor'
import type { Transposed } from '../ir/window-shapes'
import { convInputT } from '../ops/conv'
import { promote } from '../ops/promote'
import { type DataFormat, reachOf, spatialOf } from '../ops/window'
import { checkGroups, checkKernel, type ConvTransposeOptions, type Fits } from './conv-options'
import type { DTypeOr, Promote } from './signatures'
import { checkFormat, checkRank, explicitPadding, type Padding, perDim, split } from './window-options'

type ConvTranspose<Op extends string, R extends number> = <
  X extends Tensor,
  K extends Tensor,
  F extends DataFormat = 'channelsLast',
  G extends number = 1,
>(
  x: X,
  kernel: Checked<Fits<Transposed<Op, X['shape'], K['shape'], R, F, G>, Promote<Op, X, K>>, K>,
  options?: ConvTransposeOptions<F, G>,
) => Tensor<ShapeOr<Transposed<Op, X['shape'], K['shape'], R, F, G>>, DTypeOr<Promote<Op, X, K>>>

function transposed(
  op: string,
  spatial: number,
  x: Tensor,
  kernel: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  checkKeys(op, options, ['strides', 'padding', 'dilations', 'groups', 'dataFormat', 'outputPadding'])
  checkRank(op, x, spatial)
  checkKernel(op, kernel, spatial)
  const {
    strides = 1,
    padding = 'valid',
    dilations = 1,
    groups = 1,
    dataFormat = 'channelsLast',
    outputPadding,
  } = options
  const format = checkFormat(op, dataFormat)
  checkGroups(op, groups)
  const [s, d] = [perDim(op, 'strides', strides, spatial), perDim(op, 'dilations', dilations, spatial)]
  const extra = outputPadding === undefined ? undefined : perDim(op, 'outputPadding', outputPadding, spatial, 0)
  if (extra?.some((n, i) => n >= Math.max(s[i]!, d[i]!)))
    throw new GraphError(
      `${op}: outputPadding must be below the stride or the dilation, it is ${JSON.stringify(outputPadding)}`,
    )
  const counts = spatialOf(x.shape, format)
  const reach = kernel.shape.slice(0, -2).map((k, i) => reachOf(k, d[i]!))
  const { size, ...padded } = transposedSize(op, padding, counts, reach, s, extra)
  if (size.some((n) => n < 1))
    throw new GraphError(`${op}: the padding leaves a result of size ${JSON.stringify(size)} of ${describe(x)}`)
  const [a, b] = promote(op, [x, kernel]) as [Tensor, Tensor]
  return convInputT(a, b, { strides: s, dilations: d, ...padded, groups, format, size }, op)
}

/** Without `outputPadding` sizes are Keras's; explicit padding is PyTorch's: (n - 1) stride + reach - padding + outputPadding. */
function transposedSize(
  op: string,
  padding: Padding,
  counts: readonly number[],
  reach: readonly number[],
  strides: readonly number[],
  extra: readonly number[] | undefined,
) {
  const full = counts.map((n, i) => (n - 1) * strides[i]! + reach[i]!)
  if (typeof padding !== 'string') {
    const given = explicitPadding(op, padding, counts.length)
    const size = full.map((n, i) => n - given.before[i]! - given.after[i]! + (extra?.[i] ?? 0))
    // What is added at the end no window reaches: negative padding.
    return { size, before: given.before, after: given.after.map((p, i) => p - (extra?.[i] ?? 0)) }
  }
  if (padding !== 'valid' && padding !== 'same')
    throw new GraphError(`${op}: padding must be 'valid', 'same' or numbers, it is ${JSON.stringify(padding)}`)
  const halves = reach.map((r) => Math.floor(r / 2))
  const size = counts.map((n, i) =>
    extra
      ? full[i]! - (padding === 'same' ? 2 * halves[i]! : 0) + extra[i]!
      : n * strides[i]! + (padding === 'valid' ? Math.max(0, reach[i]! - strides[i]!) : 0),
  )
  // What windows reach beyond the result is cut: by halves, the odd unit behind.
  const total = full.map((n, i) => n - size[i]!)
  const { before } = split(total.map((n) => (padding === 'same' ? Math.max(0, n) : 0)))
  return { size, before, after: total.map((n, i) => n - before[i]!) }
}

/**
 * Transposed convolution, the gradient of `conv1d` with respect to its operand: x [batch, length, in] and a kernel
 * [taps, out / groups, in] give [batch, size, out]. The size is length * stride for `same`, and max(reach - stride, 0) more for
 * `valid` (Keras); with numbers as padding (length - 1) * stride + reach - padding + outputPadding (PyTorch).
 */
export const conv1dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv1dTranspose', 1, x, kernel, options)) as ConvTranspose<'conv1dTranspose', 1>

/** The same over two dimensions: kernel [rows, columns, out / groups, in]. See `conv1dTranspose`. */
export const conv2dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv2dTranspose', 2, x, kernel, options)) as ConvTranspose<'conv2dTranspose', 2>

/** The same over three dimensions. See `conv1dTranspose`. */
export const conv3dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv3dTranspose', 3, x, kernel, options)) as ConvTranspose<'conv3dTranspose', 3>
