import type { Tensor } from '../ir/tensor'
import { countTo } from '../ir/count-to'
import { concatT, sliceT } from './pieces'
import { zerosT } from './broadcast'
import { reshapeT } from './view'
import {
  alongSpatial,
  channelsOf,
  type DataFormat,
  spatialOf,
  turnsOf,
  windowCounts,
  type Windows,
  withLayout,
} from './window'
import { bordered, borderedFor } from './window-border'
import { type LabelIndex, plain, windowProductT } from './window-product'

interface Grouped extends Windows {
  readonly groups: number
}

/** Labels of a convolution: batch, group, channels in and out of a group, then window positions and taps. */
const [BATCH, GROUP, IN, OUT, FIRST] = [0, 1, 2, 3, 4]
/** A channel by its group and its place there. */
const channel = (label: number, perGroup: number, groups: number): LabelIndex =>
  groups === 1 ? plain(label) : { base: 0, terms: [[GROUP, perGroup], [label, 1]] } // prettier-ignore

/** Where position o of a window and its tap k meet, in the bordered operand. */
const meetings = (o: readonly number[], k: readonly number[], { strides, dilations }: Windows): LabelIndex[] =>
  o.map((label, i) => ({ base: 0, terms: [[label, strides[i]!], [k[i]!, dilations[i]!]] })) // prettier-ignore

const layout = <T>(batch: T, spatial: readonly T[], channels: readonly T[], format: DataFormat): T[] =>
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

/** The taps of one dimension that reach positions j = s Q + phase: k = first + apart * t, from window position Q + from - back * t. */
interface Phase {
  readonly first: number
  readonly apart: number
  readonly count: number
  readonly from: number
  readonly back: number
}

function phaseOf(phase: number, window: number, stride: number, dilation: number): Phase | undefined {
  const reaches = (k: number): boolean => (((k * dilation - phase) % stride) + stride) % stride === 0
  const first = countTo(Math.min(window, stride)).find(reaches)
  if (first === undefined) return undefined
  const common = gcd(dilation, stride)
  const apart = stride / common
  return {
    first,
    apart,
    count: Math.floor((window - 1 - first) / apart) + 1,
    from: (phase - first * dilation) / stride,
    back: dilation / common,
  }
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * Positions that are a stride apart get their sums from the same taps: each such phase is a dense product with every stride-th
 * tap, so that no zeros are multiplied. The phases are laid side by side at the end.
 */
export function convInputExpansion(
  y: Tensor,
  w: Tensor,
  attrs: Grouped & { readonly size: readonly number[] },
): Tensor {
  const { strides, format, size } = attrs
  // Position i of x is j = i + before; whole turns of the stride are computed from the first that is needed on.
  const { firsts, turns, starts } = turnsOf(size, attrs)
  const perGroup = w.shape.at(-2)!
  const channels = perGroup * attrs.groups
  const shape = withLayout(y.shape[0]!, turns, channels, format)
  const each = (dim: number, phases: readonly number[]): Tensor => {
    if (dim === strides.length) {
      const found = phases.map((r, i) => phaseOf(r, w.shape[i]!, strides[i]!, attrs.dilations[i]!))
      const known = found.filter((p) => p !== undefined)
      if (known.length < found.length) return zerosT({ dtype: y.dtype, shape })
      return phaseProduct(y, w, attrs, known, { firsts, turns })
    }
    const parts = Array.from({ length: strides[dim]! }, (_, r) => each(dim + 1, [...phases, r]))
    return interleave(parts, dim + (format === 'channelsLast' ? 1 : 2))
  }
  const whole = each(0, [])
  return sliceT(whole, {
    start: alongSpatial(starts, 0, format),
    step: whole.shape.map(() => 1),
    size: withLayout(y.shape[0]!, size, channels, format),
  })
}

/** Element q of part r becomes element q * parts + r along an axis. */
function interleave(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0]!
  const { shape } = parts[0]!
  const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]
  return reshapeT(concatT(parts.map((p) => reshapeT(p, apart)), axis + 1), shape.with(axis, shape[axis]! * parts.length)) // prettier-ignore
}

function phaseProduct(
  y: Tensor,
  w: Tensor,
  { groups, format }: Grouped,
  phases: readonly Phase[],
  { firsts, turns }: { readonly firsts: readonly number[]; readonly turns: readonly number[] },
): Tensor {
  const counts = spatialOf(y.shape, format)
  // Window position for turn q and tap t, before the border: firsts + q + from - back * t.
  const lowest = phases.map(({ from, back, count }, i) => firsts[i]! + from - back * (count - 1))
  const highest = phases.map(({ from }, i) => firsts[i]! + from + turns[i]! - 1)
  const front = lowest.map((low) => Math.max(0, -low))
  const behind = highest.map((high, i) => Math.max(0, high - (counts[i]! - 1)))
  const operand = bordered(y, front, behind, format, 0)
  const [perGroup, outputs] = w.shape.slice(-2) as [number, number]
  const positions = counts.map((_, i) => FIRST + i)
  const taps = counts.map((_, i) => FIRST + counts.length + i)
  const made = windowProductT(operand, w, {
    extents: [y.shape[0]!, groups, perGroup, outputs / groups, ...turns, ...phases.map((p) => p.count)],
    a: layout(plain(BATCH), phases.map(({ from, back }, i) => ({ base: firsts[i]! + from + front[i]!, terms: [[positions[i]!, 1], [taps[i]!, -back]] })), [channel(OUT, outputs / groups, groups)], format), // prettier-ignore
    b: [...phases.map(({ first, apart }, i) => ({ base: first, terms: [[taps[i]!, apart]] as const })), plain(IN), channel(OUT, outputs / groups, groups)], // prettier-ignore
    out: layout(BATCH, positions, groups === 1 ? [IN] : [GROUP, IN], format),
    summed: [...taps, OUT],
    title: 'convTranspose',
  })
  return reshapeT(made, withLayout(y.shape[0]!, turns, perGroup * groups, format))
}
