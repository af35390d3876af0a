import { expect, it } from 'vitest'
import { constant } from 'gradloom'
import { layers, optimizers, sequential } from 'gradloom/nn'

const x = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.cos(i)])
const y = x.map(([a, b]) => [a! - b!])

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
      validationData: [x, y, x.map((_, i) => (i < 10 ? 1 : 0))],
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
