/**
 * Tells three species of penguins apart by four measures: vectors [samples, features], which a layer brings to one scale, and
 * two dense layers.
 *
 *   npx tsx examples/vectors.ts            a few seconds
 *   npx tsx examples/vectors.ts --short    fewer epochs, to see that everything works
 */
import { input, layers, optimizers, sequential } from 'gradloom/nn'
import { majorityShare, percent } from './lib/baseline'
import { isShort, runAsProgram } from './lib/command'
import { loadPenguins, MEASURES, SPECIES } from './lib/penguins'

export interface Options {
  readonly epochs: number
  /** Of `fit`: 2 prints a line for each epoch. */
  readonly verbose?: 0 | 2
}

/** Shares of the held-out penguins whose species is told correctly. */
export interface Result {
  readonly accuracy: number
  /** By always saying the most frequent species. */
  readonly majority: number
}

export async function run({ epochs, verbose = 0 }: Options): Promise<Result> {
  const { train, heldOut } = loadPenguins()

  // Grams are in the thousands and millimetres in the tens: the layer learns mean and variance of each measure beforehand.
  const scale = layers.normalization()
  scale.adapt(train.x)

  const net = sequential(
    [
      input({ shape: [MEASURES.length] }),
      scale,
      layers.dense({ units: 16, activation: 'relu' }),
      layers.dense({ units: SPECIES.length, activation: 'softmax' }),
    ],
    { seed: 1 },
  )
  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
  })
  await net.fit(train.x, train.y, { epochs, batchSize: 16, validationData: [heldOut.x, heldOut.y], verbose })
  const { accuracy } = await net.evaluate(heldOut.x, heldOut.y)
  net.dispose()
  return { accuracy: accuracy!, majority: majorityShare(heldOut.y) }
}

runAsProgram(import.meta.url, async (args) => {
  const { accuracy, majority } = await run({ epochs: isShort(args) ? 5 : 20, verbose: 2 })
  console.log(`${percent(accuracy)} of penguins told apart; the most frequent species is ${percent(majority)}`)
  if (!(accuracy > 0.9 && accuracy > majority)) throw new Error('it has not learnt to tell penguins apart')
})
