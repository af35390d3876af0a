/**
 * Trains a convolutional autoencoder: digits are squeezed into 16 numbers and drawn again from those.
 *
 *   npx tsx examples/autoencoder.ts            about a minute
 *   npx tsx examples/autoencoder.ts --short    a few steps, to see that everything works
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
  glorotUniform,
  heUniform,
  matmul,
  mean,
  meanSquaredError,
  named,
  relu,
  reshape,
  scope,
  sigmoid,
  sigmoidCrossEntropy,
  tensor,
  type Tensor,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { type Digits, emptyDigits, loadDigits, PIXELS, take } from './lib/digits'
import { writePictures } from './lib/picture'
import { progressBar } from './lib/progress'
import { generator, shuffled } from './lib/shuffle'

const BATCH = 32
const CODE = 16
const SHOWN = 10

const E1 = variable('encoder/K1', [3, 3, 1, 16], heUniform()), e1 = variable('encoder/b1', [16], zeros()) // prettier-ignore
const E2 = variable('encoder/K2', [3, 3, 16, 32], heUniform()), e2 = variable('encoder/b2', [32], zeros()) // prettier-ignore
const EC = variable('encoder/W', [7 * 7 * 32, CODE], glorotUniform()), ec = variable('encoder/b', [CODE], zeros()) // prettier-ignore
const DC = variable('decoder/W', [CODE, 7 * 7 * 32], heUniform()), dc = variable('decoder/b', [7 * 7 * 32], zeros()) // prettier-ignore
// Kernels of transposed convolutions are [rows, columns, channels out, channels in].
const D1 = variable('decoder/K1', [4, 4, 16, 32], heUniform()), d1 = variable('decoder/b1', [16], zeros()) // prettier-ignore
const D2 = variable('decoder/K2', [4, 4, 1, 16], glorotUniform()), d2 = variable('decoder/b2', [1], zeros()) // prettier-ignore
const WEIGHTS = [E1, e1, E2, e2, EC, ec, DC, dc, D1, d1, D2, d2] as const

type Images = Tensor<[number, 28, 28, 1]>

/** 28 by 28 pixels to 16 numbers: two convolutions that halve each side, then a dense layer. */
const encode = (x: Images): Tensor<[number, typeof CODE]> =>
  scope('encoder', () => {
    const half = relu(add(conv2d(x, E1, { strides: 2, padding: 'same' }), e1))
    const quarter = relu(add(conv2d(half, E2, { strides: 2, padding: 'same' }), e2))
    return named('code', add(matmul(reshape(quarter, [x.shape[0], 7 * 7 * 32]), EC), ec))
  })

/** The way back, to logits of pixels: transposed convolutions that double each side. */
const decode = (code: Tensor<[number, typeof CODE]>): Images =>
  scope('decoder', () => {
    const quarter = reshape(relu(add(matmul(code, DC), dc)), [code.shape[0], 7, 7, 32])
    const half = relu(add(conv2dTranspose(quarter, D1, { strides: 2, padding: 'same' }), d1))
    return named('logits', add(conv2dTranspose(half, D2, { strides: 2, padding: 'same' }), d2)) as Images
  })

const images = { x: tensor(['B', 28, 28, 1]) }
export const program = (seed: number) =>
  compile(
    {
      train: entry(images, ({ x }) => {
        const loss = mean(sigmoidCrossEntropy(decode(encode(x)), x))
        return { outputs: { loss }, updates: adam(loss, WEIGHTS, { learningRate: 0.002 }) }
      }),
      rebuild: entry(images, ({ x }) => {
        const y = sigmoid(decode(encode(x)))
        return { outputs: { y, error: meanSquaredError(y, x) } }
      }),
      encode: entry(images, ({ x }) => ({ outputs: { code: encode(x) } })),
    },
    { seed },
  )

export interface Options {
  readonly epochs: number
  /** Batches an epoch, at most. */
  readonly batches: number
  /** The folder for the pictures. */
  readonly out: string
  readonly print: (line: string) => void
}

/** Mean squared errors of held-out digits: drawn from their codes, and, to compare, as the mean digit. */
export interface Result {
  readonly error: number
  readonly errorOfMean: number
}

export function run({ epochs, batches, out, print }: Options): Result {
  const { train, heldOut } = loadDigits()
  const net = program(1)
  const random = generator(1)
  const batch = emptyDigits(BATCH)
  const steps = Math.min(batches, Math.floor(train.labels.length / BATCH))
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(train.labels.length, random)
    const bar = progressBar(steps)
    let total = 0
    for (let step = 0; step < steps; step++) {
      take(train, order.subarray(step * BATCH, (step + 1) * BATCH), batch)
      total += net.train({ x: batch.images }).loss
      bar.show(step + 1, `epoch ${epoch + 1}/${epochs}`)
    }
    bar.clear()
    const { error } = net.rebuild({ x: heldOut.images })
    print(`epoch ${epoch + 1}/${epochs}  loss ${(total / steps).toFixed(4)}  error ${error.toFixed(5)}`)
  }
  const { y, error } = net.rebuild({ x: heldOut.images })
  mkdirSync(out, { recursive: true })
  const shown = (pixels: ArrayLike<number>): number[] => Array.from(pixels).slice(0, SHOWN * PIXELS)
  const pictures = Float32Array.from([...shown(heldOut.images), ...shown(y)])
  writePictures(join(out, 'digits.pgm'), pictures, { side: 28, columns: SHOWN })
  print(`written to ${out}: digits.pgm, digits above and what was drawn from their ${CODE} numbers below`)
  net.dispose()
  return { error, errorOfMean: errorOfMean(train, heldOut) }
}

/** What drawing the mean of all training digits every time would give. */
function errorOfMean({ images, labels }: Digits, heldOut: Digits): number {
  const average = new Float64Array(PIXELS)
  images.forEach((v, i) => (average[i % PIXELS]! += v / labels.length))
  return heldOut.images.reduce((sum, v, i) => sum + (v - average[i % PIXELS]!) ** 2, 0) / heldOut.images.length
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  const { error, errorOfMean: mean } = run({
    epochs: short ? 1 : 8,
    batches: short ? 200 : Infinity,
    out: join('out', 'autoencoder'),
    print: console.log,
  })
  console.log(`mean squared error ${error.toFixed(5)}; the mean digit would give ${mean.toFixed(5)}`)
})
