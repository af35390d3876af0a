import type { Tensor } from '../ir/tensor'
import { reshapeT } from './view'
import { channelsOf, type DataFormat, spatialOf, windowCounts, type Windows, withLayout } from './window'
import { borderedFor } from './window-border'
import { type LabelIndex, plain, windowProductT } from './window-product'

export interface Grouped extends Windows {
  readonly groups: number
}

/** Labels of a convolution: batch, group, channels in and out of a group, then window positions and taps. */
export const [BATCH, GROUP, IN, OUT, FIRST] = [0, 1, 2, 3, 4]
/** A channel by its group and its place there. */
export const channel = (label: number, perGroup: number, groups: number): LabelIndex =>
  groups === 1 ? plain(label) : { base: 0, terms: [[GROUP, perGroup], [label, 1]] } // prettier-ignore

/** Where position o of a window and its tap k meet, in the bordered operand. */
const meetings = (o: readonly number[], k: readonly number[], { strides, dilations }: Windows): LabelIndex[] =>
  o.map((label, i) => ({ base: 0, terms: [[label, strides[i]!], [k[i]!, dilations[i]!]] })) // prettier-ignore

/** What belongs to the batch, to spatial dimensions and to channels, in the order of a format. */
export const layout = <T>(batch: T, spatial: readonly T[], channels: readonly T[], format: DataFormat): T[] =>
  format === 'channelsLast' ? [batch, ...spatial, ...channels] : [batch, ...channels, ...spatial]

export function convExpansion(x: Tensor, w: Tensor, attrs: Grouped): Tensor {
  const { groups, format } = attrs
  const window = w.shape.slice(0, -2)
  const counts = windowCounts(spatialOf(x.shape, format), window, attrs)
  const [perGroup, outputs] = w.shape.slice(-2) as [number, number]
  const positions = counts.map((_, i) => FIRST + i)
  const taps = window.map((_, i) => FIRST + counts.length + i)
  const made = windowProductT(borderedFor(x, window, counts, attrs, 0), w, {
    extents: [x.shape[0]!, groups, perGroup, outputs / groups, ...counts, ...window],
    a: layout(plain(BATCH), meetings(positions, taps, attrs), [channel(IN, perGroup, groups)], format), // prettier-ignore
    b: [...taps.map(plain), plain(IN), channel(OUT, outputs / groups, groups)],
    out: layout(BATCH, positions, groups === 1 ? [OUT] : [GROUP, OUT], format),
    summed: [...taps, IN],
    title: 'conv',
  })
  return reshapeT(made, withLayout(x.shape[0]!, counts, outputs, format))
}

export function convKernelExpansion(
  x: Tensor,
  y: Tensor,
  attrs: Grouped & { readonly window: readonly number[] },
): Tensor {
  const { groups, format, window } = attrs
  const counts = spatialOf(y.shape, format)
  const [inputs, outputs] = [channelsOf(x.shape, format), channelsOf(y.shape, format)]
  const positions = counts.map((_, i) => FIRST + i)
  const taps = window.map((_, i) => FIRST + counts.length + i)
  const made = windowProductT(borderedFor(x, window, counts, attrs, 0), y, {
    extents: [x.shape[0]!, groups, inputs / groups, outputs / groups, ...counts, ...window],
    a: layout(plain(BATCH), meetings(positions, taps, attrs), [channel(IN, inputs / groups, groups)], format), // prettier-ignore
    b: layout(plain(BATCH), positions.map(plain), [channel(OUT, outputs / groups, groups)], format),
    out: [...taps, IN, ...(groups === 1 ? [OUT] : [GROUP, OUT])],
    summed: [BATCH, ...positions],
    title: 'convKernel',
  })
  return reshapeT(made, [...window, inputs / groups, outputs])
}
