import fc from 'fast-check'
import * as loom from 'gradloom'
import type { ConvTransposeOptions, Padding, PerDim, Tensor } from 'gradloom'

type Rank = 1 | 2 | 3
/** A convolution or pooling by its shapes; extents are chosen so that windows fit. */
export interface Geometry {
  readonly kind: 'conv' | 'transposed' | 'max' | 'average'
  readonly window: readonly number[]
  /** Beyond what a window reaches. */
  readonly room: readonly number[]
  readonly strides?: PerDim
  readonly dilations?: PerDim
  readonly padding?: Padding | 'causal'
  readonly groups?: number
  /** Of a group. */
  readonly channels?: readonly [inputs: number, outputs: number]
  readonly outputPadding?: PerDim
  readonly countIncludePad?: boolean
}

const each = (value: PerDim | undefined, rank: number): number[] =>
  typeof value === 'object' ? [...value] : Array.from({ length: rank }, () => value ?? 1)

/** Shapes of both operands, channels last; a pooling has one. */
export function shapesOf({ kind, window, room, dilations, groups = 1, channels = [2, 3] }: Geometry): number[][] {
  const apart = each(dilations, window.length)
  const spatial = window.map((k, i) => (kind === 'transposed' ? 0 : (k - 1) * apart[i]!) + 1 + room[i]!)
  const x = [2, ...spatial, channels[0] * groups]
  if (kind === 'max' || kind === 'average') return [x]
  const [inputs, outputs] = channels
  return [x, kind === 'conv' ? [...window, inputs, outputs * groups] : [...window, outputs, inputs * groups]]
}

type Build = (x: Tensor, w: Tensor, options: object) => Tensor
const CONV = [loom.conv1d, loom.conv2d, loom.conv3d] as unknown as readonly Build[]
const TRANSPOSED = [loom.conv1dTranspose, loom.conv2dTranspose, loom.conv3dTranspose] as unknown as readonly Build[]
const MAX = [loom.maxPool1d, loom.maxPool2d, loom.maxPool3d] as unknown as readonly Build[]
const AVERAGE = [loom.averagePool1d, loom.averagePool2d, loom.averagePool3d] as unknown as readonly Build[]

/** Operands and result channels last, computed in either format. */
export function applied(geometry: Geometry, [x, w]: readonly Tensor[], dataFormat: loom.DataFormat): Tensor {
  const {
    kind,
    window,
    strides = 1,
    dilations = 1,
    padding = 'valid',
    groups = 1,
    outputPadding,
    countIncludePad,
  } = geometry
  const rank = window.length as Rank
  const common = { strides, dilations, padding, dataFormat }
  const isFirst = dataFormat === 'channelsFirst'
  const spatial = Array.from({ length: rank }, (_, i) => i)
  const from: Tensor = isFirst ? loom.transpose(x!, [0, rank + 1, ...spatial.map((i) => i + 1)]) : x!
  const build = { conv: CONV, transposed: TRANSPOSED, max: MAX, average: AVERAGE }[kind][rank - 1]!
  const pooling: object = {
    ...common,
    size: window,
    ...(kind === 'average' && countIncludePad ? { countIncludePad } : {}),
  }
  const options: ConvTransposeOptions = { ...common, groups, ...(outputPadding ? { outputPadding } : {}) } as never
  const y: Tensor = w ? build(from, w, options) : (build as (x: Tensor, o: object) => Tensor)(from, pooling)
  return isFirst ? loom.transpose(y, [0, ...spatial.map((i) => i + 2), 1]) : y
}

const cross = <A, B>(as: readonly A[], bs: readonly B[]): [A, B][] => as.flatMap((a) => bs.map((b): [A, B] => [a, b]))
/** Every `step`th of a list, so that all values of each list that was crossed still occur together. */
const thinned = <T>(list: readonly T[], step: number): T[] => list.filter((_, i) => i % step === 0)
const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!

const lines: Geometry[] = cross(cross([1, 2, 3, 4, 5], [1, 2, 3]), cross([1, 2, 3], ['valid', 'same', 'causal', [[2, 1]]] as Padding[])) // prettier-ignore
  .map(([[k, strides], [dilations, padding]], i) => ({ kind: 'conv', window: [k], room: [3 + (i % 4)], strides, dilations, padding })) // prettier-ignore
