/**
 * Trains a small network to read handwritten digits, and writes the code that was generated for it.
 *
 *   npm start                       one training, with seed 1
 *   npm start -- --seeds 1,2,3      one after the other, each from other first weights
 *   npm start -- --short            two epochs, to see that everything works
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  add,
  argMax,
  compile,
  entry,
  equal,
  glorotUniform,
  heUniform,
  matmul,
  mean,
  named,
  relu,
  sgd,
  softmax,
  sparseSoftmaxCrossEntropy,
  sum,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { source } from 'gradloom/inspect'
import { readOptions, runAsProgram, UsageError } from './lib/command'
import { type Digits, emptyDigits, loadDigits, PIXELS, take } from './lib/digits'
import { progressBar } from './lib/progress'
import { generator, shuffled } from './lib/shuffle'

const BATCH = 32
const LEARNING_RATE = 0.1

// The weights: state that all entries of the program share.
const W1 = variable('W1', [PIXELS, 256], heUniform())
const b1 = variable('b1', [256], zeros())
const W2 = variable('W2', [256, 10], glorotUniform())
const b2 = variable('b2', [10], zeros())

/** The model: 784 pixels in, a hidden layer of 256, a score for each of the ten digits out. */
function logits(x: Tensor<[number, typeof PIXELS]>) {
  const z1 = named('z1', add(matmul(x, W1), b1))
  const hidden = named('hidden', relu(z1))
  return named('logits', add(matmul(hidden, W2), b2))
}

const TARGET = 'WebAssembly' in globalThis ? 'wasm' : 'js'

/** Three entries over the same weights. B is the number of images; the program is compiled for each B it meets. */
export const program = (seed: number) =>
  compile(
    {
      train: entry({ x: tensor(['B', PIXELS]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
        const loss = mean(sparseSoftmaxCrossEntropy(logits(x), y))
        const updates = sgd(loss, [W1, b1, W2, b2], { learningRate: LEARNING_RATE, momentum: 0.9 })
        return { outputs: { loss }, updates }
      }),
      evaluate: entry({ x: tensor(['B', PIXELS]), y: tensor(['B'], 'int32') }, ({ x, y }) => ({
        outputs: { correct: sum(equal(argMax(logits(x)), y)) },
      })),
      predict: entry({ x: tensor(['B', PIXELS]) }, ({ x }) => ({
        outputs: { p: softmax(logits(x)) },
      })),
    },
    { seed, target: TARGET },
  )
type Net = ReturnType<typeof program>

export interface Options {
  readonly seeds: readonly number[]
  readonly epochs: number
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
  /** What the program was compiled to. */
  readonly target: 'js' | 'wasm'
}

/** Trains once for each seed, then shows and writes what came out. */
export function run({ seeds, epochs, out, print }: Options): Result {
  const { train: digits, heldOut } = loadDigits()
  print(`${digits.labels.length} digits to train, ${heldOut.labels.length} held out`)
  const trainings = seeds.map((seed) => {
    print(`\nseed ${seed}`)
    const training = train(digits, heldOut, seed, epochs, print)
    print(`accuracy ${training.accuracy.toFixed(4)} after ${training.seconds.toFixed(1)} s`)
    return training
  })
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length
  const result: Result = {
    accuracy: average(trainings.map((t) => t.accuracy)),
    heldOut: heldOut.labels.length,
    seeds,
    trainSeconds: Math.max(...trainings.map((t) => t.seconds)),
    stepsPerSecond: average(trainings.map((t) => t.stepsPerSecond)),
    target: TARGET,
  }
  const { net } = trainings.at(-1)!
  showPrediction(net, heldOut, print)
  writeResults(net, result, out)
  print(`\nwritten to ${out}: train.plain.js, train.fast.js, result.json`)
  print(
    `\nThe kernel that computes the gradient of W1, and with it the next W1:\n\n${source(net.train, { of: 'd_W1' })}`,
  )
  return result
}

/** Trains one network and tests it on the held-out digits after each epoch. */
function train(digits: Digits, heldOut: Digits, seed: number, epochs: number, print: Options['print']) {
  const started = performance.now()
  const net = program(seed)
  const random = generator(seed)
  const steps = Math.floor(digits.labels.length / BATCH)
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
  const seconds = (performance.now() - started) / 1000
  return { net, accuracy, seconds, stepsPerSecond: (1000 * epochs * steps) / stepMilliseconds }
}

/** Reads one held-out digit. */
function showPrediction(net: Net, heldOut: Digits, print: Options['print']): void {
  const { p } = net.predict({ x: heldOut.images.subarray(0, PIXELS) })
  const read = p.indexOf(Math.max(...p))
  print(
    `\nThe first held-out digit is a ${heldOut.labels[0]!}; it is read as a ${read} with p = ${p[read]!.toFixed(4)}.`,
  )
}

/** The training step as a person would write it and as it runs, and the numbers of this run. */
function writeResults(net: Net, result: Result, out: string): void {
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'train.plain.js'), source(net.train, { schedule: 'plain' }))
  writeFileSync(join(out, 'train.fast.js'), source(net.train, { schedule: 'fast' }))
  writeFileSync(join(out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`)
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Pick<Options, 'seeds' | 'epochs'> {
  const { seeds, short } = readOptions(args, {
    seeds: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  })
  const numbers = seeds.split(',').map(Number)
  if (!/^\d+(,\d+)*$/.test(seeds) || !numbers.every(Number.isSafeInteger))
    throw new UsageError(`--seeds takes whole numbers with commas between, such as 1,2,3; it is "${seeds}"`)
  return { seeds: numbers, epochs: short ? 2 : 5 }
}

runAsProgram(import.meta.url, (args) => {
  run({ ...parse(args), out: 'out', print: console.log })
})
