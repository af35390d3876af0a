import { addScaled, type Affine, constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import type { LowerContext, Op } from '../ir/op'
import { call, indexValue, int, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showShape, isEmpty } from '../ir/type'
import { addT } from './arith'
import { broadcastT } from './broadcast'
import { firstT, padT, sliceT, spreadT } from './pieces'
import { like } from './unary'
import { reshapeT } from './view'
import {
  alongSpatial,
  channelsOf,
  type DataFormat,
  movesOf,
  spatialDims,
  spatialOf,
  tapNumbers,
  turnsOf,
  windowCounts,
  type Windows,
  withLayout,
} from './window'
import { borderedFor } from './window-border'

// Windows and their sum are each other's gradients, so they share a file.

export interface WindowsAttrs extends Windows {
  readonly window: readonly number[]
}
export const windowsOf = (attrs: WindowsAttrs): WindowsAttrs => ({ ...movesOf(attrs), window: attrs.window })
export interface FoldAttrs extends WindowsAttrs {
  /** Spatial extents of the result. */
  readonly size: readonly number[]
}

/** [batch, ...positions, ...taps, channels], or channels second. */
const windowedShape = (
  shape: readonly number[],
  counts: readonly number[],
  window: readonly number[],
  format: DataFormat,
): number[] => withLayout(shape[0]!, [...counts, ...window], channelsOf(shape, format), format)

/** Where positions and taps of a windowed tensor lie. */
function places({ window, format }: WindowsAttrs) {
  const first = format === 'channelsLast' ? 1 : 2
  return {
    positions: window.map((_, i) => first + i),
    taps: window.map((_, i) => first + window.length + i),
  }
}

/** Every window of x, taps as dimensions behind the positions; a view. There is no padding: windows lie inside. */
export const windowsOp: Op<'windows', WindowsAttrs> = {
  name: 'windows',
  kind: 'point',
  infer: ([x], attrs) => {
    const counts = windowCounts(spatialOf(x!.shape, attrs.format), attrs.window, attrs)
    return { dtype: x!.dtype, shape: windowedShape(x!.shape, counts, attrs.window, attrs.format) }
  },
  vjp: ({ inputs: [x], cotangent, attrs }) => [foldT(cotangent, { ...attrs, size: spatialOf(x!.shape, attrs.format) })],
  lower: ({ inputs: [x], index, attrs, read }) => {
    const { positions, taps } = places(attrs)
    const dims = spatialDims(x!.shape.length, attrs.format)
    const rest = index.filter((_, i) => !positions.includes(i) && !taps.includes(i))
    let other = 0
    const at = x!.shape.map((_, i): Affine => {
      const d = dims.indexOf(i)
      if (d < 0) return rest[other++]!
      const start = addScaled(constIndex(0), index[positions[d]!]!, attrs.strides[d]!)
      return addScaled(start, index[taps[d]!]!, attrs.dilations[d]!)
    })
    return { value: read(0, at) }
  },
}

/** x with `value` where windows reach beyond it, window by window. */
export function windowsT(x: Tensor, attrs: WindowsAttrs, value: number): Tensor {
  const { strides, dilations, window, format } = attrs
  const size = spatialOf(x.shape, format)
  const counts = windowCounts(size, window, attrs)
  const padded = borderedFor(x, window, counts, attrs, value)
  // What no window touches at the end is left out, so that the counts follow from the extents.
  const used = counts.map((n, i) => (n - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! + 1)
  const exact = firstT(padded, withLayout(x.shape[0]!, used, channelsOf(x.shape, format), format))
  const none = size.map(() => 0)
  return apply(windowsOp, [exact], { strides, dilations, before: none, after: none, format, window })
}

export interface TurnsAttrs {
  readonly strides: readonly number[]
  /** First turn of the stride that is computed, and how many. */
  readonly firsts: readonly number[]
  readonly turns: readonly number[]
  readonly dilations: readonly number[]
  readonly window: readonly number[]
  readonly format: DataFormat
}

/**
 * Sums windows where they overlap: position s (first + q) + r of the result gets tap r + s t of window first + q - t for
 * every t. The result has turns q and places r of the stride apart, so that all indices are affine: a gather, no scatter.
 */
export const foldTurnsOp: Op<'foldTurns', TurnsAttrs> = {
  name: 'foldTurns',
  kind: 'point',
  vjp: ({ inputs: [x], cotangent, attrs }) => [unfoldTurns(cotangent, x!, attrs)],
  infer: ([x], { turns, strides, window, format }) => {
    const taps = spatialOf(x!.shape, format).slice(window.length)
    if (!sameShape(taps, window))
      throw new GraphError(
        `needs axes for positions, then ${showShape(window)} for the taps of the window; got ${showShape(x!.shape)}`,
      )
    const apart = turns.flatMap((n, i) => [n, strides[i]!])
    return { dtype: x!.dtype, shape: withLayout(x!.shape[0]!, apart, channelsOf(x!.shape, format), format) }
  },
  lower: (context) => {
    const { window, strides, dilations } = context.attrs
    const steps = window.map((k, i) => (dilations[i] === 1 ? Math.ceil(k / strides[i]!) : k))
    const terms = tapNumbers(steps).map((t) => turnTerm(context, t))
    return { value: terms.reduce((sum, term) => call('add', sum, term)) }
  },
}

/** The tap that reaches a point after t further turns, or zero where there is none. */
function turnTerm({ inputs: [x], index, attrs, read, output }: LowerContext<TurnsAttrs>, t: readonly number[]): Scalar {
  const { window, strides, dilations, firsts, format, turns } = attrs
  const first = format === 'channelsLast' ? 1 : 2
  const inside: Scalar[] = []
  const within = (a: Affine, low: number, high: number, extent: number): void => {
    if (low < 0) inside.push(call('le', int(0), indexValue(a)))
    if (high >= extent) inside.push(call('lt', indexValue(a), int(extent)))
  }
  const positions: Affine[] = []
  const taps: Affine[] = []
  window.forEach((k, i) => {
    const [q, r] = [index[first + 2 * i]!, index[first + 2 * i + 1]!]
    const back = dilations[i] === 1 ? t[i]! : t[i]! * dilations[i]!
    const position = addScaled(q, constIndex(firsts[i]! - back), 1)
    within(position, firsts[i]! - back, firsts[i]! - back + turns[i]! - 1, x!.shape[first + i]!)
    const tap = dilations[i] === 1 ? addScaled(r, constIndex(t[i]! * strides[i]!), 1) : constIndex(t[i]!)
    if (dilations[i] === 1) within(tap, 0, t[i]! * strides[i]! + strides[i]! - 1, k)
    positions.push(position)
    taps.push(tap)
  })
  const spatial = index.slice(first, first + 2 * window.length)
  const rest = index.filter((a) => !spatial.includes(a))
  const at = withOthers(rest, [...positions, ...taps], format)
  const value = read(0, at)
  if (inside.length === 0) return value
  return call('select', inside.reduce((p, q) => call('and', p, q)), value, literal(0, output.dtype)) // prettier-ignore
}

const withOthers = (rest: readonly Affine[], spatial: readonly Affine[], format: DataFormat): Affine[] =>
  format === 'channelsLast' ? [rest[0]!, ...spatial, rest[1]!] : [rest[0]!, rest[1]!, ...spatial]

/** The gradient of the sum: what each window sees of the cotangent. */
function unfoldTurns(g: Tensor, x: Tensor, { strides, dilations, window, firsts, turns, format }: TurnsAttrs): Tensor {
  if (isEmpty(x)) return broadcastT(like(0, x), x.shape)
  const channels = channelsOf(x.shape, format)
  const size = turns.map((n, i) => n * strides[i]!)
  const whole = reshapeT(g, withLayout(x.shape[0]!, size, channels, format))
  const counts = spatialOf(x.shape, format).slice(0, window.length)
  // The result begins `before` positions into the first window.
  const before = firsts.map((f, i) => f * strides[i]!)
  const reach = counts.map((n, i) => (n - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! + 1)
  const padded = padT(whole, alongSpatial(before, 0, format), alongSpatial(reach.map((n, i) => Math.max(0, n - before[i]! - size[i]!)), 0, format), 0) // prettier-ignore
  const none = window.map(() => 0)
  return windowsT(
    firstT(padded, withLayout(x.shape[0]!, reach, channels, format)),
    { strides, dilations, before: none, after: none, format, window },
    0,
  )
}

/** The sum of windows [batch, ...positions, ...taps, channels] at the places that they were taken from. */
export function foldT(x: Tensor, attrs: FoldAttrs): Tensor {
  const { strides, dilations, window, format, size } = attrs
  if (dilations.some((d, i) => d > 1 && strides[i]! > 1)) return foldTapByTap(x, attrs)
  const { firsts, turns, starts } = turnsOf(size, attrs)
  const apart = apply(foldTurnsOp, [x], { strides, dilations, window, firsts, turns, format })
  const channels = channelsOf(x.shape, format)
  const joined = reshapeT(apart, withLayout(x.shape[0]!, turns.map((n, i) => n * strides[i]!), channels, format)) // prettier-ignore
  return sliceT(joined, {
    start: alongSpatial(starts, 0, format),
    step: joined.shape.map(() => 1),
    size: withLayout(x.shape[0]!, size, channels, format),
  })
}

/** Windows with gaps that also move by more than one: one tap after the other. */
function foldTapByTap(x: Tensor, attrs: FoldAttrs): Tensor {
  const { strides, dilations, before, window, format, size } = attrs
  const { positions, taps } = places(attrs)
  const counts = positions.map((i) => x.shape[i]!)
  const channels = channelsOf(x.shape, format)
  const room = size.map((d, i) => Math.max(before[i]! + d, (counts[i]! - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! + 1)) // prettier-ignore
  const whole = withLayout(x.shape[0]!, room, channels, format)
  const sum = tapNumbers(window)
    .map((tap) => {
      const part = sliceT(x, {
        start: x.shape.map((_, i) => (taps.includes(i) ? tap[taps.indexOf(i)]! : 0)),
        step: x.shape.map(() => 1),
        size: x.shape.map((d, i) => (taps.includes(i) ? 1 : d)),
      })
      const places = {
        start: alongSpatial(tap.map((k, i) => k * dilations[i]!), 0, format), // prettier-ignore
        step: alongSpatial(strides, 1, format),
        size: withLayout(x.shape[0]!, counts, channels, format),
      }
      return spreadT(reshapeT(part, places.size), places, whole)
    })
    .reduce(addT)
  return sliceT(sum, {
    start: alongSpatial(before, 0, format),
    step: sum.shape.map(() => 1),
    size: withLayout(x.shape[0]!, size, channels, format),
  })
}
