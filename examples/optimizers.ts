/**
 * Six optimisers in a race: from the same first weights through the same digits, and down the same hills, where plain gradient
 * descent ends in the first valley and momentum carries on to the deepest. Each with Keras's defaults but for its learning rate.
 *
 *   npx tsx examples/optimizers.ts            some seconds
 *   npx tsx examples/optimizers.ts --short    a few steps on the digits, to see that everything works
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { add, compile, constantInit, dataset, entry, mul, pow, sub, type Tensor, variable } from 'gradloom'
import { layers, optimizers, sequential } from 'gradloom/nn'
import { chart, type Point } from './lib/chart'
import { isShort, runAsProgram } from './lib/command'
import { loadDigits } from './lib/digits'

const RACERS = [
  { name: 'SGD', of: (learningRate: number) => optimizers.sgd({ learningRate }), digits: 0.02, hills: 0.01 },
  { name: 'momentum', of: (learningRate: number) => optimizers.sgd({ learningRate, momentum: 0.9 }), digits: 0.02, hills: 0.01 }, // prettier-ignore
  { name: 'Nesterov', of: (learningRate: number) => optimizers.sgd({ learningRate, momentum: 0.9, nesterov: true }), digits: 0.02, hills: 0.01 }, // prettier-ignore
  { name: 'Adagrad', of: (learningRate: number) => optimizers.adagrad({ learningRate }), digits: 0.02, hills: 0.2 },
  { name: 'RMSProp', of: (learningRate: number) => optimizers.rmsprop({ learningRate }), digits: 0.001, hills: 0.02 },
  { name: 'Adam', of: (learningRate: number) => optimizers.adam({ learningRate }), digits: 0.001, hills: 0.1 },
] as const
type Racer = (typeof RACERS)[number]

const BATCH = 32
/** Batches that a point of a loss curve is the mean of. */
const EVERY = 25

/** Trains a network of two dense layers from the weights of seed 1: the loss as it falls, and the accuracy behind it. */
async function onDigits(
  { of, digits: rate }: Racer,
  points: number,
  { train, heldOut }: ReturnType<typeof loadDigits>,
) {
  const net = sequential(
    [
      layers.dense({ units: 64, activation: 'relu', inputShape: [784] }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: 1 },
  )
  net.compile({ optimizer: of(rate), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const count = train.labels.length
  const x = Object.assign(train.images, { shape: [count, 784] })
  // The same digits in the same order for all. An "epoch" is as many batches as a point of the curve.
  const batches = dataset.from({ x, y: train.labels }).shuffle(count, { seed: 1 }).repeat().batch(BATCH)
  const { history } = await net.fit(batches, { epochs: points, stepsPerEpoch: EVERY })
  const { accuracy } = await net.evaluate(heldOut.images, heldOut.labels, { batchSize: 500 })
  net.dispose()
  return { losses: history.loss!, accuracy: accuracy! }
}

// Two valleys: one at -1.5, and the deeper one at 2, behind a hill at -0.5.
const hills = (x: Tensor<[]>): Tensor<[]> => sub(mul(0.25, pow(x, 4)), add(mul(1.625, pow(x, 2)), mul(1.5, x)))
export const height = (x: number): number => x ** 4 / 4 - 1.625 * x ** 2 - 1.5 * x
const START = -2.5
const STEPS = 200

/** The way down from START: where each step begins. */
function downHills({ of, hills: rate }: Racer): Point[] {
  const x = variable('x', [], constantInit(START))
  const net = compile({
    step: entry({}, () => {
      const loss = hills(x)
      return { outputs: { x, loss }, updates: of(rate).updates(loss, [x]) }
    }),
  })
  const way = Array.from({ length: STEPS }, () => net.step({})).map(({ x, loss }): Point => [x, loss])
  net.dispose()
  return way
}

/** Of each optimiser by name: the share of held-out digits read correctly, the last loss of the race, and where it came to rest. */
export type Result = Record<Racer['name'], { readonly accuracy: number; readonly loss: number; readonly rest: number }>

export interface Options {
  /** Of a loss curve. */
  readonly points: number
  /** The folder for the pictures. */
  readonly out: string
  readonly print: (line: string) => void
}

export async function run({ points, out, print }: Options): Promise<Result> {
  const digits = loadDigits()
  const races = []
  const result = {} as Result
  print('             digits: loss  accuracy    hills: ends at')
  for (const racer of RACERS) {
    const { losses, accuracy } = await onDigits(racer, points, digits)
    const way = downHills(racer)
    const [loss, rest] = [losses.at(-1)!, way.at(-1)![0]]
    print(`${racer.name.padEnd(12)} ${loss.toFixed(3).padStart(12)}  ${accuracy.toFixed(3).padStart(8)}  ${rest.toFixed(2).padStart(16)}`) // prettier-ignore
    result[racer.name] = { accuracy, loss, rest }
    races.push({ name: racer.name, losses, way, rest })
  }
  mkdirSync(out, { recursive: true })
  const curve = (losses: readonly number[]) => losses.map((loss, i): Point => [(i + 1) * EVERY, loss])
  const curves = races.map(({ name, losses }, color) => ({ name, color, points: curve(losses) }))
  curves.sort((a, b) => b.points.at(-1)![1] - a.points.at(-1)![1]) // the legend in the order of the lines
  const falling = [{ title: `Loss on digits, the mean of ${EVERY} batches`, traces: curves }]
  const line = { xLabel: 'batches', yLabel: 'cross-entropy', columns: 1, width: 560, height: 320, isLogarithmic: true }
  writeFileSync(join(out, 'loss.svg'), chart(falling, line))
  const ground = { points: Array.from({ length: 121 }, (_, i): Point => [-2.7 + i / 20, height(-2.7 + i / 20)]) }
  const ways = races.map(({ name, way, rest }, color) => ({
    title: `${name}: ends at ${rest.toFixed(2)}`,
    traces: [ground, { points: way, color, isDotted: true }],
  }))
  writeFileSync(join(out, 'paths.svg'), chart(ways, { xLabel: 'x', yLabel: 'height', columns: 3, width: 240, height: 180 })) // prettier-ignore
  print(`written to ${out}: loss.svg, paths.svg`)
  return result
}

runAsProgram(import.meta.url, async (args) => {
  const result = await run({ points: isShort(args) ? 2 : 30, out: join('out', 'optimizers'), print: console.log })
  if (!(result.SGD.rest < -1 && result.momentum.rest > 1)) throw new Error('momentum has not left the first valley')
  if (!(result.momentum.loss < result.SGD.loss)) throw new Error('momentum is no faster on the digits')
})
