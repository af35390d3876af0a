import { describe, expect, it } from 'vitest'
import { source } from 'gradloom/inspect'
import { DIVIDED } from '../cases/modes'
import { build } from '../ops/cases'
import { type Net, netOf, NETS } from '../passes/placing-nets'

const LARGE: readonly Net[] = [
  { name: 'sums by blocks', x: [4, 22, 22, 8], kernel: [3, 3, 16], activation: 'relu', conv: { padding: 'same' } },
  { name: 'sums by blocks behind', x: [4, 22, 22, 8], kernel: [3, 3, 12], activation: 'relu', then: 'conv' },
  { name: 'one image', x: [1, 24, 24, 3], kernel: [5, 5, 12], activation: 'relu' },
  { name: 'no pool is met', x: [3, 16, 16, 4], kernel: [3, 3, 8], readers: 'unpooled' },
]

describe('convolution and pooling on two threads give the numbers of one, bit for bit', () => {
  it.each([...LARGE, ...NETS].map((net) => [net.name, net] as const))('%s', async (_, net) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const { inputs, feeds, body } = netOf(net, dtype)
      const one = build(inputs, body, { target: 'wasm', threads: 1 })
      const two = build(inputs, body, { target: 'wasm', threads: DIVIDED })
      await two.ready
      expect(two.run(feeds)).toEqual(one.run(feeds))
      expect(two.run(feeds)).toEqual(one.run(feeds))
      expect(two.splits()).toBeGreaterThan(0)
      two.dispose()
    }
  })

  it.each(LARGE.slice(0, 2).map((net) => [net.name, net] as const))(
    '%s: terms are added to results block by block',
    (_, net) => {
      const { inputs, body } = netOf(net, 'float32')
      const { net: program, dispose } = build(inputs, body, { target: 'wasm', threads: 1 })
      const kernels = source(program, { schedule: 'fast' }).split('\n\n')
      const gradient = kernels.find((text) => /= convKernel\(/.test(text))
      expect(gradient).toMatch(/\] = 0\n/)
      expect(gradient).toMatch(/\] (\+= |= \w+\[.*\+ )/)
      dispose()
    },
  )
})
