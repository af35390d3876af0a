/**
 * Trains a generative adversarial network: two losses, two optimisers, one store. One network draws digits from noise, the
 * other tells drawn ones from real ones.
 *
 *   npx tsx examples/gan.ts            a few minutes
 *   npx tsx examples/gan.ts --short    a few steps, to see that everything works
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  adam,
  add,
  batchNorm,
  compile,
  conv2d,
  conv2dTranspose,
  dropout,
  entry,
  fill,
  leakyRelu,
  matmul,
  mean,
  named,
  normal,
  ones,
  randomNormal,
  reshape,
  scope,
  sigmoid,
  sigmoidCrossEntropy,
  stopGradient,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { emptyDigits, loadDigits, take } from './lib/digits'
import { writePictures } from './lib/picture'
import { progressBar } from './lib/progress'
import { generator as numbers, shuffled } from './lib/shuffle'

const BATCH = 32
const NOISE = 64

// Normal weights of deviation 0.02 and leaky units: Radford et al. 2016, arXiv:1511.06434.
const weights = (name: string, shape: number[]) => variable(name, shape, randomNormal({ stddev: 0.02 }))
const zero = (name: string, units: number) => variable(name, [units], zeros())

const generator = {
  W: weights('generator/W', [NOISE, 7 * 7 * 32]),
  // Kernels of transposed convolutions are [rows, columns, channels out, channels in].
  K1: weights('generator/K1', [4, 4, 16, 32]),
  K2: weights('generator/K2', [4, 4, 1, 16]),
  gamma0: variable('generator/gamma0', [32], ones()),
  beta0: zero('generator/beta0', 32),
  gamma1: variable('generator/gamma1', [16], ones()),
  beta1: zero('generator/beta1', 16),
  b2: zero('generator/b2', 1),
}
const critic = {
  K1: weights('critic/K1', [4, 4, 1, 16]),
  b1: zero('critic/b1', 16),
  K2: weights('critic/K2', [4, 4, 16, 32]),
  b2: zero('critic/b2', 32),
  W: weights('critic/W', [7 * 7 * 32, 1]),
  b: zero('critic/b', 1),
}

/** Images drawn from noise; every step of the program draws its own noise. */
const draw = (count: number): Tensor<[number, 28, 28, 1]> =>
  scope('generator', () => {
    const { W, K1, K2, gamma0, beta0, gamma1, beta1, b2 } = generator
    // By the statistics of each batch alone: nothing is kept for later.
    const norm = (x: Tensor, gamma: Tensor, beta: Tensor): Tensor => batchNorm(x, { gamma, beta, track: false }).output
    const quarter = reshape(matmul(normal([count, NOISE]), W), [count, 7, 7, 32])
    const half = conv2dTranspose(leakyRelu(norm(quarter, gamma0, beta0)), K1, { strides: 2, padding: 'same' })
    const whole = conv2dTranspose(leakyRelu(norm(half, gamma1, beta1)), K2, { strides: 2, padding: 'same' })
    return named('drawn', sigmoid(add(whole, b2))) as Tensor<[number, 28, 28, 1]>
  })

/** How real each image looks, a logit; some features are dropped so that it does not learn single pixels. */
const judge = (x: Tensor): Tensor =>
  scope('critic', () => {
    const { K1, b1, K2, b2, W, b } = critic
    const half = leakyRelu(add(conv2d(x, K1, { strides: 2, padding: 'same' }), b1), { slope: 0.2 })
    const quarter = leakyRelu(add(conv2d(dropout(half, 0.3), K2, { strides: 2, padding: 'same' }), b2), { slope: 0.2 })
    return add(matmul(reshape(dropout(quarter, 0.3), [x.shape[0]!, 7 * 7 * 32]), W), b)
  })

const RATE = { learningRate: 0.0005, beta1: 0.5 }
export const program = (seed: number) =>
  compile(
    {
      critic: entry({ x: tensor([BATCH, 28, 28, 1]) }, ({ x }) => {
        const [real, drawn] = [judge(x), judge(stopGradient(draw(BATCH)))]
        // Targets a little below 1 keep the critic from being too sure (Salimans et al. 2016, arXiv:1606.03498).
        const loss = add(
          mean(sigmoidCrossEntropy(real, fill([BATCH, 1], 0.9))),
          mean(sigmoidCrossEntropy(drawn, fill([BATCH, 1], 0))),
        )
        const looksReal = { real: mean(sigmoid(real)), drawn: mean(sigmoid(drawn)) }
        return { outputs: { loss, ...looksReal }, updates: adam(loss, Object.values(critic), RATE) }
      }),
      generator: entry({}, () => {
        const loss = mean(sigmoidCrossEntropy(judge(draw(BATCH)), fill([BATCH, 1], 1)))
        return { outputs: { loss }, updates: adam(loss, Object.values(generator), RATE) }
      }),
      sample: entry({}, () => ({ outputs: { images: draw(40) } })),
    },
    { seed },
  )

export interface Options {
  readonly epochs: number
  /** Steps of each network an epoch, at most. */
  readonly batches: number
  /** The folder for the pictures. */
  readonly out: string
  readonly print: (line: string) => void
}

/** Means over the last epoch. */
export interface Result {
  readonly criticLoss: number
  readonly generatorLoss: number
  /** How real the critic finds real and drawn digits, from 0 to 1. */
  readonly real: number
  readonly drawn: number
}

export function run({ epochs, batches, out, print }: Options): Result {
  const { train } = loadDigits()
  const net = program(1)
  const random = numbers(1)
  const batch = emptyDigits(BATCH)
  const steps = Math.min(batches, Math.floor(train.labels.length / BATCH))
  mkdirSync(out, { recursive: true })
  let result: Result = { criticLoss: NaN, generatorLoss: NaN, real: NaN, drawn: NaN }
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(train.labels.length, random)
    const bar = progressBar(steps)
    const sums = { criticLoss: 0, generatorLoss: 0, real: 0, drawn: 0 }
    for (let step = 0; step < steps; step++) {
      take(train, order.subarray(step * BATCH, (step + 1) * BATCH), batch)
      const { loss, real, drawn } = net.critic({ x: batch.images })
      sums.criticLoss += loss / steps
      sums.real += real / steps
      sums.drawn += drawn / steps
      sums.generatorLoss += net.generator({}).loss / steps
      bar.show(step + 1, `epoch ${epoch + 1}/${epochs}`)
    }
    bar.clear()
    result = sums
    writePictures(join(out, 'drawn.pgm'), net.sample({}).images, { side: 28, columns: 10 })
    print(
      `epoch ${epoch + 1}/${epochs}  critic ${sums.criticLoss.toFixed(3)}  generator ${sums.generatorLoss.toFixed(3)}  ` +
        `looks real: real ${sums.real.toFixed(3)}, drawn ${sums.drawn.toFixed(3)}`,
    )
  }
  print(`written to ${out}: drawn.pgm`)
  net.dispose()
  return result
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  run({ epochs: short ? 1 : 12, batches: short ? 30 : Infinity, out: join('out', 'gan'), print: console.log })
})
