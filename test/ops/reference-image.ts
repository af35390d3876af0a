import type { IMAGE_CASES } from './cases-image'
import { at, largest, pointsOf, type Reference, tabulate, total, type Values } from './values'

const range = (from: number, end: number): number[] => Array.from({ length: end - from }, (_, i) => from + i)

/** Elements along axes at lists of places, one list a point of the result, put together by f. */
function gathered(
  x: Values,
  axes: readonly number[],
  size: readonly number[],
  places: (i: number, from: number, to: number) => number[],
  f: (elements: number[], lists: number[][], point: readonly number[]) => number,
): Values {
  const shape = x.shape.map((d, i) => (axes.includes(i) ? size[axes.indexOf(i)]! : d))
  return tabulate(shape, x.dtype, (p) => {
    const lists = axes.map((axis, k) => places(p[axis]!, x.shape[axis]!, size[k]!))
    const elements = pointsOf(lists.map((l) => l.length)).map(
      (q) =>
      at(x, p.map((v, i) => (axes.includes(i) ? lists[axes.indexOf(i)]![q[axes.indexOf(i)]!]! : v))), // prettier-ignore
    )
    return f(elements, lists, p)
  })
}
const clamp = (k: number, extent: number): number => Math.min(Math.max(k, 0), extent - 1)
const window = (i: number, from: number, to: number): number[] =>
  range(Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to))

/** Where rounding decides, positions are exact: the cases hold no fraction that a float64 could misplace by more. */
function positionOf(o: number, from: number, to: number, coordinates: string): number {
  if (coordinates === 'asymmetric') return (o * from) / to
  if (coordinates === 'alignCorners') return to === 1 ? 0 : (o * (from - 1)) / (to - 1)
  // Divided once, so that halves are halves.
  return (from * (2 * o + 1) - to) / (2 * to)
}
const ROUND: Readonly<Record<string, (p: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  preferFloor: (p) => Math.ceil(p - 0.5),
  preferCeil: (p) => Math.floor(p + 0.5),
}

export const IMAGE_REFERENCE: { readonly [N in keyof typeof IMAGE_CASES]: Reference<N> } = {
  frame: ([x], { axis, size, step, count }) =>
    tabulate(x!.shape.toSpliced(axis, 1, count, size), x!.dtype, (p) =>
      at(x!, p.toSpliced(axis, 2, p[axis]! * step + p[axis + 1]!)),
    ),
  resize: ([x], { axes, size, interpolation, coordinates, rounding }) => {
    if (interpolation === 'nearest') {
      const place = (o: number, from: number, to: number): number =>
        clamp(ROUND[rounding]!(positionOf(o, from, to, coordinates)), from)
      return gathered(x!, axes, size, (...o) => [place(...o)], ([v]) => v!) // prettier-ignore
    }
    const both = (o: number, from: number, to: number): number[] => {
      const low = Math.floor(positionOf(o, from, to, coordinates))
      return [clamp(low, from), clamp(low + 1, from)]
    }
    return gathered(x!, axes, size, both, (elements, _, p) => {
      const past = axes.map((axis, i) => {
        const position = positionOf(p[axis]!, x!.shape[axis]!, size[i]!, coordinates)
        return position - Math.floor(position)
      })
      const weights = pointsOf(axes.map(() => 2)).map((q) =>
        q.reduce((w, side, i) => w * (side === 1 ? past[i]! : 1 - past[i]!), 1),
      )
      return total(elements.map((v, i) => (weights[i] === 0 ? 0 : weights[i]! * v)))
    })
  },
  depthToSpace: ([x], { block, mode, rows, columns, channels }) => {
    const depth = x!.shape[channels]! / block ** 2
    const shape = x!.shape.map((d, i) => (i === channels ? depth : i === rows || i === columns ? d * block : d))
    return tabulate(shape, x!.dtype, (p) => {
      const inBlock = (p[rows]! % block) * block + (p[columns]! % block)
      const from = mode === 'DCR' ? inBlock * depth + p[channels]! : p[channels]! * block ** 2 + inBlock
      return at(x!, p.map((k, i) => (i === channels ? from : i === rows || i === columns ? Math.floor(k / block) : k))) // prettier-ignore
    })
  },
  spaceToDepth: ([x], { block, mode, rows, columns, channels }) => {
    const depth = x!.shape[channels]!
    const shape = x!.shape.map((d, i) => (i === channels ? d * block ** 2 : i === rows || i === columns ? d / block : d)) // prettier-ignore
    return tabulate(shape, x!.dtype, (p) => {
      const c = p[channels]!
      const [inBlock, channel] =
        mode === 'DCR' ? [Math.floor(c / depth), c % depth] : [c % block ** 2, Math.floor(c / block ** 2)]
      const [up, across] = [Math.floor(inBlock / block), inBlock % block]
      return at(x!, p.map((k, i) => (i === channels ? channel : i === rows ? k * block + up : i === columns ? k * block + across : k))) // prettier-ignore
    })
  },
  adaptiveAveragePool: ([x], { axes, size }) =>
    gathered(x!, axes, size, window, (elements) => total(elements) / elements.length),
  adaptiveMaxPool: ([x], { axes, size }) => gathered(x!, axes, size, window, largest),
}
