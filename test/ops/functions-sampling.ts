import * as loom from 'gradloom'
import type { AffineTransformOptions, FillMode, Tensor } from 'gradloom'
import { type FunctionRow, meaning } from './function-case'
import { one, operand } from './operands'
import { at, tabulate, type Values } from './values'

/** A place beyond an axis as one on it, a step at a time; undefined for what is filled. */
function onAxis(i: number, extent: number, mode: FillMode): number | undefined {
  if (i >= 0 && i < extent) return i
  if (mode === 'constant') return undefined
  if (mode === 'nearest') return i < 0 ? 0 : extent - 1
  if (mode === 'wrap') return onAxis(i < 0 ? i + extent : i - extent, extent, mode)
  return onAxis(i < 0 ? -1 - i : 2 * extent - 1 - i, extent, mode)
}

/** Images read at other places, from the definition. */
function read(x: Values, transforms: readonly (readonly number[])[], options: AffineTransformOptions): Values {
  const { interpolation = 'bilinear', fillMode = 'constant', fillValue = 0, dataFormat } = options
  const isFirst = dataFormat === 'channelsFirst'
  const rank = x.shape.length
  const [rows, columns, channels] = (isFirst ? [-2, -1, -3] : [-3, -2, -1]).map((a) => rank + a) as [number, number, number] // prettier-ignore
  return tabulate(x.shape, x.dtype, (p) => {
    const t = transforms[rank === 4 && transforms.length > 1 ? p[0]! : 0]!
    const [px, py] = [p[columns]!, p[rows]!]
    const k = t[6]! * px + t[7]! * py + 1
    const [u, v] = [(t[0]! * px + t[1]! * py + t[2]!) / k, (t[3]! * px + t[4]! * py + t[5]!) / k]
    const element = (i: number, j: number): number => {
      const [r, c] = [onAxis(i, x.shape[rows]!, fillMode), onAxis(j, x.shape[columns]!, fillMode)]
      if (r === undefined || c === undefined) return fillValue
      return at(x, p.with(rows, r).with(columns, c).with(channels, p[channels]!))
    }
    if (interpolation === 'nearest') return element(awayFromZero(v), awayFromZero(u))
    const [i, j] = [Math.floor(v), Math.floor(u)]
    return [0, 1].reduce((sum, a) => sum + [0, 1].reduce((part, b) => part + (1 - Math.abs(v - i - a)) * (1 - Math.abs(u - j - b)) * element(i + a, j + b), 0), 0) // prettier-ignore
  })
}
const awayFromZero = (v: number): number => Math.sign(v) * Math.floor(Math.abs(v) + 0.5)

// Exact in float32, so that both floats read at the same places.
// Shifts by whole and by parts of pixels far beyond the edges, a turn, a zoom, a perspective.
const TRANSFORMS = [
  [1, 0, -2, 0, 1, 1, 0, 0],
  [1, 0, 9.3125, 0, 1, -12.625, 0, 0],
  [0.8125, -0.5625, 0.6875, 0.5625, 0.8125, -0.4375, 0, 0],
  [1.6875, 0, -1.1875, 0, 0.375, 0.9375, 0, 0],
  [1.125, 0.1875, -0.3125, -0.125, 0.9375, 0.375, 0.03125, 0.0625],
] as const
const MODES: readonly FillMode[] = ['constant', 'nearest', 'reflect', 'wrap']

const fixed = (shape: readonly number[], rows: readonly (readonly number[])[], options: AffineTransformOptions) =>
  meaning([one([...shape], (x) => loom.affineTransform(x, loom.constant(rows as never), options))], (x) =>
    read(x, rows, options),
  )

/** A transform near the one that changes nothing, from numbers around 0. */
const BASE = [1, 0, 0.375, 0, 1, -0.4375, 0, 0]
const near = (t: Tensor): Tensor => loom.add(loom.constant(BASE, { dtype: t.dtype }), loom.mul(t, 0.05))
const nearRows = (t: Values): number[][] =>
  Array.from({ length: t.data.length / 8 }, (_, b) => BASE.map((v, i) => v + 0.05 * t.data[8 * b + i]!))

