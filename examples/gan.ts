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
  compile,
  conv2d,
  conv2dTranspose,
  entry,
  fill,
  glorotUniform,
  heUniform,
  leakyRelu,
  matmul,
  mean,
  named,
  normal,
  relu,
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
import { generator, shuffled } from './lib/shuffle'

const BATCH = 32
const NOISE = 32

const G0 = variable('generator/W', [NOISE, 7 * 7 * 64], heUniform()), g0 = variable('generator/b', [7 * 7 * 64], zeros()) // prettier-ignore
const G1 = variable('generator/K1', [4, 4, 32, 64], heUniform()), g1 = variable('generator/b1', [32], zeros()) // prettier-ignore
const G2 = variable('generator/K2', [4, 4, 1, 32], glorotUniform()), g2 = variable('generator/b2', [1], zeros()) // prettier-ignore
const GENERATOR = [G0, g0, G1, g1, G2, g2] as const

const D1 = variable('critic/K1', [4, 4, 1, 32], heUniform()), d1 = variable('critic/b1', [32], zeros()) // prettier-ignore
const D2 = variable('critic/K2', [4, 4, 32, 64], heUniform()), d2 = variable('critic/b2', [64], zeros()) // prettier-ignore
const D3 = variable('critic/W', [7 * 7 * 64, 1], glorotUniform()), d3 = variable('critic/b', [1], zeros()) // prettier-ignore
const CRITIC = [D1, d1, D2, d2, D3, d3] as const

/** Images drawn from noise; every step of the program draws its own noise. */
const draw = (count: number): Tensor<[number, 28, 28, 1]> =>
  scope('generator', () => {
    const noise = normal([count, NOISE])
    const quarter = reshape(relu(add(matmul(noise, G0), g0)), [count, 7, 7, 64])
    const half = relu(add(conv2dTranspose(quarter, G1, { strides: 2, padding: 'same' }), g1))
    const pixels = sigmoid(add(conv2dTranspose(half, G2, { strides: 2, padding: 'same' }), g2))
    return named('drawn', pixels) as Tensor<[number, 28, 28, 1]>
  })

/** How real each image looks: a logit. */
const judge = (x: Tensor): Tensor =>
  scope('critic', () => {
    const half = leakyRelu(add(conv2d(x, D1, { strides: 2, padding: 'same' }), d1), { slope: 0.2 })
    const quarter = leakyRelu(add(conv2d(half, D2, { strides: 2, padding: 'same' }), d2), { slope: 0.2 })
    return add(matmul(reshape(quarter, [x.shape[0]!, 7 * 7 * 64]), D3), d3)
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
        return {
          outputs: { loss, real: mean(sigmoid(real)), drawn: mean(sigmoid(drawn)) },
          updates: adam(loss, CRITIC, RATE),
        }
      }),
      generator: entry({}, () => {
        const loss = mean(sigmoidCrossEntropy(judge(draw(BATCH)), fill([BATCH, 1], 1)))
        return { outputs: { loss }, updates: adam(loss, GENERATOR, RATE) }
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
  const random = generator(1)
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
