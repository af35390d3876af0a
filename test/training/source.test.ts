import { expect, it } from 'vitest'
import { source } from 'gradloom/inspect'
import { layers, sequential } from 'gradloom/nn'

it('the code of a step names layers and the lines where they were made', () => {
  const here = Number(/source\.test\.ts:(\d+)/.exec(new Error().stack!)![1])
  const net = sequential([
    layers.dense({ units: 4, activation: 'relu', inputShape: [3] }), // two lines below `here`
    layers.dense({ units: 1, name: 'head' }),
  ])
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  net.trainOnBatch([[1, 2, 3]], [[1]])
  const text = source(net.program.train!, { schedule: 'plain' })
  const [formula, origin] = text.slice(text.indexOf('// dense/relu')).split('\n')
  expect(formula).toBe('// dense/relu float32[1, 4] = relu(input · dense/kernel + dense/bias)')
  expect(origin).toMatch(new RegExp(`matmul, relu at source\\.test\\.ts:${here + 2};`))
  expect(text).toMatch(new RegExp(`gradient of matmul at source\\.test\\.ts:${here + 3};`))
  net.dispose()
})
