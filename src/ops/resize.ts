import { apply, type Tensor } from '../ir/tensor'
import { newData } from '../ir/type'
import { spliced } from './axes'
import { addT, mulT } from './arith'
import { padBorderOp } from './arrange'
import { bandT, type Row } from './band'
import { broadcastT } from './broadcast'
import { composite } from './composite'
import { frameT } from './frame'
import { dataConstant } from './leaf'
import { partT } from './pieces'
import { reshapeT } from './view'

export type Interpolation = 'nearest' | 'bilinear'
export type Coordinates = 'halfPixel' | 'alignCorners' | 'asymmetric'
export type Rounding = 'floor' | 'ceil' | 'preferFloor' | 'preferCeil'

export interface ResizeAttrs {
  readonly axes: readonly number[]
  /** The new extent of each of the axes. */
  readonly size: readonly number[]
  readonly interpolation: Interpolation
  readonly coordinates: Coordinates
  readonly rounding: Rounding
}

/** Samples along axes at evenly spaced positions: the nearest element, or two neighbours weighted by distance. */
export const resizeOp = composite<'resize', ResizeAttrs>('resize', {
  expand: ([x], attrs) => {
    const wanted = attrs.axes.map((axis, i) => ({ axis, from: x!.shape[axis]!, to: attrs.size[i]! }))
    const isPhased = ({ from, to }: { from: number; to: number }): boolean => {
      const factor = to / from
      if (!Number.isInteger(factor) || factor === 1) return false
      if (attrs.interpolation === 'bilinear') return attrs.coordinates === 'halfPixel' && factor % 2 === 0
      return nearest(from, to, attrs).every(({ start }, o) => start === Math.floor(o / factor))
    }
    const changed = wanted.filter(({ from, to }) => from !== to)
    // What shrinks comes first: the rest then has less to do.
    const bands = changed.filter((a) => !isPhased(a)).sort((a, b) => a.to / a.from - b.to / b.from)
    const rows = attrs.interpolation === 'nearest' ? nearest : linear
    const sampled = bands.reduce((now, { axis, from, to }) => bandT(now, axis, rows(from, to, attrs)), x!)
    const phased = changed.filter(isPhased).map(({ axis, from, to }) => ({ axis, factor: to / from }))
    return attrs.interpolation === 'nearest' ? repeated(sampled, phased) : halves(sampled, phased)
  },
})

/** The position in the operand of point o of the result, as a fraction of whole numbers: nothing is rounded. */
function positionOf(o: number, from: number, to: number, coordinates: Coordinates): readonly [number, number] {
  if (coordinates === 'halfPixel') return [(2 * o + 1) * from - to, 2 * to]
  if (coordinates === 'asymmetric') return [o * from, to]
  return to === 1 ? [0, 1] : [o * (from - 1), to - 1]
}
const points = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

function nearest(from: number, to: number, { coordinates, rounding }: ResizeAttrs): Row[] {
  return points(to).map((o) => {
    const [p, q] = positionOf(o, from, to, coordinates)
    const at = {
      floor: Math.floor(p / q),
      ceil: Math.ceil(p / q),
      preferFloor: Math.ceil((2 * p - q) / (2 * q)),
      preferCeil: Math.floor((2 * p + q) / (2 * q)),
    }[rounding]
    return { start: Math.min(Math.max(at, 0), from - 1), weights: [1] }
  })
}

function linear(from: number, to: number, { coordinates }: ResizeAttrs): Row[] {
  return points(to).map((o) => {
    const [p, q] = positionOf(o, from, to, coordinates)
    const start = Math.floor(p / q)
    const past = p - start * q
    return { start, weights: past === 0 ? [1] : [(q - past) / q, past / q] }
  })
}

interface Phased {
  readonly axis: number
  readonly factor: number
}

/** Each element so many times in a row along several axes, in one kernel. */
function repeated(x: Tensor, phased: readonly Phased[]): Tensor {
  if (phased.length === 0) return x
  const factorOf = (axis: number): number[] => phased.flatMap((a) => (a.axis === axis ? [a.factor] : []))
  const split = reshapeT(x, x.shape.flatMap((d, i) => [d, ...factorOf(i).map(() => 1)])) // prettier-ignore
  const wide = broadcastT(split, x.shape.flatMap((d, i) => [d, ...factorOf(i)])) // prettier-ignore
  return reshapeT(wide, x.shape.map((d, i) => d * (factorOf(i)[0] ?? 1))) // prettier-ignore
}

/**
 * Two neighbours by an even factor, positions at half pixels. The first half of the points of an element lies between
 * it and the one before, the second between it and the next; that half is an index of its own, so that both neighbours
 * lie at affine places. The axes are split, filled and merged together, with nothing stored between them.
 */
function halves(x: Tensor, phased: readonly Phased[]): Tensor {
  if (phased.length === 0) return x
  const border = x.shape.map((_, i) => Number(phased.some(({ axis }) => axis === i)))
  let now = apply(padBorderOp, [x], { before: border, after: border, mode: 'edge' })
  for (const { axis, factor } of [...phased].sort((a, b) => b.axis - a.axis)) {
    const count = x.shape[axis]!
    const framed = (from: number): Tensor => {
      const frames = frameT(partT(now, axis, from, count + 1), { axis, size: 2, step: 1, count })
      return reshapeT(frames, spliced(frames.shape, axis + 2, 0, 1))
    }
    const weights = (of: (r: number) => number): Tensor => {
      const data = newData(x.dtype, factor)
      data.set(points(factor).map(of))
      return dataConstant(data, { dtype: x.dtype, shape: [2, factor / 2, ...now.shape.slice(axis + 1).map(() => 1)] })
    }
    const past = (r: number): number => (2 * r + 1 + (r < factor / 2 ? factor : -factor)) / (2 * factor)
    const low = mulT(weights((r) => 1 - past(r)), framed(0)) // prettier-ignore
    now = addT(low, mulT(weights(past), framed(1)))
  }
  return reshapeT(now, x.shape.map((d, i) => d * (phased.find(({ axis }) => axis === i)?.factor ?? 1))) // prettier-ignore
}
