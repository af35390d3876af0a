/**
 * Trains a small convolutional network to read handwritten digits: two convolutions with pooling, dropout, one dense layer.
 *
 *   npx tsx examples/mnist-cnn.ts                  one training, with seed 1
 *   npx tsx examples/mnist-cnn.ts --seeds 1,2,3    one after the other, each from other first weights
 *   npx tsx examples/mnist-cnn.ts --short          a few steps, to see that everything works
 */
import { join } from 'node:path'
import {
  adam,
  add,
  argMax,
  compile,
  conv2d,
  dropout,
  entry,
  equal,
  glorotUniform,
  heUniform,
  matmul,
  maxPool2d,
  mean,
  named,
  relu,
  reshape,
  scope,
  sparseSoftmaxCrossEntropy,
  sum,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { runAsProgram } from './lib/command'
import { shiftImages } from './lib/shift'
import { type Options, parseSeeds, type Result, TARGET, trainDigits, writeResults } from './lib/training'

const LEARNING_RATE = 0.002
/** Pixels by which training images are moved about. */
const SHIFT = 2

// Kernels are [rows, columns, channels in, channels out].
const K1 = variable('K1', [3, 3, 1, 16], heUniform())
const b1 = variable('b1', [16], zeros())
const K2 = variable('K2', [3, 3, 16, 32], heUniform())
const b2 = variable('b2', [32], zeros())
const W = variable('W', [7 * 7 * 32, 10], glorotUniform())
const b = variable('b', [10], zeros())
const WEIGHTS = [K1, b1, K2, b2, W, b] as const

type Images = Tensor<[number, 28, 28, 1]>

/** 28 by 28 pixels in, a score for each of the ten digits out; `regularize` is what training does to the features. */
function logits(x: Images, regularize: (features: Tensor) => Tensor = (features) => features): Tensor<[number, 10]> {
  const half = scope('conv1', () => maxPool2d(relu(named('z', add(conv2d(x, K1, { padding: 'same' }), b1)))))
  const quarter = scope('conv2', () => maxPool2d(relu(named('z', add(conv2d(half, K2, { padding: 'same' }), b2)))))
  const features = regularize(reshape(quarter, [x.shape[0], 7 * 7 * 32]))
  return named('logits', add(matmul(features, W), b)) as Tensor<[number, 10]>
}

/** Training and testing are two entries over the same weights: only one of them drops features. */
export const program = (seed: number) =>
  compile(
    {
      train: entry({ x: tensor(['B', 28, 28, 1]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
        const loss = mean(
          sparseSoftmaxCrossEntropy(
            logits(x, (features) => dropout(features, 0.4)),
            y,
          ),
        )
        return { outputs: { loss }, updates: adam(loss, WEIGHTS, { learningRate: LEARNING_RATE }) }
      }),
      evaluate: entry({ x: tensor(['B', 28, 28, 1]), y: tensor(['B'], 'int32') }, ({ x, y }) => ({
        outputs: { correct: sum(equal(argMax(logits(x)), y)) },
      })),
    },
    { seed, target: TARGET },
  )
/** Trains once for each seed, then writes what came out. */
export function run(options: Options): Result {
  const { out, print } = options
  const { result, net } = trainDigits(
    { program, learningRate: LEARNING_RATE, prepare: (batch, random) => shiftImages(batch, SHIFT, random) },
    options,
  )
  print(`\nmean accuracy ${result.accuracy.toFixed(4)}, longest training ${result.trainSeconds.toFixed(1)} s`)
  writeResults(net.train, result, out)
  net.dispose()
  print(`written to ${out}: train.plain.js, train.fast.js, result.json`)
  return result
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Pick<Options, 'seeds' | 'epochs' | 'batches'> {
  const { seeds, isShort } = parseSeeds(args)
  return { seeds, epochs: isShort ? 1 : 12, batches: isShort ? 100 : Infinity }
}

runAsProgram(import.meta.url, (args) => {
  run({ ...parse(args), out: join('out', 'mnist-cnn'), print: console.log })
})
