import { compile, entry, maxPool1d, tensor } from 'gradloom'
import { type AnyModel, input, layers, model, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { numbers } from './zoo'

const data = (...shape: readonly number[]): Float32Array & { shape: readonly number[] } => {
  const values = Float32Array.from(numbers(shape.reduce((a, b) => a * b, 1), shape.length)) // prettier-ignore
  return Object.assign(values, { shape })
}
type Sizes = readonly (readonly number[])[]

const stack = (layer: unknown): AnyModel =>
  sequential([input({ shape: [null, 1] }), layers.dense({ units: 1 }), layer as never])
const translator = (isSwapped: boolean): AnyModel => {
  const from = input({ shape: [null, 2], name: 'enc' })
  const to = input({ shape: [null, 2], name: 'dec' })
  const [, h, c] = layers.lstm({ units: 3, returnState: true })(from) as never as [never, never, never]
  const y = layers.lstm({ units: 3, returnSequences: true })(to, { initialState: [h, c] })
  return model({ inputs: isSwapped ? [to, from] : [from, to], outputs: layers.dense({ units: 1 })(y) })
}
const twice = (layer: (list: never) => unknown): AnyModel => {
  const [a, b] = [input({ shape: [null, 2], name: 'a' }), input({ shape: [null, 2], name: 'b' })]
  return model({ inputs: [a, b], outputs: layers.dense({ units: 1 })(layer([a, b] as never) as never) as never })
}
/** As many halvings as given, and as many doublings joined with what there was before. */
const hourglass = (depth: number): AnyModel => {
  const conv = (x: never): never => layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same' })(x) as never
  const level = (x: never, left: number): never => {
    if (left === 0) return conv(x)
    const across = conv(x)
    const below = level(layers.maxPooling2d()(across) as never, left - 1)
    const up = layers.conv2dTranspose({ filters: 1, kernelSize: 2, strides: 2 })(below) as never
    return conv(layers.concatenate()([up, across] as never) as never)
  }
  const x = input({ shape: [null, null, 1] })
  return model({ inputs: x, outputs: level(x as never, depth) })
}

const ROWS: readonly (readonly [what: string, make: () => AnyModel, x: Sizes, y: readonly number[], other?: Sizes])[] = [
  ['a translator', () => translator(false), [[5, 2], [4, 2]], [4, 1], [[3, 2], [6, 2], [6, 1]]],
  ['a translator of equal lengths', () => translator(false), [[4, 2], [4, 2]], [4, 1]],
  ['a translator with its inputs swapped', () => translator(true), [[4, 2], [5, 2]], [4, 1]],
  ['pooling', () => stack(layers.maxPooling1d()), [[8, 1]], [4, 1], [[12, 1], [6, 1]]],
  ['a valid window', () => stack(layers.conv1d({ filters: 1, kernelSize: 3 })), [[8, 1]], [6, 1]],
  ['strides', () => stack(layers.conv1d({ filters: 1, kernelSize: 3, strides: 2, padding: 'same' })), [[8, 1]], [4, 1]],
  ['up-sampling', () => stack(layers.upSampling1d()), [[8, 1]], [16, 1]],
  ['a transposed convolution', () => stack(layers.conv1dTranspose({ filters: 1, kernelSize: 2, strides: 2 })), [[8, 1]], [16, 1]],
  ['padding', () => stack(layers.zeroPadding1d()), [[8, 1]], [10, 1]],
  ['cropping', () => stack(layers.cropping1d()), [[8, 1]], [6, 1]],
  ['long cropping', () => stack(layers.cropping1d({ cropping: [20, 20] })), [[100, 1]], [60, 1]],
  ['a long window', () => stack(layers.conv1d({ filters: 2, kernelSize: 80, strides: 4 })), [[400, 1]], [81, 2]],
  ['sums of two inputs', () => twice(layers.add()), [[3, 2], [3, 2]], [3, 1], [[5, 2], [5, 2], [5, 1]]],
  ['features of two inputs', () => twice(layers.concatenate()), [[3, 2], [3, 2]], [3, 1]],
  ['lengths of two inputs', () => twice(layers.concatenate({ axis: 1 })), [[3, 2], [4, 2]], [7, 1]],
  ['an hourglass of depth 3', () => hourglass(3), [[16, 16, 1]], [16, 16, 1], [[8, 24, 1], [8, 24, 1]]],
  ['an hourglass of depth 4', () => hourglass(4), [[16, 16, 1]], [16, 16, 1]],
] // prettier-ignore

describe.each(['js', 'wasm'] as const)(
  'a model whose extents data settle predicts, trains and evaluates on %s',
  (target) => {
    it.each(ROWS.map(([what, make, x, y, other]) => [what, { make, x, y, other }] as const))('%s', async (_, { make, x, y, other }) => {
    const net = make()
    net.compile({ optimizer: 'sgd', loss: 'mse', target })
    for (const [inputs, output] of [[x, y], ...(other ? [[other.slice(0, -1), other.at(-1)!] as const] : [])] as const) {
      const given = inputs.map((shape) => data(3, ...shape))
      const feed = given.length === 1 ? given[0]! : given
      const predicted = net.predictOnBatch(feed) as { shape: readonly number[] }
      expect(predicted.shape).toEqual([3, ...output])
      const sizes = [[], [output[0]!]]
      for (const weight of sizes.slice(0, output.length < 2 ? 1 : 2)) {
        const sampleWeight = data(3, ...weight).fill(1)
        const run = await net.fit(feed, data(3, ...output), { batchSize: 2, epochs: 1, verbose: 0, sampleWeight } as never)
        expect(Number.isFinite(run.history['loss']![0]), `weights [${weight.join()}]`).toBe(true)
        const plain = await net.evaluate(feed, data(3, ...output))
        const weighted = await net.evaluate(feed, data(3, ...output), { sampleWeight })
        expect(Math.abs(weighted['loss']! - plain['loss']!)).toBeLessThan(1e-5)
      }
    }
    net.dispose()
  }) // prettier-ignore
  },
)

it('targets of another length than the result are refused with the sizes that were given', async () => {
  const net = stack(layers.maxPooling1d())
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  await expect(net.fit(data(3, 8, 1), data(3, 5, 1))).rejects.toThrow(/\[3, 5, 1\].*\[3, 4, 1\]/)
  net.dispose()
})

it('an entry with a window that is longer than the first extent that is tried', () => {
  const run = compile(entry({ x: tensor([1, 'N', 1]) }, ({ x }) => ({ outputs: { y: maxPool1d(x, { size: 50 }) } })))
  expect(run({ x: data(1, 100, 1) }).y.shape).toEqual([1, 2, 1])
  expect(() => compile(entry({ x: tensor([1, 'N', 1]) }, ({ x }) => ({ outputs: { y: maxPool1d(x, { size: 5000 }) } })))).toThrow('N = 12') // prettier-ignore
})
