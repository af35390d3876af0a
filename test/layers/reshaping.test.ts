import * as layers from '../../src/layers/index'
import type { AnyLayer } from '../../src/layers/layer'
import { at, tabulate, total, type Values } from '../ops/values'
import { describeCases, type LayerCase } from './cases'
import { firstOf, lastOf, permuted } from './windows-meaning'

const SHAPE = [2, 3, 4]
const isOn = (mask: Values, [n, t]: readonly number[]): boolean => at(mask, [n!, t!]) !== 0

const repeated = (x: Values, axes: readonly number[], factors: readonly number[]): Values =>
  tabulate(
    x.shape.map((d, i) => d * (axes.includes(i) ? factors[axes.indexOf(i)]! : 1)),
    'float64',
    (p) => // prettier-ignore
    at(x, p.map((v, i) => (axes.includes(i) ? Math.floor(v / factors[axes.indexOf(i)]!) : v))), // prettier-ignore
  )
const sinc = (t: number): number => (t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t))
const lanczos = (a: number) => (t: number) => (t < a ? sinc(t) * sinc(t / a) : 0) // prettier-ignore
/** Weights by the distance from an element. */
const KERNELS = {
  bilinear: (t: number) => Math.max(1 - t, 0),
  bicubic: (t: number) => (t < 1 ? 1 - 2.5 * t ** 2 + 1.5 * t ** 3 : t < 2 ? -0.5 * (t - 1) * (t - 2) ** 2 : 0),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
}
/** Elements weighed at half pixels, those that there are. */
const sampled = (x: Values, axis: number, factor: number, kernel: (t: number) => number): Values =>
  tabulate(x.shape.with(axis, x.shape[axis]! * factor), 'float64', (p) => {
    const place = (p[axis]! + 0.5) / factor - 0.5
    const weights = Array.from({ length: x.shape[axis]! }, (_, k) => kernel(Math.abs(place - k)))
    return total(weights.map((w, k) => w * at(x, p.with(axis, k)))) / total(weights)
  })
/** Every element of a bordered or a cut tensor; negative borders cut. */
const bordered = (x: Values, pairs: readonly (readonly number[])[]): Values =>
  tabulate(
    x.shape.map((d, i) => d + (pairs[i - 1]?.[0] ?? 0) + (pairs[i - 1]?.[1] ?? 0)),
    'float64',
    (p) => {
      // prettier-ignore
      const point = p.map((v, i) => v - (pairs[i - 1]?.[0] ?? 0))
      return point.every((v, i) => v >= 0 && v < x.shape[i]!) ? at(x, point) : 0
    },
  )

type Options = Readonly<Record<string, unknown>>
const factory = (name: string) => (layers as unknown as Record<string, (options: Options) => AnyLayer>)[name]!
const IMAGES = [[], [2, 5, 3], [2, 4, 5, 3], [2, 4, 3, 4, 2]]
/** A layer over the axes between batch and channels, in all formats that it has. */
const spatial = (name: string, options: Options, reference: (x: Values) => Values): [string, LayerCase][] => {
  const rank = Number(/(\d)d/.exec(name)![1])
  const shape = IMAGES[rank]!
  const formats = 'dataFormat' in (factory(name) as unknown as { rule: { options: object } }).rule.options
  return (formats ? ['channelsLast', 'channels_first'] : [undefined]).map((dataFormat) => [
    `${name} ${JSON.stringify({ ...options, dataFormat })}`,
    {
      make: () => factory(name)({ ...options, ...(dataFormat ? { dataFormat } : {}) }),
      shapes: [dataFormat === 'channels_first' ? [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)] : shape],
      reference: ([x]) => (dataFormat === 'channels_first' ? firstOf(reference(lastOf(x!))) : reference(x!)),
    },
  ])
}

