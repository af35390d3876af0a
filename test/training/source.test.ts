import { expect, it } from 'vitest'
import { abs, mean, sub, type Tensor } from 'gradloom'
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

const lineHere = (): number => Number(/source\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)![1])

it('losses, metrics and updates have the line of compile, what a function of the user makes its own', () => {
  const net = sequential([layers.dense({ units: 2, inputShape: [3], name: 'head' })])
  const own = lineHere() + 1
  const distance = (y: Tensor, p: Tensor) => mean(abs(sub(y, p)), { axis: -1 })
  for (const { loss, line } of [
    { loss: 'mse', line: undefined },
    { loss: distance, line: own },
  ]) {
    const here = lineHere() + 1
    net.compile({ optimizer: 'adam', loss, metrics: ['mae'] })
    net.trainOnBatch([[1, 2, 3]], [[1, 2]])
    for (const entry of [net.program.train!, net.program.evaluate!]) {
      const origins = source(entry, { schedule: 'plain' })
        .split('\n')
        .filter((text) => / [k]?flop, | flop, /.test(text))
      for (const text of origins) expect(text).toMatch(/ at source\.test\.ts:\d+/)
      const lines = origins.map((text) => Number(/source\.test\.ts:(\d+)/.exec(text)![1]))
      expect(lines).toContain(line ?? here)
      expect(lines).toContain(here)
    }
  }
  net.dispose()
})
