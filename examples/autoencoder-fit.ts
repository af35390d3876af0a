/**
 * The autoencoder of autoencoder.ts as two models, of which a third is made: training that one trains the layers of all.
 *
 *   npx tsx examples/autoencoder-fit.ts            about a minute
 *   npx tsx examples/autoencoder-fit.ts --short    fewer digits, to see that everything works
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { callbacks, input, layers, model, optimizers, sequential } from 'gradloom/nn'
import { isShort, runAsProgram } from './lib/command'
import { type Digits, loadDigits, PIXELS } from './lib/digits'
import { writePictures } from './lib/picture'

/** Numbers that a digit is squeezed into. */
const CODE = 16
const SHOWN = 10

/** 28 by 28 pixels to 16 numbers and back, and both in a row. */
export function models(seed: number) {
  const encoder = sequential(
    [
      input({ shape: [28, 28, 1] }),
      layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: CODE }),
    ],
    { name: 'encoder' },
  )
  const decoder = sequential(
    [
      input({ shape: [CODE] }),
      layers.dense({ units: 7 * 7 * 32, activation: 'relu' }),
      layers.reshape({ targetShape: [7, 7, 32] }),
      layers.conv2dTranspose({ filters: 16, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }),
      layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same', activation: 'sigmoid' }),
    ],
    { name: 'decoder' },
  )
  const image = input({ shape: [28, 28, 1] })
  const autoencoder = model({ inputs: image, outputs: decoder(encoder(image)), seed })
  autoencoder.compile({
    optimizer: optimizers.adam({ learningRate: 0.002 }),
    loss: 'binaryCrossentropy',
    metrics: ['mse'],
  })
  return { encoder, decoder, autoencoder }
}

export interface Options {
  readonly epochs: number
  /** Digits to learn from. */
  readonly count: number
  /** The folder for the pictures. */
  readonly out: string
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Mean squared errors of held-out digits. */
export interface Result {
  readonly error: number
  /** Of drawing the mean of all digits every time. */
  readonly errorOfMean: number
  /** The largest difference of a pixel between the autoencoder and its two halves used one after the other. */
  readonly apart: number
  /** The epoch that was the best one, from 1. */
  readonly bestEpoch: number
}

export async function run({ epochs, count, out, verbose = 0 }: Options): Promise<Result> {
  const { train, heldOut } = loadDigits()
  const images = train.images.subarray(0, count * PIXELS)
  const { encoder, decoder, autoencoder } = models(1)
  // A tenth of the digits tells when to stop: when it gets hardly any better.
  const { history } = await autoencoder.fit(images, images, {
    epochs,
    validationSplit: 0.1,
    callbacks: [callbacks.earlyStopping({ minDelta: 5e-4, patience: 2, restoreBestWeights: true })],
    verbose,
  })
  const { mse: error } = await autoencoder.evaluate(heldOut.images, heldOut.images, { batchSize: 500 })

  // The halves have the layers of the whole: they know what it has learnt.
  const codes = await encoder.predict(heldOut.images)
  const drawn = await decoder.predict(codes)
  const whole = await autoencoder.predict(heldOut.images)
  const apart = Array.from(whole, (v, i) => Math.abs(v - drawn[i]!)).reduce((a, b) => Math.max(a, b))

  mkdirSync(out, { recursive: true })
  const shown = [heldOut.images, drawn].flatMap((pixels) => [...pixels.subarray(0, SHOWN * PIXELS)])
  writePictures(join(out, 'digits.pgm'), shown, { side: 28, columns: SHOWN })
  for (const made of [encoder, decoder, autoencoder]) made.dispose()
  const losses = history.val_loss!
  const bestEpoch = 1 + losses.indexOf(Math.min(...losses))
  return { error: error!, errorOfMean: errorOfMean(images, heldOut), apart, bestEpoch }
}

function errorOfMean(learnt: Float32Array, { images }: Digits): number {
  const average = new Float64Array(PIXELS)
  learnt.forEach((v, i) => (average[i % PIXELS]! += (v * PIXELS) / learnt.length))
  return images.reduce((sum, v, i) => sum + (v - average[i % PIXELS]!) ** 2, 0) / images.length
}

runAsProgram(import.meta.url, async (args) => {
  const out = join('out', 'autoencoder-fit')
  const size = isShort(args) ? { epochs: 2, count: 4000 } : { epochs: 30, count: 8000 }
  const { error, errorOfMean, bestEpoch } = await run({ ...size, out, verbose: 2 })
  console.log(`written to ${out}: digits.pgm, digits above and what was drawn from their ${CODE} numbers below`)
  console.log(
    `mean squared error ${error.toFixed(4)} by epoch ${bestEpoch}; the mean digit would give ${errorOfMean.toFixed(4)}`,
  )
  if (!(error < errorOfMean / (isShort(args) ? 1 : 4))) throw new Error('it draws no better than the mean digit')
})