/** Three channels of each pixel through a function. */
function colours(x: Values, axis: number, f: (a: number, b: number, c: number) => readonly number[]): Values {
  return tabulate(x.shape, x.dtype, (p) => {
    const [a, b, c] = [0, 1, 2].map((k) => at(x, p.with(axis, k))) as [number, number, number]
    return f(a, b, c)[p[axis]!]!
  })
}
/** Around the circle red is at 0, green at 1/3, blue at 2/3. */
function hsv(r: number, g: number, b: number): number[] {
  const [low, , high] = [r, g, b].sort((p, q) => p - q) as [number, number, number]
  const sixth =
    high === r ? (g - b) / (high - low) : high === g ? 2 + (b - r) / (high - low) : 4 + (r - g) / (high - low)
  return [high === low ? 0 : (((sixth / 6) % 1) + 1) % 1, high === 0 ? 0 : (high - low) / high, high]
}
/** Source: Smith 1978, by sectors. */
function rgb(h: number, s: number, v: number): number[] {
  const sixth = (h - Math.floor(h)) * 6
  const f = sixth - Math.floor(sixth)
  const [p, q, t] = [v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))]
  return [[v, t, p], [q, v, p], [p, v, t], [p, q, v], [t, p, v], [v, p, q]][Math.floor(sixth)]! // prettier-ignore
}
const SHAPES = [[[2, 3, 4, 3], 3], [[5, 2, 3], 2], [[2, 3, 4, 5], 1]] as const // prettier-ignore
const format = (shape: readonly number[], axis: number) =>
  axis === shape.length - 1 ? ({} as const) : ({ dataFormat: 'channelsFirst' } as const)

/** A hue between two colours, another one for each pixel: at a colour the gradient jumps. */
const SLOPE = 0.125
const offset = (p: readonly number[], axis: number): number =>
  p[axis] === 0 ? 0.03125 + (p.reduce((sum, k) => sum + k, 0) % 6) / 6 : 0
const sector = (x: Tensor, axis: number): Tensor => {
  const shape = [...x.shape]
  const [scale, from] = [
    (p: readonly number[]) => (p[axis] === 0 ? SLOPE : 1),
    (p: readonly number[]) => offset(p, axis),
  ]
  const fixed = (f: (p: readonly number[]) => number): Tensor =>
    loom.constant(tabulate(shape, 'float64', f).data, { shape, dtype: x.dtype })
  return loom.add(loom.mul(x, fixed(scale)), fixed(from))
}

export const SAMPLING_FUNCTIONS = {
  rgbToHsv: {
    cases: [
      ...SHAPES.flatMap(([shape, axis]) =>
        meaning([one([...shape], (x) => loom.rgbToHsv(x, format(shape, axis)), 'unit')], (x) => colours(x, axis, hsv)),
      ),
      // Grey and black have no hue.
      ...meaning([{ inputs: [operand([3, 2, 3], 2, 'int32')], build: (x) => loom.rgbToHsv(x) }], (x) => ({
        ...colours({ ...x, dtype: 'float64' }, 2, hsv),
        dtype: 'float32' as const,
      })),
    ],
  },
  hsvToRgb: {
    cases: SHAPES.flatMap(([shape, axis]) =>
      meaning([one([...shape], (x) => loom.hsvToRgb(sector(x, axis), format(shape, axis)), 'unit')], (x) =>
        colours(
          tabulate(x.shape, x.dtype, (p) => at(x, p) * (p[axis] === 0 ? SLOPE : 1) + offset(p, axis)),
          axis,
          rgb,
        ),
      ),
    ),
  },
  affineTransform: {
    cases: [
      ...MODES.flatMap((fillMode) =>
        (['bilinear', 'nearest'] as const).flatMap((interpolation) =>
          fixed([5, 4, 6, 2], TRANSFORMS, { fillMode, interpolation, fillValue: 0.75 }),
        ),
      ),
      ...fixed([2, 3, 4, 5], [TRANSFORMS[2]], { dataFormat: 'channelsFirst', fillMode: 'reflect' }),
      ...fixed([4, 5, 3], [TRANSFORMS[4]], {}),
      ...fixed([3, 1, 1, 1], [TRANSFORMS[3]], { fillMode: 'reflect' }),
      ...meaning(
        [
          { inputs: [operand([2, 3, 4, 2]), operand([2, 8])], build: (x, t) => loom.affineTransform(x, near(t)) },
          { inputs: [operand([2, 3, 4, 2]), operand([8])], build: (x, t) => loom.affineTransform(x, near(t)) },
        ],
        (x, t) => read(x, nearRows(t), {}),
      ),
    ],
  },
} satisfies Record<string, FunctionRow>
