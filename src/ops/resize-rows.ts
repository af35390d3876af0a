import { countTo } from '../ir/count-to'
import type { Row } from './band'

/** How `resize` computes what lies between elements. */
export type Interpolation = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5' | 'area'
/** Where `resize` looks for an element, as ONNX says it. */
export type Coordinates = 'halfPixel' | 'alignCorners' | 'asymmetric'
/** Which element is the nearest for `resize`. */
export type Rounding = 'floor' | 'ceil' | 'preferFloor' | 'preferCeil'

/** How positions along an axis become neighbours and weights. */
export interface Sampling {
  readonly interpolation: Interpolation
  readonly coordinates: Coordinates
  readonly rounding: Rounding
}

/** What each point of an axis of `to` takes of an axis of `from`. */
export function rowsOf(from: number, to: number, sampling: Sampling): Row[] {
  switch (sampling.interpolation) {
    case 'nearest':
      return nearest(from, to, sampling)
    case 'bilinear':
      return linear(from, to, sampling)
    case 'area':
      return means(from, to)
    default:
      return weighed(from, to, sampling.coordinates, KERNELS[sampling.interpolation])
  }
}

/** The position in the operand of point o of the result, as a fraction of whole numbers: nothing is rounded. */
function positionOf(o: number, from: number, to: number, coordinates: Coordinates): readonly [number, number] {
  if (coordinates === 'halfPixel') return [(2 * o + 1) * from - to, 2 * to]
  if (coordinates === 'asymmetric') return [o * from, to]
  return to === 1 ? [0, 1] : [o * (from - 1), to - 1]
}
export function nearest(from: number, to: number, { coordinates, rounding }: Sampling): Row[] {
  return countTo(to).map((o) => {
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

function linear(from: number, to: number, { coordinates }: Sampling): Row[] {
  return countTo(to).map((o) => {
    const [p, q] = positionOf(o, from, to, coordinates)
    const start = Math.floor(p / q)
    const past = p - start * q
    return { start, weights: past === 0 ? [1] : [(q - past) / q, past / q] }
  })
}

interface Kernel {
  /** How far away from a position an element may lie. */
  readonly reach: number
  /** The weight of an element at a distance from 0 up to there. */
  weight(distance: number): number
}
const lanczos = (reach: number): Kernel => ({
  reach,
  weight: (x) =>
    // Sines of multiples of pi are not quite 0 in floats.
    Number.isInteger(x)
      ? Number(x === 0)
      : (reach * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / reach)) / (Math.PI * x) ** 2,
})
/** Sources: Keys 1981 with a = -1/2, Duchon 1979; as in JAX and TensorFlow. */
const KERNELS: Readonly<Record<'bicubic' | 'lanczos3' | 'lanczos5', Kernel>> = {
  bicubic: {
    reach: 2,
    weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2),
  },
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
}

/** Weights of a kernel around each position. Those beyond the ends are left out, the rest add up to 1. */
function weighed(from: number, to: number, coordinates: Coordinates, { reach, weight }: Kernel): Row[] {
  return countTo(to).map((o) => {
    const [p, q] = positionOf(o, from, to, coordinates)
    const start = Math.min(Math.max(Math.ceil(p / q) - reach, 0), from - 1)
    const end = Math.max(Math.min(Math.floor(p / q) + reach, from - 1), start)
    const raw = countTo(end - start + 1).map((t) => weight(Math.abs(p / q - start - t)))
    const total = raw.reduce((sum, w) => sum + w, 0)
    return { start, weights: raw.map((w) => w / total) }
  })
}

/** The mean of what a point covers: of from / to elements, parts of elements counting as parts. */
function means(from: number, to: number): Row[] {
  return countTo(to).map((o) => {
    // In units of 1 / to of an element, so that nothing is rounded.
    const [low, high] = [o * from, (o + 1) * from]
    const start = Math.floor(low / to)
    const count = Math.ceil(high / to) - start
    const covered = (i: number): number => Math.min(high, (i + 1) * to) - Math.max(low, i * to)
    return { start, weights: countTo(count).map((t) => covered(start + t) / from) }
  })
}
