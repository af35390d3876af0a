import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { newData } from '../ir/type'
import { countTo } from '../ir/count-to'
import { spliced } from './axes'
import { addT, mulT } from './arith'
import { padBorderOp } from './arrange'
import { bandT, transposed } from './band'
import { broadcastT, sumT } from './broadcast'
import { frameT } from './frame'
import { dataConstant } from './leaf'
import { partT } from './pieces'
import { nearest, rowsOf, type Sampling } from './resize-rows'
import { reshapeT } from './view'

export type { Coordinates, Interpolation, Rounding } from './resize-rows'

export interface ResizeAttrs extends Sampling {
  readonly axes: readonly number[]
  /** The new extent of each of the axes. */
  readonly size: readonly number[]
}

interface Change {
  readonly axis: number
  readonly from: number
  readonly to: number
}

/** Samples along axes at evenly spaced positions: the nearest element, or neighbours weighted by distance. */
export const resizeOp: Op<'resize', ResizeAttrs> = {
  name: 'resize',
  kind: 'composite',
  infer: ([x], { axes, size }) => ({ dtype: x!.dtype, shape: x!.shape.map((d, i) => size[axes.indexOf(i)] ?? d) }),
  vjp: ({ inputs: [x], cotangent, attrs }) => {
    const { bands, phased } = changesOf(x!.shape, attrs)
    const isNearest = attrs.interpolation === 'nearest'
    // What grew comes first: the rest then has less to do. A sum over many neighbours is a band too.
    const g = isNearest ? summed(cotangent, phased) : cotangent
    const rest = (isNearest ? bands : [...bands, ...phased]).reverse()
    return [rest.reduce((now, { axis, from, to }) => bandT(now, axis, transposed(rowsOf(from, to, attrs), from)), g)]
  },
  expand: ([x], attrs) => {
    const { bands, phased } = changesOf(x!.shape, attrs)
    const sampled = bands.reduce((now, { axis, from, to }) => bandT(now, axis, rowsOf(from, to, attrs)), x!)
    return attrs.interpolation === 'nearest' ? repeated(sampled, phased) : halves(sampled, phased)
  },
  formula: ([x], { size, interpolation }) => callF('resize', [x!], size, interpolation),
}

/** The axes that become bands, those that shrink first, and those whose points only lie in phases of an element. */
function changesOf(shape: readonly number[], attrs: ResizeAttrs): { bands: Change[]; phased: Change[] } {
  const isPhased = ({ from, to }: Change): boolean => {
    const factor = to / from
    if (!Number.isInteger(factor)) return false
    if (attrs.interpolation === 'bilinear') return attrs.coordinates === 'halfPixel' && factor % 2 === 0
    return (
      attrs.interpolation === 'nearest' &&
      nearest(from, to, attrs).every(({ start }, o) => start === Math.floor(o / factor))
    )
  }
  const changed = attrs.axes
    .map((axis, i) => ({ axis, from: shape[axis]!, to: attrs.size[i]! }))
    .filter(({ from, to }) => from !== to)
  const bands = changed.filter((a) => !isPhased(a)).sort((a, b) => a.to / a.from - b.to / b.from)
  return { bands, phased: changed.filter(isPhased) }
}

/** The shape with each phased axis split into elements and the points of each. */
const split = (
  shape: readonly number[],
  phased: readonly Change[],
  parts: (a: Change) => readonly number[],
): number[] => shape.flatMap((d, i) => phased.filter(({ axis }) => axis === i).map(parts)[0] ?? [d])

/** Each element so many times in a row along several axes, in one kernel. */
function repeated(x: Tensor, phased: readonly Change[]): Tensor {
  const apart = reshapeT(x, split(x.shape, phased, ({ from }) => [from, 1])) // prettier-ignore
  const wide = broadcastT(apart, split(x.shape, phased, ({ from, to }) => [from, to / from])) // prettier-ignore
  return reshapeT(
    wide,
    split(x.shape, phased, ({ to }) => [to]),
  )
}

/** The cotangent of what was repeated. */
function summed(g: Tensor, phased: readonly Change[]): Tensor {
  const apart = split(g.shape, phased, ({ from, to }) => [from, to / from])
  const axes = g.shape.flatMap((_, i) => {
    const before = phased.filter(({ axis }) => axis < i).length
    return phased.some(({ axis }) => axis === i) ? [i + before + 1] : []
  })
  return sumT(reshapeT(g, apart), { axes, keepDims: false })
}

/**
 * Two neighbours by an even factor, positions at half pixels. The first half of the points of an element lies between
 * it and the one before, the second between it and the next; that half is an index of its own, so that both neighbours
 * lie at affine places. The axes are split, filled and merged together, with nothing stored between them.
 */
function halves(x: Tensor, phased: readonly Change[]): Tensor {
  if (phased.length === 0) return x
  const border = x.shape.map((_, i) => Number(phased.some(({ axis }) => axis === i)))
  let now = apply(padBorderOp, [x], { before: border, after: border, mode: 'edge' })
  for (const { axis, from: count, to } of [...phased].sort((a, b) => b.axis - a.axis)) {
    const factor = to / count
    const framed = (from: number): Tensor => {
      const frames = frameT(partT(now, axis, from, count + 1), { axis, size: 2, step: 1, count })
      return reshapeT(frames, spliced(frames.shape, axis + 2, 0, 1))
    }
    const weights = (of: (r: number) => number): Tensor => {
      const data = newData(x.dtype, factor)
      data.set(countTo(factor).map(of))
      return dataConstant(data, { dtype: x.dtype, shape: [2, factor / 2, ...now.shape.slice(axis + 1).map(() => 1)] })
    }
    const past = (r: number): number => (2 * r + 1 + (r < factor / 2 ? factor : -factor)) / (2 * factor)
    const low = mulT(weights((r) => 1 - past(r)), framed(0)) // prettier-ignore
    now = addT(low, mulT(weights(past), framed(1)))
  }
  return reshapeT(
    now,
    split(x.shape, phased, ({ to }) => [to]),
  )
}
