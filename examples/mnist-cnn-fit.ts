/**
 * The network of mnist-cnn.ts put together from layers and trained by `fit`.
 *
 *   npm start                        one training, with seed 1
 *   npm start -- --seeds 1,2,3       one after the other, each from other first weights
 *   npm start -- --short             a few steps, to see that everything works
 */
import { join } from 'node:path'
import { dataset } from 'gradloom'
import { layers, optimizers, schedules, sequential } from 'gradloom/nn'
import { runAsProgram } from './lib/command'
import { type Digits, loadDigits } from './lib/digits'
import { shiftImages } from './lib/shift'
import { generator } from './lib/shuffle'
import { type Options, parseSeeds, type Result, resultOf, TARGET, writeResults } from './lib/training'

const BATCH = 32
/** Pixels by which training images are moved about. */
const SHIFT = 2

/** 28 by 28 pixels in, the probabilities of the ten digits out. `steps` is how many updates there will be. */
export function network(seed: number, steps: number) {
  const net = sequential(
    [
      layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [28, 28, 1] }),
      layers.maxPooling2d(),
      layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dropout({ rate: 0.4 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed },
  )
  net.compile({
    // Large steps first, small ones at the end.
    optimizer: optimizers.adam({
      learningRate: schedules.polynomialDecay({ initialLearningRate: 0.002, decaySteps: steps, endLearningRate: 0 }),
    }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    target: TARGET,
  })
  return net
}

/** Batches in another order each time, every image moved about. */
function batches({ images, labels }: Digits, seed: number) {
  const random = generator(seed)
  const x = Object.assign(images, { shape: [labels.length, 28, 28, 1] })
  return dataset
    .from({ x, y: labels })
    .shuffle(labels.length, { seed })
    .batch(BATCH)
    .map(({ x, y }) => {
      shiftImages({ images: x, labels: y }, SHIFT, random)
      return { x, y }
    })
}

/** Trains once for each seed, then writes what came out. */
export async function run({ seeds, epochs, batches: most = Infinity, out, print }: Options): Promise<Result> {
  const { train, heldOut } = loadDigits()
  print(`${train.labels.length} digits to train, ${heldOut.labels.length} held out`)
  const stepsPerEpoch = Math.min(most, Math.ceil(train.labels.length / BATCH))
  const trainings = []
  for (const seed of seeds) {
    print(`\nseed ${seed}`)
    const started = performance.now()
    const net = network(seed, stepsPerEpoch * epochs)
    await net.fit(batches(train, seed), {
      epochs,
      stepsPerEpoch,
      validationData: [heldOut.images, heldOut.labels],
      callbacks: [
        {
          onEpochEnd: (epoch, { loss, val_accuracy: accuracy }) =>
            print(`epoch ${epoch + 1}/${epochs}  loss ${loss!.toFixed(4)}  accuracy ${accuracy!.toFixed(4)}`),
        },
      ],
    })
    const { accuracy } = await net.evaluate(heldOut.images, heldOut.labels, { batchSize: 500 })
    const seconds = (performance.now() - started) / 1000
    print(`accuracy ${accuracy!.toFixed(4)} after ${seconds.toFixed(1)} s`)
    trainings.push({ net, accuracy: accuracy!, seconds, stepsPerSecond: (stepsPerEpoch * epochs) / seconds })
  }
  const result = resultOf(seeds, heldOut, trainings)
  print(`\nmean accuracy ${result.accuracy.toFixed(4)}, longest training ${result.trainSeconds.toFixed(1)} s`)
  writeResults(trainings.at(-1)!.net.program.train!, result, out)
  for (const { net } of trainings) net.dispose()
  print(`written to ${out}: train.plain.js, train.fast.js, result.json`)
  return result
}

/** The arguments of the command line; a UsageError says what is wrong with them. */
export function parse(args: readonly string[]): Pick<Options, 'seeds' | 'epochs' | 'batches'> {
  const { seeds, isShort } = parseSeeds(args)
  return { seeds, epochs: isShort ? 1 : 12, batches: isShort ? 100 : Infinity }
}

runAsProgram(import.meta.url, async (args) => {
  await run({ ...parse(args), out: join('out', 'mnist-cnn-fit'), print: console.log })
})
