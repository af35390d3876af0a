import { expect, it } from 'vitest'
import { constant, dataset } from 'gradloom'
import { type FitOptions, layers, optimizers, type Sequential, sequential } from 'gradloom/nn'

const x = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(i)])
const y = x.map(([a, b]) => [a! - b!])

const weight = x.map((_, i) => (i < 10 ? 1 : 0))

const network = (target: 'js' | 'wasm') => {
  const net = sequential([layers.dense({ units: 1, inputShape: [2] })], { seed: 3 })
  net.compile({ optimizer: 'adam', loss: 'mse', weightedMetrics: ['mae'], target })
  return net
}

it.each(['js', 'wasm'] as const)(
  'weights of validation data alone change nothing of what trains, on %s',
  async (target) => {
    const [plain, weighted, constant] = [network(target), network(target), network(target)]
    const options = { epochs: 4, batchSize: 8 }
    const rates: (number | undefined)[] = []
    const one = await plain.fit(x, y, { ...options, validationData: [x, y] })
    const two = await weighted.fit(x, y, {
      ...options,
      validationData: [x, y, weight],
      callbacks: [{ onEpochEnd: () => void rates.push(weighted.learningRate) }],
    })
    expect(two.history.loss).toEqual(one.history.loss)
    expect(weighted.getWeights()).toEqual(plain.getWeights())
    expect(rates).toEqual([0.001, 0.001, 0.001, 0.001])
    // By weights of 0 and 1 the metric is that of the samples of weight 1.
    const half = await constant.fit(x, y, { ...options, validationData: [x.slice(0, 10), y.slice(0, 10)] })
    two.history.val_mae!.forEach((v, i) => expect(v).toBeCloseTo(half.history.val_mae![i]!, 6))
  },
)

/** Two runs in which the rate falls behind each epoch; the second one has other options. */
async function twoRuns(target: 'js' | 'wasm', more: (net: Sequential) => FitOptions) {
  const nets = [network(target), network(target)] as const
  const histories = []
  for (const [i, net] of nets.entries()) {
    const { callbacks = [], ...options } = i === 0 ? { validationData: [x, y, weight] as const } : more(net)
    const falls = { onEpochEnd: () => void (net.learningRate = net.learningRate! / 2) }
    const run = { epochs: 4, batchSize: 8, validationBatchSize: 5, ...options, callbacks: [...callbacks, falls] }
    histories.push((await net.fit(x, y, run)).history)
  }
  expect(nets[1].getWeights()).toEqual(nets[0].getWeights())
  expect(nets.map((net) => net.learningRate)).toEqual([0.001 / 16, 0.001 / 16])
  return histories
}

it.each(['js', 'wasm'] as const)('neither do those of a dataset of validation, on %s', async (target) => {
  const validationData = dataset.from({ x, y, sampleWeight: weight }).batch(5)
  const [arrays, batches] = await twoRuns(target, () => ({ validationData }))
  expect(batches).toEqual(arrays)
})

it.each(['js', 'wasm'] as const)('neither do those of a batch that is tested within a run, on %s', async (target) => {
  const tested: number[] = []
  const [alone, beside] = await twoRuns(target, (net) => ({
    validationData: [x, y, weight],
    callbacks: [{ onTrainBatchEnd: () => void tested.push(net.testOnBatch(x, y, { sampleWeight: weight }).mae!) }],
  }))
  expect(beside).toEqual(alone)
  // Behind the last batch of each epoch that is what validation says.
  alone!.val_mae!.forEach((mae, epoch) => expect(tested[3 * epoch + 2]).toBeCloseTo(mae, 6))
})

it('what only predicts so far becomes what evaluates and trains', async () => {
  const net = network('js')
  await net.predict(x)
  await net.evaluate(x, y)
  const { program } = net
  expect(program.train).toBeDefined()
  await net.fit(x, y)
  expect(net.program).toBe(program)
})

it('the learning rate can be read and set before anything was trained', async () => {
  const [early, given] = [network('js'), network('js')]
  expect(early.learningRate).toBe(0.001)
  early.learningRate = 0.05
  expect(early.learningRate).toBe(0.05)
  given.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse', target: 'js' })
  await early.fit(x, y, { epochs: 2, batchSize: 8 })
  await given.fit(x, y, { epochs: 2, batchSize: 8 })
  expect(early.getWeights()).toEqual(given.getWeights())
  early.compile({ optimizer: 'adam', loss: 'mse', target: 'js' })
  expect(early.learningRate).toBe(0.001)
  early.compile({ optimizer: optimizers.adam({ learningRate: () => constant(0.1) }), loss: 'mse', target: 'js' })
  expect(early.learningRate).toBeUndefined()
})