describeCases('reshaping', {
  reshape: {
    make: () => layers.reshape({ targetShape: [6, 2] }),
    shapes: [SHAPE],
    reference: ([x]) => ({ ...x!, shape: [2, 6, 2] }),
  },
  'reshape with an extent that follows': {
    make: () => layers.reshape({ targetShape: [2, -1, 3] }),
    shapes: [SHAPE],
    reference: ([x]) => ({ ...x!, shape: [2, 2, 2, 3] }),
  },
  flatten: { make: () => layers.flatten(), shapes: [SHAPE], reference: ([x]) => ({ ...x!, shape: [2, 12] }) },
  'flatten of nothing but a batch': {
    make: () => layers.flatten(),
    shapes: [[3]],
    reference: ([x]) => ({ ...x!, shape: [3, 1] }),
  },
  'flatten, channels first': {
    make: () => layers.flatten({ dataFormat: 'channelsFirst' }),
    shapes: [[2, 3, 4, 2]],
    reference: ([x]) => ({ ...lastOf(x!), shape: [2, 24] }),
  },
  permute: {
    make: () => layers.permute({ dims: [3, 1, 2] }),
    shapes: [[2, 2, 3, 4]],
    reference: ([x]) => permuted(x!, [0, 3, 1, 2]),
  },
  repeatVector: {
    make: () => layers.repeatVector({ n: 3 }),
    shapes: [[2, 4]],
    reference: ([x]) => tabulate([2, 3, 4], 'float64', ([n, , k]) => at(x!, [n!, k!])),
  },
  ...Object.fromEntries([
    ...spatial('cropping1d', {}, (x) => bordered(x, [[-1, -1]])),
    ...spatial('cropping1d', { cropping: [2, 0] }, (x) => bordered(x, [[-2, 0]])),
    ...spatial('cropping2d', { cropping: [1, [0, 2]] }, (x) => bordered(x, [[-1, -1], [0, -2]])), // prettier-ignore
    ...spatial('cropping2d', {}, (x) => x),
    ...spatial('cropping3d', { cropping: [[1, 0], [0, 1], [2, 1]] }, (x) => bordered(x, [[-1, 0], [0, -1], [-2, -1]])), // prettier-ignore
    ...spatial('zeroPadding1d', { padding: [1, 2] }, (x) => bordered(x, [[1, 2]])),
    ...spatial('zeroPadding2d', {}, (x) => bordered(x, [[1, 1], [1, 1]])), // prettier-ignore
    ...spatial('zeroPadding2d', { padding: [[1, 2], 0] }, (x) => bordered(x, [[1, 2], [0, 0]])), // prettier-ignore
    ...spatial('zeroPadding3d', { padding: 2 }, (x) => bordered(x, [[2, 2], [2, 2], [2, 2]])), // prettier-ignore
    ...spatial('upSampling1d', { size: 3 }, (x) => repeated(x, [1], [3])),
    ...spatial('upSampling2d', { size: [2, 3] }, (x) => repeated(x, [1, 2], [2, 3])),
    ...Object.entries(KERNELS).flatMap(([interpolation, kernel]) =>
      spatial('upSampling2d', { size: [2, 3], interpolation }, (x) => sampled(sampled(x, 1, 2, kernel), 2, 3, kernel)),
    ),
    ...spatial('upSampling3d', {}, (x) => repeated(x, [1, 2, 3], [2, 2, 2])),
  ]),
  ...Object.fromEntries(
    [false, true].flatMap((keepdims) =>
      (['channelsLast', 'channelsFirst'] as const).map((dataFormat): [string, LayerCase] => [
        `globalAveragePooling1d under a mask, ${dataFormat}, keepdims ${keepdims}`,
        {
          make: () => layers.globalAveragePooling1d({ dataFormat, keepdims }),
          shapes: [dataFormat === 'channelsLast' ? [2, 5, 3] : [2, 3, 5]],
          masks: [[2, 5]],
          reference: ([x], _, [m]) => {
            const last = dataFormat === 'channelsLast' ? x! : lastOf(x!)
            const y = tabulate([2, 1, 3], 'float64', ([n, , c]) => {
              const steps = [0, 1, 2, 3, 4].filter((t) => isOn(m!, [n!, t]))
              return total(steps.map((t) => at(last, [n!, t, c!]))) / steps.length
            })
            return keepdims ? (dataFormat === 'channelsLast' ? y : firstOf(y)) : { ...y, shape: [2, 3] }
          },
        },
      ]),
    ),
  ),
})