const WINDOWS = [[1, 1], [2, 3], [3, 3], [4, 2], [5, 1], [1, 4]] // prettier-ignore
/** Groups with channels in and out of each; three groups of one channel are depthwise. */
const GROUPS = [[1, 2, 3], [2, 2, 3], [3, 2, 1], [3, 1, 1], [3, 1, 2]] as const // prettier-ignore
const planes: Geometry[] = cross(
  cross(WINDOWS, [1, 2, [3, 1], [2, 3]] as PerDim[]),
  cross([1, 2, [1, 3]] as PerDim[], ['valid', 'same', [[1, 0], [0, 2]]] as Padding[]), // prettier-ignore
).map(([[window, strides], [dilations, padding]], i) => {
  const [groups, inputs, outputs] = at(GROUPS, i)
  return {
    kind: 'conv',
    window,
    room: [3, 2 + (i % 3)],
    strides,
    dilations,
    padding,
    groups,
    channels: [inputs, outputs],
  }
})
const spaces: Geometry[] = cross([[2, 2, 2], [1, 3, 2], [3, 1, 1]], cross([1, 2] as PerDim[], ['valid', 'same', 1] as Padding[])).map(([window, [strides, padding]], i) => ({ kind: 'conv', window, room: [2, 1, 2], strides, padding, dilations: i % 3 === 0 ? [1, 2, 1] : 1, groups: i % 2 ? 2 : 1, channels: [1, 2] })) // prettier-ignore

const transposedLines: Geometry[] =
  cross(cross([1, 2, 3, 4, 5], [1, 2, 3]), cross([1, 2, 3], ['valid', 'same', 0] as Padding[])) // prettier-ignore
    .map(([[k, strides], [dilations, padding]], i) => {
      const most = Math.max(strides, dilations) - 1
      const extra = at([undefined, 0, most], Math.floor(i / 2))
      return { kind: 'transposed', window: [k], room: [2 + (i % 3)], strides, dilations, padding, ...(extra === undefined ? {} : { outputPadding: extra }) } // prettier-ignore
    })
const transposedPlanes: Geometry[] = cross(cross(WINDOWS, [1, 2, [3, 2]] as PerDim[]), [
  'valid',
  'same',
  [[0, 1], 0],
] as Padding[]).map(([[window, strides], padding], i) => {
  // prettier-ignore
  const [groups, inputs, outputs] = at(GROUPS, i)
  return { kind: 'transposed', window, room: [2, 3], strides, padding, groups, channels: [inputs, outputs], dilations: i % 4 === 0 ? 2 : 1, ...(i % 3 === 0 && strides !== 1 ? { outputPadding: 1 } : {}) } // prettier-ignore
})
const transposedSpaces: Geometry[] = [1, 2].map((strides) => ({ kind: 'transposed', window: [2, 3, 1], room: [1, 2, 1], strides, padding: 'same', channels: [1, 2] })) // prettier-ignore

const pools: Geometry[] = cross(
  cross([[2], [3], [5], [2, 2], [3, 2], [1, 3], [4, 5], [2, 2, 2]], [1, 2, 3]),
  cross([1, 2], ['valid', 'same', 1] as Padding[]),
).flatMap(([[window, strides], [dilations, padding]], i) => {
  // A window must hold more than padding.
  const fits = padding !== 1 || window.every((k) => k > 1)
  const kind = i % 2 ? 'max' : 'average'
  const pool: Geometry = { kind, window, room: window.map((_, d) => 2 + ((i + d) % 3)), strides, dilations, padding }
  return fits ? [i % 6 === 0 ? { ...pool, countIncludePad: true } : pool] : []
})

const number = (least: number, most: number): fc.Arbitrary<number> => fc.integer({ min: least, max: most })
const perDim = (rank: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(number(1, most), { minLength: rank, maxLength: rank })
const anyGeometry: fc.Arbitrary<Geometry> = number(1, 2).chain((rank) =>
  fc.record({
    kind: fc.constantFrom('conv', 'transposed', 'max', 'average'),
    window: perDim(rank, 5),
    room: perDim(rank, 4),
    strides: perDim(rank, 3),
    dilations: perDim(rank, 3),
    padding: fc.constantFrom<Padding>('valid', 'same'),
    groups: number(1, 3),
    channels: fc.tuple(number(1, 3), number(1, 3)),
  }),
)

/** All of these, and random ones of a fixed seed. */
export const GEOMETRIES: readonly Geometry[] = [
  ...thinned(lines, 5),
  ...thinned(planes, 5),
  ...spaces,
  ...thinned(transposedLines, 4),
  ...thinned(transposedPlanes, 2),
  ...transposedSpaces,
  ...thinned(pools, 4),
  ...fc.sample(anyGeometry, { seed: 11, numRuns: 40 }),
]
