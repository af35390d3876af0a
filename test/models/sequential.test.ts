import { layers, sequential } from 'gradloom/nn'
import { GraphError } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

/** Rows of pictures, which the stack cannot take, and pictures, which it can. */
const wrong = [[1, 2, 3, 4, 5]]
const right = [[[1, 2, 3], [4, 5, 6]]] // prettier-ignore
const inner = () => sequential([layers.dense({ units: 4 })])
const stacks = {
  'a layer': () => sequential([layers.dense({ units: 4 }), layers.lstm({ units: 2 })]),
  'a model': () => sequential([inner(), layers.lstm({ units: 2 })]),
  'a layer with parts': () => sequential([layers.dense({ units: 4 }), layers.bidirectional({ layer: layers.lstm({ units: 2 }) })]), // prettier-ignore
}

describe('first values of weights', () => {
  const make = () => sequential([layers.dense({ units: 4, inputShape: [3] }), sequential([layers.dense({ units: 1 })])])
  const kinds: Readonly<Record<string, (net: ReturnType<typeof make>) => void>> = {
    'as soon as its inputs are known': () => undefined,
    'once it is compiled': (net) => net.compile({ optimizer: 'adam', loss: 'mse' }),
    'when another one runs': () => make().predictOnBatch([[1, 2, 3]]),
  }
  it.each(Object.entries(kinds))('are there %s, and are those that it runs with', (_, prepare) => {
    const net = make()
    prepare(net)
    const first = net.getWeights()
    expect(first.map((w) => w.length)).toEqual([12, 4, 4, 1])
    net.predictOnBatch([[1, 2, 3]])
    expect(net.getWeights()).toEqual(first)
    const other = make()
    other.setWeights(first)
    expect(other.predictOnBatch([[1, 2, 3]])).toEqual(net.predictOnBatch([[1, 2, 3]]))
  })
  it('are not there where inputs are not known', () => {
    expect(sequential([layers.dense({ units: 4 })]).getWeights()).toEqual([])
    expectFault(() => make().layers[0]!.getWeights(), GraphError, 'has no value yet', 'getWeights of its model')
  })
})

describe('a stack whose first samples do not fit its layers takes those that do', () => {
  it.each(Object.entries(stacks))('as data, for %s', (_, make) => {
    const net = make()
    expectFault(() => net.predictOnBatch(wrong), GraphError, 'LSTM: the input must be floats')
    expect(net.weights).toEqual([])
    expect(net.predictOnBatch(right)).toBeDefined()
    expect(net.weights[0]!.shape).toEqual([3, 4])
    net.dispose()
  })
  it.each(Object.entries(stacks))('by build, for %s', (_, make) => {
    const net = make()
    expectFault(() => net.build([5]), GraphError, 'LSTM: the input must be floats')
    expect(net.weights).toEqual([])
    net.build([2, 3])
    expect(net.weights[0]!.shape).toEqual([3, 4])
  })
  it('and keeps those that it had', () => {
    const net = sequential([layers.lstm({ units: 2 })])
    net.build([2, 3])
    const before = net.weights
    expectFault(() => net.build([5]), GraphError, 'LSTM: the input must be floats')
    expect(net.weights).toEqual(before)
    expect(net.inputs[0]!.shape).toEqual([null, 2, 3])
    expect(net.predictOnBatch(right)).toBeDefined()
    net.dispose()
  })
})
