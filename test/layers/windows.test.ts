import * as layers from '../../src/layers/index'
import type { AnyLayer } from '../../src/layers/layer'
import { largest, total, type Values } from '../ops/values'
import { describeCases, type LayerCase } from './cases'
import {
  adaptive,
  biased,
  convolved,
  depthwise,
  firstOf,
  lastOf,
  mapped,
  type Moves,
  pooled,
  transposed,
} from './windows-meaning'

type Options = Readonly<Record<string, unknown>>
const factory = (name: string) => (layers as unknown as Record<string, (options: Options) => AnyLayer>)[name]!
const SIZES = [[], [7], [6, 5], [4, 5, 3]]
const mean = (values: readonly number[]): number => total(values) / values.length

/** A case of a layer over `rank` spatial axes in either format, from its meaning with channels last. */
function windowed(
  name: string,
  rank: number,
  options: Options,
  reference: (x: Values, weights: readonly Values[], moves: Moves) => Values,
  channels = 2,
): readonly [string, LayerCase] {
  const each = (key: string): number[] => Array.from({ length: rank }, () => [options[key] ?? 1].flat()[0] as number)
  const list = (key: string): readonly number[] =>
    Array.isArray(options[key]) ? (options[key] as number[]) : each(key)
  const moves: Moves = {
    strides: list('strides'),
    dilations: list('dilationRate'),
    padding: (options.padding ?? 'valid') as Moves['padding'],
  }
  const isFirst = options.dataFormat === 'channelsFirst'
  const size = SIZES[rank]!
  return [
    `${name} ${JSON.stringify(options)}`,
    {
      make: () => factory(name)(options),
      shapes: [isFirst ? [2, channels, ...size] : [2, ...size, channels]],
      reference([x], weights) {
        const y = reference(isFirst ? lastOf(x!) : x!, weights, moves)
        return isFirst && y.shape.length > 2 ? firstOf(y) : y
      },
    },
  ]
}

const BOTH: readonly Options[] = [{}, { dataFormat: 'channelsFirst' }]
const rank = (name: string): number => Number(/(\d)d/.exec(name)![1])

const convolutions = ['conv1d', 'conv2d', 'conv3d'].flatMap((name) =>
  [
    { kernelSize: 2 },
    { kernelSize: 3, padding: 'same', strides: 2 },
    { kernelSize: 2, dilationRate: 2, padding: 'same', useBias: false },
    { kernelSize: 2, groups: 2, activation: 'tanh' },
    // Keras refuses these two together, PyTorch has them.
    { kernelSize: 2, strides: 2, dilationRate: 2 },
    ...(name === 'conv1d' ? [{ kernelSize: 3, strides: 2, padding: 'causal' }] : []),
    ...(name === 'conv2d' ? [{ kernelSize: [3, 1], strides: [1, 2], dilationRate: [2, 1], padding: 'same' }] : []),
  ].flatMap((options: Options) =>
    BOTH.map((format) => {
      const all = { filters: 4, ...options, ...format }
      return windowed(name, rank(name), all, (x, [w, b], moves) => {
        const y = convolved(x, w!, moves, (options.groups as number | undefined) ?? 1)
        return mapped(b ? biased(y, b) : y, options.activation ? Math.tanh : (v) => v)
      })
    }),
  ),
)

const transposes = ['conv1dTranspose', 'conv2dTranspose', 'conv3dTranspose'].flatMap((name) =>
  [
    { kernelSize: 2 },
    { kernelSize: 3, strides: 2 },
    { kernelSize: 1, strides: 2, padding: 'same' },
    { kernelSize: 3, strides: 2, padding: 'same', useBias: false },
    { kernelSize: 3, strides: 2, outputPadding: 0 },
    { kernelSize: 2, strides: 3, padding: 'same', outputPadding: 1 },
    { kernelSize: 3, strides: 2, padding: 'same', outputPadding: 1 },
    { kernelSize: 2, dilationRate: 2, padding: 'same' },
  ]
    .filter(({ strides = 1 }: { readonly strides?: number }) => name !== 'conv3dTranspose' || strides < 3)
    .flatMap((options: Options) =>
      BOTH.map((format) =>
        windowed(name, rank(name), { filters: 3, ...options, ...format }, (x, [w, b], moves) => {
          const extra = options.outputPadding as number | undefined
          const y = transposed(x, w!, moves, extra === undefined ? undefined : moves.strides.map(() => extra))
          return b ? biased(y, b) : y
        }),
      ),
    ),
)

const parted = ['depthwiseConv1d', 'depthwiseConv2d', 'separableConv1d', 'separableConv2d'].flatMap((name) =>
  [
    { kernelSize: 3 },
    { kernelSize: 2, depthMultiplier: 2, padding: 'same', strides: 2 },
    { kernelSize: 2, dilationRate: 2, useBias: false },
  ].flatMap((options: Options) =>
    BOTH.map((format) => {
      const isSeparable = name.startsWith('separable')
      const all = { ...(isSeparable ? { filters: 3 } : {}), ...options, ...format }
      return windowed(name, rank(name), all, (x, weights, moves) => {
        const own = depthwise(x, weights[0]!, moves)
        const still = { ...moves, strides: moves.strides.map(() => 1), padding: 'valid' as const }
        const y = isSeparable ? convolved(own, weights[1]!, still) : own
        const bias = weights[isSeparable ? 2 : 1]
        return bias ? biased(y, bias) : y
      })
    }),
  ),
)

const KINDS = [
  ['max', largest],
  ['average', mean],
] as const
const pools = KINDS.flatMap(([kind, of]) =>
  [1, 2, 3].flatMap((n) => [
    ...[
      {},
      { poolSize: 3, strides: 2, padding: 'same' },
      { poolSize: 3, strides: 1 },
      { poolSize: 2, padding: 'same' },
    ].flatMap((options: Options) =>
      BOTH.map((format) =>
        windowed(`${kind}Pooling${n}d`, n, { ...options, ...format }, (x, _, moves) => {
          const size = Array.from({ length: n }, () => (options.poolSize as number | undefined) ?? 2)
          return pooled(x, size, { ...moves, strides: options.strides ? moves.strides : size }, of)
        }),
      ),
    ),
    ...[3, 1].flatMap((size) =>
      BOTH.map((format) =>
        windowed(
          `adaptive${kind === 'max' ? 'Max' : 'Average'}Pooling${n}d`,
          n,
          { outputSize: size, ...format },
          (x) =>
          adaptive(x, Array.from({ length: n }, () => size), of), // prettier-ignore
        ),
      ),
    ),
    ...[false, true].flatMap((keepdims) =>
      BOTH.map((format) =>
        windowed(`global${kind === 'max' ? 'Max' : 'Average'}Pooling${n}d`, n, { keepdims, ...format }, (x) => {
          const y = adaptive(x, Array.from({ length: n }, () => 1), of) // prettier-ignore
          return keepdims ? y : { ...y, shape: [y.shape[0]!, y.shape.at(-1)!] }
        }),
      ),
    ),
  ]),
)

describeCases('convolution', Object.fromEntries([...convolutions, ...parted]))
describeCases('transposed convolution', Object.fromEntries(transposes))
describeCases('pooling', Object.fromEntries(pools))
