import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { apply } from '../ir/tensor'
import { showShape } from '../ir/type'
import { broadcastT } from './broadcast'
import { composite } from './composite'
import { concatT, partT } from './pieces'
import { flipOp, reshapeT } from './view'

export interface AxesAttrs {
  readonly axes: readonly number[]
}
/** New axes of extent 1 at the given positions of the result. */
export const expandDimsOp = composite<'expandDims', AxesAttrs>('expandDims', {
  expand: ([x], { axes }) => {
    let next = 0
    const rank = x!.shape.length + axes.length
    return reshapeT(
      x!,
      Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : x!.shape[next++]!)),
    )
  },
})
export const expandDimsT = (x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : apply(expandDimsOp, [x], { axes })

/** Without the given axes, all of extent 1. */
export const squeezeOp = composite<'squeeze', AxesAttrs>('squeeze', {
  check: ([x], { axes }) => {
    const long = axes.find((i) => x!.shape[i] !== 1)
    if (long !== undefined) throw new GraphError(`axis ${long} of ${showShape(x!.shape)} has not the extent 1`)
  },
  expand: ([x], { axes }) =>
    reshapeT(
      x!,
      x!.shape.filter((_, i) => !axes.includes(i)),
    ),
})

/** Tensors of one shape side by side along a new axis. */
export const stackOp = composite<'stack', { readonly axis: number }>('stack', {
  expand: (parts, { axis }) =>
    concatT(
      parts.map((x) => reshapeT(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)])),
      axis,
    ),
})

/** Copies side by side, so many along each axis. */
export const tileOp = composite<'tile', { readonly repeats: readonly number[] }>('tile', {
  expand: ([x], { repeats }) => {
    const lead = repeats.length - x!.shape.length
    const shape = repeats.map((_, i) => x!.shape[i - lead] ?? 1)
    const split = reshapeT(
      x!,
      shape.flatMap((d) => [1, d]),
    )
    const wide = broadcastT(
      split,
      shape.flatMap((d, i) => [repeats[i]!, d]),
    )
    return reshapeT(
      wide,
      shape.map((d, i) => repeats[i]! * d),
    )
  },
})

/** Each element so many times in a row along an axis. */
export const repeatOp = composite<'repeat', { readonly count: number; readonly axis: number }>('repeat', {
  expand: ([x], { count, axis }) => {
    const { shape } = x!
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)]
    const split = reshapeT(x!, [...before, shape[axis]!, 1, ...after])
    return reshapeT(broadcastT(split, [...before, shape[axis]!, count, ...after]), [
      ...before,
      shape[axis]! * count,
      ...after,
    ])
  },
})

/** Elements moved on along axes; what leaves at the end comes back at the start. */
export const rollOp = composite<'roll', { readonly shift: readonly number[]; readonly axes: readonly number[] }>(
  'roll',
  {
    expand: ([x], { shift, axes }) =>
      axes.reduce((now, axis, i) => {
        const extent = now.shape[axis]!
        const by = extent === 0 ? 0 : ((shift[i]! % extent) + extent) % extent
        return by === 0 ? now : concatT([partT(now, axis, extent - by, by), partT(now, axis, 0, extent - by)], axis)
      }, x!),
  },
)

/** A border of what the tensor holds: mirrored without its edge, or the edge itself. */
export interface BorderAttrs {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly mode: 'reflect' | 'edge'
}
export const padBorderOp = composite<'padBorder', BorderAttrs>('padBorder', {
  check: ([x], { before, after, mode }) =>
    x!.shape.forEach((d, i) => {
      const reach = Math.max(before[i]!, after[i]!)
      const most = mode === 'reflect' ? d - 1 : d > 0 ? Infinity : 0
      if (reach > 0 && reach > most)
        throw new GraphError(`a border of ${reach} by ${mode} needs more than the ${d} elements of axis ${i}`)
    }),
  expand: ([x], { before, after, mode }) =>
    x!.shape.reduce((now, d, axis) => {
      const border = (from: number, count: number): Tensor[] => {
        if (count === 0) return []
        if (mode === 'reflect') return [apply(flipOp, [partT(now, axis, from, count)], { axes: [axis] })]
        const edge = partT(now, axis, from, 1)
        return [
          broadcastT(
            edge,
            now.shape.map((n, i) => (i === axis ? count : n)),
          ),
        ]
      }
      const [low, high] = [before[axis]!, after[axis]!]
      const isEdge = mode === 'edge'
      return concatT([...border(isEdge ? 0 : 1, low), now, ...border(isEdge ? d - 1 : d - 1 - high, high)], axis)
    }, x!),
})
