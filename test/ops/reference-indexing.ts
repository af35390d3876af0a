import type { INDEXING } from '../../src/ops/table-indexing'
import { at, pointsOf, type Reference, sizeOf, stretched, tabulate, type Values } from './values'

/** Zeros to which the elements of x are added, each where `to` says. */
function addedUp(x: Values, shape: readonly number[], to: (point: readonly number[]) => readonly number[]): Values {
  const data = new Float64Array(sizeOf(shape))
  for (const p of pointsOf(x.shape)) data[to(p).reduce((n, k, i) => n * shape[i]! + k, 0)]! += at(x, p)
  return tabulate(shape, x.dtype, (p) => at({ shape, dtype: x.dtype, data }, p))
}
/** A point whose dimensions from `axis` on, as many as an index has, become that index. */
const gathered = (p: readonly number[], indices: Values, axis: number): number[] => {
  const rank = indices.shape.length
  return [...p.slice(0, axis), at(indices, p.slice(axis, axis + rank)), ...p.slice(axis + rank)]
}

type Point = readonly number[]
const position = (p: Point, shape: readonly number[]): number => p.reduce((n, k, i) => n * shape[i]! + k, 0)
/** The updates of a result that begins as it is, one after the other. */
function changed(
  begin: (at: number) => number,
  { shape, dtype }: Pick<Values, 'shape' | 'dtype'>,
  updates: Values,
  to: (point: Point) => Point,
  combine: (old: number, update: number) => number,
): Values {
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, i) => begin(i))
  for (const p of pointsOf(updates.shape)) {
    const i = position(to(p), shape)
    data[i] = combine(data[i]!, at(updates, p))
  }
  return { shape, dtype, data }
}
const LIMITS: Readonly<Record<string, readonly [lowest: number, highest: number]>> = {
  float32: [-Infinity, Infinity],
  float64: [-Infinity, Infinity],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
}
const extremes = (x: Values, shape: readonly number[], to: (point: Point) => Point, smallest: boolean): Values =>
  changed(() => LIMITS[x.dtype]![Number(smallest)]!, { shape, dtype: x.dtype }, x, to, smallest ? Math.min : Math.max)

export const INDEXING_REFERENCE: { readonly [N in keyof typeof INDEXING]: Reference<N> } = {
  gather: ([x, indices], { axis }) => {
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)]
    return tabulate(shape, x!.dtype, (p) => at(x!, gathered(p, indices!, axis)))
  },
  indexAdd: ([x, indices], { axis, extent }) => {
    const shape = [...x!.shape.slice(0, axis), extent, ...x!.shape.slice(axis + indices!.shape.length)]
    return addedUp(x!, shape, (p) => gathered(p, indices!, axis))
  },
  indexMax: ([x, indices], { axis, extent, smallest }) => {
    const shape = [...x!.shape.slice(0, axis), extent, ...x!.shape.slice(axis + indices!.shape.length)]
    return extremes(x!, shape, (p) => gathered(p, indices!, axis), smallest)
  },
  indexSet: ([x, indices, u], { axis }) =>
    changed(
      (i) => x!.data[i]!,
      x!,
      u!,
      (p) => gathered(p, indices!, axis),
      (_, b) => b,
    ),
  scatterMax: ([x, indices], { axis, extent, smallest }) =>
    extremes(x!, x!.shape.with(axis, extent), (p) => p.with(axis, at(indices!, p)), smallest),
  scatterSet: ([x, indices, u], { axis }) =>
    changed(
      (i) => x!.data[i]!,
      x!,
      u!,
      (p) => p.with(axis, at(indices!, p)),
      (_, b) => b,
    ),
  ravelIndex: (indices, { shape }) =>
    tabulate(stretched(indices.map((x) => x.shape)), 'int32', (p) =>
      position(
        indices.map((x) => at(x, p)),
        shape,
      ),
    ),
  takeAlongAxis: ([x, indices], { axis }) => {
    const shape = x!.shape.map((d, i) => (i === axis ? indices!.shape[i]! : d === 1 ? indices!.shape[i]! : d))
    return tabulate(shape, x!.dtype, (p) => at(x!, p.with(axis, at(indices!, p))))
  },
  scatterAdd: ([x, indices], { axis, extent }) =>
    addedUp(x!, x!.shape.with(axis, extent), (p) => p.with(axis, at(indices!, p))),
  reverseSequence: ([x, lengths], { axis, batchAxis }) =>
    tabulate(x!.shape, x!.dtype, (p) => {
      const length = lengths!.data[p[batchAxis]!]!
      return at(x!, p[axis]! < length ? p.with(axis, length - 1 - p[axis]!) : p)
    }),
}
