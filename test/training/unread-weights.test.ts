import { expect, test } from 'vitest'
import { input, layers, sequential } from 'gradloom/nn'

// The count of `normalization` is a weight that no result is computed from.
const x = [
  [1, 10],
  [3, 30],
  [5, 20],
]
const made = (isAdapted: boolean) => {
  const scale = layers.normalization()
  if (isAdapted) scale.adapt(x)
  const net = sequential([input({ shape: [2] }), scale, layers.dense({ units: 1 })], { seed: 3 })
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  return net
}

test.each([true, false])(
  'a model trains, keeps and takes weights that it does not read (adapted: %j)',
  async (isAdapted) => {
    const net = made(isAdapted)
    await net.fit(x, [0, 1, 2])
    const [kernel, bias, mean, variance, count] = [...net.layers[1]!.getWeights(), ...net.layers[0]!.getWeights()]
    expect([kernel!.length, bias!.length]).toEqual([2, 1])
    expect([...Array.from(mean!), ...Array.from(count!)]).toEqual(isAdapted ? [3, 20, 3] : [0, 0, 0])
    expect(Array.from(variance!)[0]).toBeCloseTo(isAdapted ? 8 / 3 : 1, 5)

    const other = made(false)
    other.loadWeights(net.saveWeights())
    expect(other.getWeights()).toEqual(net.getWeights())
    expect(await other.predict(x)).toEqual(await net.predict(x))
    net.dispose()
    other.dispose()
  },
)
