/**
 * One model with three inputs and two answers: from what was measured of a penguin, the island where it was found and its sex,
 * which species it is and what it weighs.
 *
 *   npx tsx examples/functional.ts            some seconds
 *   npx tsx examples/functional.ts --short    fewer epochs, to see that everything works
 */
import { input, layers, type Model, model, optimizers, summary } from 'gradloom/nn'
import { majorityShare, percent } from './lib/baseline'
import { isShort, runAsProgram } from './lib/command'
import { generator, shuffled } from './lib/shuffle'
import { readTable } from './lib/table'

const MEASURES = ['culmen_length_mm', 'culmen_depth_mm', 'flipper_length_mm'] as const
const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo']
const ISLANDS = ['Biscoe', 'Dream', 'Torgersen']
const SEXES = ['', 'FEMALE', 'MALE'] // of some it is not known
const HELD_OUT = 1 / 3

/** Data by the names of inputs and outputs; the mass in kg. */
function penguins(rows: readonly Record<string, string>[]) {
  const placeIn = (list: readonly string[], column: string) =>
    Int32Array.from(rows, (r) => Math.max(0, list.indexOf(r[column]!)))
  return {
    x: {
      measures: rows.map((row) => MEASURES.map((name) => Number(row[name]))),
      island: placeIn(ISLANDS, 'island'),
      sex: placeIn(SEXES, 'sex'),
    },
    y: { species: placeIn(SPECIES, 'species'), mass: Float32Array.from(rows, (row) => Number(row.body_mass_g) / 1000) },
  }
}

/** The Palmer penguins of the npm package "@observablehq/sample-datasets", a third held out. */
export function loadPenguins() {
  const columns = [...MEASURES, 'species', 'island', 'sex', 'body_mass_g']
  const rows = readTable('@observablehq/sample-datasets/penguins.csv', columns).filter(
    (row) => row.body_mass_g !== 'NaN',
  )
  const mixed = [...shuffled(rows.length, generator(0))].map((i) => rows[i]!)
  const held = Math.floor(HELD_OUT * rows.length)
  return { train: penguins(mixed.slice(held)), heldOut: penguins(mixed.slice(0, held)) }
}

/** Numbers are scaled by what was learnt from, each category is a point in a plane; two heads stand on one body. */
export function network(measured: readonly (readonly number[])[]): Model<true> {
  const measures = input({ shape: [MEASURES.length], name: 'measures' })
  const island = input({ shape: [], dtype: 'int32', name: 'island' })
  const sex = input({ shape: [], dtype: 'int32', name: 'sex' })

  const scale = layers.normalization({ name: 'scale' })
  scale.adapt(measured)
  const features = layers.concatenate()([
    scale(measures),
    layers.embedding({ inputDim: ISLANDS.length, outputDim: 2, name: 'islands' })(island),
    layers.embedding({ inputDim: SEXES.length, outputDim: 2, name: 'sexes' })(sex),
  ])
  const body = layers.dense({ units: 16, activation: 'relu', name: 'body' })(features)
  const species = layers.dense({ units: SPECIES.length, activation: 'softmax', name: 'species' })(body)
  const mass = layers.dense({ units: 1, name: 'mass' })(body)
  const net = model({ inputs: [measures, island, sex], outputs: [species, mass], name: 'penguins', seed: 1 })
  net.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: { species: 'sparseCategoricalCrossentropy', mass: 'mse' },
    // Squared kg are small numbers beside the entropy of species.
    lossWeights: { species: 1, mass: 2 },
    metrics: { species: 'accuracy', mass: 'root_mean_squared_error' },
  })
  return net
}

/** On penguins held out: the share of species told right, the root mean squared error of the mass in kg. */
export interface Result {
  readonly accuracy: number
  /** Of saying the most frequent species every time. */
  readonly majority: number
  readonly error: number
  /** Of saying the mean mass every time. */
  readonly errorOfMean: number
}

export interface Options {
  readonly epochs: number
  readonly print: (text: string) => void
}

export async function run({ epochs, print }: Options): Promise<Result> {
  const { train, heldOut } = loadPenguins()
  const net = network(train.x.measures)
  print(summary(net))
  await net.fit(train.x, train.y, { epochs, batchSize: 16 })
  const logs = await net.evaluate(heldOut.x, heldOut.y)
  net.dispose()
  const mean = train.y.mass.reduce((a, b) => a + b) / train.y.mass.length
  const squares = heldOut.y.mass.map((mass) => (mass - mean) ** 2)
  return {
    accuracy: logs.species_accuracy!,
    majority: majorityShare(heldOut.y.species),
    error: logs.mass_root_mean_squared_error!,
    errorOfMean: Math.sqrt(squares.reduce((a, b) => a + b) / squares.length),
  }
}

runAsProgram(import.meta.url, async (args) => {
  const { accuracy, majority, error, errorOfMean } = await run({ epochs: isShort(args) ? 10 : 50, print: console.log })
  console.log(`species: ${percent(accuracy)} right; the most frequent one is ${percent(majority)}`)
  console.log(`mass: wrong by ${error.toFixed(3)} kg; the mean by ${errorOfMean.toFixed(3)} kg`)
  if (!(accuracy > 0.9 && error < errorOfMean / (isShort(args) ? 1 : 2))) throw new Error('it has not learnt both')
})
