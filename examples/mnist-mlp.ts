/**
 * Trains a small network to read handwritten digits, and writes the code that was generated for it.
 *
 *   npm start                       one training, with seed 1
 *   npm start -- --seeds 1,2,3      one after the other, each from other first weights
 *   npm start -- --short            two epochs, to see that everything works
 */
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
import { runAsProgram } from './lib/command'
import { type Digits, PIXELS } from './lib/digits'
import { type Options, parseSeeds, type Result, TARGET, trainDigits, writeResults } from './lib/training'

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

/** Trains once for each seed, then shows and writes what came out. */
export function run(options: Options): Result {
  const { out, print } = options
  const { result, net, heldOut } = trainDigits({ program, learningRate: LEARNING_RATE }, options)
  showPrediction(net, heldOut, print)
  writeResults(net.train, result, out)
  print(`\nwritten to ${out}: train.plain.js, train.fast.js, result.json`)
  print(
    `\nThe kernel that computes the gradient of W1, and with it the next W1:\n\n${source(net.train, { of: 'd_W1' })}`,
  )
  return result
}

/** Reads one held-out digit. */
function showPrediction(net: Net, heldOut: Digits, print: Options['print']): void {
  const { p } = net.predict({ x: heldOut.images.subarray(0, PIXELS) })
  const read = p.indexOf(Math.max(...p))
  print(
    `\nThe first held-out digit is a ${heldOut.labels[0]!}; it is read as a ${read} with p = ${p[read]!.toFixed(4)}.`,
  )
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Pick<Options, 'seeds' | 'epochs'> {
  const { seeds, isShort } = parseSeeds(args)
  return { seeds, epochs: isShort ? 2 : 5 }
}

runAsProgram(import.meta.url, (args) => {
  run({ ...parse(args), out: 'out', print: console.log })
})
