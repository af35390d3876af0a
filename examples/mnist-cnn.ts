/**
 * Trains a small convolutional network to read handwritten digits: two convolutions with pooling, dropout, one dense layer.
 *
 *   npx tsx examples/mnist-cnn.ts                  one training, with seed 1
 *   npx tsx examples/mnist-cnn.ts --seeds 1,2,3    one after the other, each from other first weights
 *   npx tsx examples/mnist-cnn.ts --short          a few steps, to see that everything works
 */
import { mkdirSync, writeFileSync } from 'node:fs'
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
import { source } from 'gradloom/inspect'
import { readOptions, runAsProgram, UsageError } from './lib/command'
import { type Digits, emptyDigits, loadDigits, take } from './lib/digits'
import { progressBar } from './lib/progress'
import { shiftImages } from './lib/shift'
import { generator, shuffled } from './lib/shuffle'

const BATCH = 32
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

const TARGET = 'WebAssembly' in globalThis ? 'wasm' : 'js'

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
type Net = ReturnType<typeof program>

export interface Options {
  readonly seeds: readonly number[]
  readonly epochs: number
  /** Batches an epoch, at most. */
  readonly batches: number
  /** The folder for the generated code and the result. */
  readonly out: string
  readonly print: (line: string) => void
}

/** What is written to result.json. */
export interface Result {
  /** Share of the held-out digits that are read correctly, the mean over the seeds. */
  readonly accuracy: number
  readonly heldOut: number
  readonly seeds: readonly number[]
  /** The longest training, compiling and evaluating included. */
  readonly trainSeconds: number
  readonly stepsPerSecond: number
  readonly target: 'js' | 'wasm'
}

/** Trains once for each seed, then writes what came out. */
export function run({ seeds, epochs, batches, out, print }: Options): Result {
  const { train: digits, heldOut } = loadDigits()
  print(`${digits.labels.length} digits to train, ${heldOut.labels.length} held out`)
  const trainings = seeds.map((seed) => {
    print(`\nseed ${seed}`)
    const training = train(digits, heldOut, { seed, epochs, batches, print })
    print(`accuracy ${training.accuracy.toFixed(4)} after ${training.seconds.toFixed(1)} s`)
    return training
  })
  const average = (values: readonly number[]) => values.reduce((p, q) => p + q) / values.length
  const result: Result = {
    accuracy: average(trainings.map((t) => t.accuracy)),
    heldOut: heldOut.labels.length,
    seeds,
    trainSeconds: Math.max(...trainings.map((t) => t.seconds)),
    stepsPerSecond: average(trainings.map((t) => t.stepsPerSecond)),
    target: TARGET,
  }
  print(`\nmean accuracy ${result.accuracy.toFixed(4)}, longest training ${result.trainSeconds.toFixed(1)} s`)
  writeResults(trainings.at(-1)!.net, result, out)
  print(`written to ${out}: train.plain.js, train.fast.js, result.json`)
  return result
}

type Training = Omit<Options, 'seeds' | 'out'> & { readonly seed: number }

/** Trains one network and tests it on the held-out digits after each epoch. */
function train(digits: Digits, heldOut: Digits, { seed, epochs, batches, print }: Training) {
  const started = performance.now()
  const net = program(seed)
  const random = generator(seed)
  const steps = Math.min(batches, Math.floor(digits.labels.length / BATCH))
  const batch = emptyDigits(BATCH)
  let stepMilliseconds = 0
  let accuracy = 0
  for (let epoch = 0; epoch < epochs; epoch++) {
    // Large steps first, small ones at the end. The rate is state: setting it compiles nothing anew.
    net.state.set('learningRate', LEARNING_RATE * (1 - epoch / epochs))
    const order = shuffled(digits.labels.length, random)
    const bar = progressBar(steps)
    const epochStarted = performance.now()
    let total = 0
    for (let step = 0; step < steps; step++) {
      const { images, labels } = take(digits, order.subarray(step * BATCH, (step + 1) * BATCH), batch)
      shiftImages(batch, SHIFT, random)
      total += net.train({ x: images, y: labels }).loss
      bar.show(step + 1, `epoch ${epoch + 1}/${epochs}  loss ${(total / (step + 1)).toFixed(4)}`)
    }
    bar.clear()
    const milliseconds = performance.now() - epochStarted
    stepMilliseconds += milliseconds
    accuracy = net.evaluate({ x: heldOut.images, y: heldOut.labels }).correct / heldOut.labels.length
    const speed = Math.round((1000 * steps) / milliseconds)
    const loss = (total / steps).toFixed(4)
    print(`epoch ${epoch + 1}/${epochs}  loss ${loss}  accuracy ${accuracy.toFixed(4)}  ${speed} steps/s`)
  }
  net.dispose()
  const seconds = (performance.now() - started) / 1000
  return { net, accuracy, seconds, stepsPerSecond: (1000 * epochs * steps) / stepMilliseconds }
}

/** The training step as a person would write it and as it runs, and the numbers of this run. */
function writeResults(net: Net, result: Result, out: string): void {
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'train.plain.js'), source(net.train, { schedule: 'plain' }))
  writeFileSync(join(out, 'train.fast.js'), source(net.train, { schedule: 'fast' }))
  writeFileSync(join(out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Pick<Options, 'seeds' | 'epochs' | 'batches'> {
  const { seeds, short } = readOptions(args, {
    seeds: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  })
  const numbers = seeds.split(',').map(Number)
  if (!/^\d+(,\d+)*$/.test(seeds) || !numbers.every(Number.isSafeInteger))
    throw new UsageError(`--seeds takes whole numbers with commas between, such as 1,2,3; it is "${seeds}"`)
  return { seeds: numbers, epochs: short ? 1 : 12, batches: short ? 100 : Infinity }
}

runAsProgram(import.meta.url, (args) => {
  run({ ...parse(args), out: join('out', 'mnist-cnn'), print: console.log })
})
