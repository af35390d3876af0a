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
