import type { Tensor } from '../ir/tensor'
import { stridesOf } from '../ir/type'
import { countTo } from '../ir/count-to'
import type { ConvInputAttrs, ConvKernelAttrs } from './conv'
import { sliceT } from './pieces'
import { poolIndexT } from './pool-index'
import { transposeT } from './view'
import { alongSpatial, spatialDims, spatialOf, tapNumbers, type Windows } from './window'
import { borderedFor } from './window-border'
import { type LabelIndex, plain, windowProductT, windowScatterT } from './window-product'
import type { WindowsAttrs } from './windows'

/*
 * The gradient through max pooling is zero at all but one tap of each window. Where a convolution meets it, the sum over the
 * taps of a window is one term at a position that is computed: a gather for the kernel's gradient, a scatter for the
 * operand's. The index of the pool gives that position as a distance in elements.
 */

/** A cotangent of pooled elements, the tensor that was pooled, and how. */
export interface Placed {
  readonly g: Tensor
  readonly pooled: Tensor
  readonly windows: WindowsAttrs
}

const [BATCH, IN, OUT, FIRST] = [0, 1, 2, 3]

/** How far each tap of a pooling window lies from the first, in elements of a tensor that a convolution strides over. */
const codesFor = (shape: readonly number[], { window, dilations }: WindowsAttrs, { strides }: Windows): number[] => {
  const along = spatialDims(shape.length, 'channelsLast').map((i) => stridesOf(shape)[i]!)
  return tapNumbers(window).map((tap) =>
    tap.reduce((sum, t, i) => sum + t * dilations[i]! * strides[i]! * along[i]!, 0),
  )
}

/** Position in the convolved tensor, its border included, of window position o and tap k at the first tap of the pool. */
const meeting = (o: readonly number[], k: readonly number[], pool: WindowsAttrs, conv: Windows): LabelIndex[] =>
  o.map((label, i) => ({
    base: -pool.before[i]! * conv.strides[i]!,
    terms: [[label, pool.strides[i]! * conv.strides[i]!], [k[i]!, conv.dilations[i]!]], // prettier-ignore
  }))

/** `convKernel(x, place(g))`; channels last, one group. */
export function convKernelPlaced(x: Tensor, { g, pooled, windows }: Placed, attrs: ConvKernelAttrs): Tensor {
  const { window } = attrs
  const counts = spatialOf(pooled.shape, 'channelsLast')
  const operand = borderedFor(x, window, counts, attrs, 0)
  const at = poolIndexT(pooled, windows, codesFor(operand.shape, windows, attrs))
  const held = spatialOf(g.shape, 'channelsLast')
  const positions = held.map((_, i) => FIRST + i)
  const taps = window.map((_, i) => FIRST + held.length + i)
  const made = windowProductT(
    operand,
    g,
    {
      extents: [g.shape[0]!, x.shape.at(-1)!, g.shape.at(-1)!, ...held, ...window],
      a: [plain(BATCH), ...meeting(positions, taps, windows, attrs), plain(IN)],
      b: [plain(BATCH), ...positions.map(plain), plain(OUT)],
      moved: [plain(BATCH), ...positions.map(plain), plain(OUT)],
      // Neighbours in the operand are neighbours in the result.
      out: [OUT, ...taps, IN],
      summed: [BATCH, ...positions],
      title: 'convKernel',
    },
    at,
  )
  return transposeT(
    made,
    [...made.shape.keys()].map((i) => (i + 1) % made.shape.length),
  )
}

/** `convInput(place(g), w)`; channels last, one group. */
export function convInputPlaced({ g, pooled, windows }: Placed, w: Tensor, attrs: ConvInputAttrs): Tensor {
  const { strides, dilations, before, size } = attrs
  const window = w.shape.slice(0, -2)
  const inputs = w.shape.at(-2)!
  const counts = spatialOf(pooled.shape, 'channelsLast')
  const room = size.map((d, i) => Math.max(before[i]! + d, (counts[i]! - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! + 1)) // prettier-ignore
  const shape = [g.shape[0]!, ...room, inputs]
  const at = poolIndexT(pooled, windows, codesFor(shape, windows, attrs))
  const held = spatialOf(g.shape, 'channelsLast')
  const positions = held.map((_, i) => FIRST + i)
  const taps = window.map((_, i) => FIRST + held.length + i)
  // Read by row-major position, it is laid out once so that neighbours in the result are neighbours here.
  const rank = w.shape.length
  const turned = transposeT(w, [rank - 1, ...countTo(rank - 1)])
  const made = windowScatterT(g, turned, at, {
    extents: [g.shape[0]!, inputs, g.shape.at(-1)!, ...held, ...window],
    labels: [BATCH, ...positions, OUT, ...taps, IN],
    a: [plain(BATCH), ...positions.map(plain), plain(OUT)],
    b: [plain(OUT), ...taps.map(plain), plain(IN)],
    moved: [plain(BATCH), ...positions.map(plain), plain(OUT)],
    to: [plain(BATCH), ...meeting(positions, taps, windows, attrs), plain(IN)],
    shape,
    title: 'convTranspose',
  })
  return sliceT(made, {
    start: alongSpatial(before, 0, 'channelsLast'),
    step: made.shape.map(() => 1),
    size: [g.shape[0]!, ...size, inputs],
  })
}
