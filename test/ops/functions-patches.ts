import * as loom from 'gradloom'
import type { PatchOptions } from 'gradloom'
import { type FunctionRow, meaning } from './function-case'
import { one } from './operands'
import { at, pointsOf, tabulate, type Values } from './values'

interface Geometry {
  readonly spatial: readonly [number, number]
  readonly options: PatchOptions & { readonly size: readonly [number, number] }
  /** How far the first window begins before the image, and how many there are, written by hand. */
  readonly before: readonly [number, number]
  readonly counts: readonly [number, number]
}
const GEOMETRIES: readonly Geometry[] = [
  { spatial: [4, 5], options: { size: [2, 2] }, before: [0, 0], counts: [3, 4] },
  { spatial: [5, 6], options: { size: [2, 3], strides: [2, 1] }, before: [0, 0], counts: [2, 4] },
  { spatial: [5, 5], options: { size: [2, 2], strides: 3 }, before: [0, 0], counts: [2, 2] },
  { spatial: [4, 4], options: { size: [3, 3], padding: 1, strides: 2 }, before: [1, 1], counts: [2, 2] },
  { spatial: [6, 7], options: { size: [2, 3], dilations: [3, 2], padding: [0, [2, 1]] }, before: [0, 2], counts: [3, 6] }, // prettier-ignore
  { spatial: [5, 4], options: { size: [3, 2], padding: 'same' }, before: [1, 0], counts: [5, 4] },
]
const spread = (value: PatchOptions['strides']): readonly number[] =>
  typeof value === 'object' ? value : [value ?? 1, value ?? 1]
/** Where a tap of a window lies; outside the image there is 0. */
function place({ options, before }: Geometry, window: readonly number[], tap: readonly number[]): number[] {
  const [strides, dilations] = [spread(options.strides), spread(options.dilations)]
  return window.map((w, i) => w * strides[i]! + tap[i]! * dilations[i]! - before[i]!)
}
const isInside = ([i, k]: readonly number[], [rows, columns]: readonly [number, number]): boolean =>
  i! >= 0 && i! < rows && k! >= 0 && k! < columns
const split = (n: number, columns: number): [number, number] => [Math.floor(n / columns), n % columns]

const [BATCH, CHANNELS] = [2, 3]
const areaOf = ([rows, columns]: readonly [number, number]): number => rows * columns

/** Each element of columns with the element of the image that it holds, if any. */
function* columnsOf(geometry: Geometry): Generator<{ readonly column: number[]; readonly image: number[] }> {
  const { options, counts, spatial } = geometry
  for (const [b, c, tap, window] of pointsOf([BATCH, CHANNELS, areaOf(options.size), areaOf(counts)])) {
    const found = place(geometry, split(window!, counts[1]), split(tap!, options.size[1]))
    if (isInside(found, spatial))
      yield { column: [b!, c! * areaOf(options.size) + tap!, window!], image: [b!, c!, ...found] }
  }
}
function scattered(
  shape: readonly number[],
  like: Values,
  pairs: Iterable<readonly [to: number[], value: number]>,
): Values {
  const data = new Float64Array(shape.reduce((n, d) => n * d, 1))
  for (const [to, value] of pairs) data[to.reduce((n, i, axis) => n * shape[axis]! + i, 0)]! += value
  return { shape, dtype: like.dtype, data }
}
const columnShape = ({ options, counts }: Geometry): number[] => [
  BATCH,
  CHANNELS * areaOf(options.size),
  areaOf(counts),
]

export const PATCH_FUNCTIONS = {
  unfold: {
    cases: GEOMETRIES.flatMap((g) =>
      meaning(
        [one([BATCH, CHANNELS, ...g.spatial], (x) => loom.unfold(x, g.options))],
        (x) =>
        scattered(columnShape(g), x, [...columnsOf(g)].map(({ column, image }) => [column, at(x, image)] as const)), // prettier-ignore
      ),
    ),
  },
  fold: {
    cases: GEOMETRIES.flatMap((g) =>
      meaning(
        [one(columnShape(g), (x) => loom.fold(x, g.spatial, g.options))],
        (x) =>
        scattered([BATCH, CHANNELS, ...g.spatial], x, [...columnsOf(g)].map(({ column, image }) => [image, at(x, column)] as const)), // prettier-ignore
      ),
    ),
  },
  extractPatches: {
    cases: GEOMETRIES.flatMap((g) =>
      meaning([one([BATCH, ...g.spatial, CHANNELS], (x) => loom.extractPatches(x, g.options))], (x) =>
        tabulate([BATCH, ...g.counts, areaOf(g.options.size) * CHANNELS], x.dtype, ([b, i, k, n]) => {
          const [tap, c] = split(n!, CHANNELS)
          const found = place(g, [i!, k!], split(tap, g.options.size[1]))
          return isInside(found, g.spatial) ? at(x, [b!, ...found, c]) : 0
        }),
      ),
    ),
  },
} satisfies Record<string, FunctionRow>
