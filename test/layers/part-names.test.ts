import { add, GraphError } from 'gradloom'
import { type AnyLayer, defineLayer, input, type Layer, layers, model, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

const dense = (name?: string) => layers.dense({ units: 2, useBias: false, ...(name === undefined ? {} : { name }) })
/** A layer of those parts, whose results it adds. */
const both = (parts: () => Record<string, AnyLayer>) =>
  defineLayer({
    className: 'Both',
    name: 'both',
    options: {},
    parts,
    call: ([x], _, at) =>
      Object.values(at.parts)
        .map((part) => at.layer(part, x!)[0]!)
        .reduce(add),
  })()
/** The names of its weights in a model. */
function namesOf(layer: AnyLayer, ...shapes: readonly (readonly number[])[]): (string | undefined)[] {
  const inputs = (shapes.length === 0 ? [[3, 2]] : shapes).map((shape) => input({ shape }))
  const net = model({ inputs, outputs: (layer as Layer)(inputs) })
  net.getWeights()
  return net.weights.map((w) => w.variable?.name)
}

describe('weights of the parts of a layer of one’s own', () => {
  it('have the keys of the parts in their names', () => {
    expect(namesOf(both(() => ({ tok: dense(), pos: dense() })))).toEqual(['both/tok/kernel', 'both/pos/kernel'])
    expect(namesOf(both(() => ({ only: dense() })))).toEqual(['both/only/kernel'])
  })

  it('have the names of parts that were given one', () => {
    expect(namesOf(both(() => ({ tok: dense('a'), pos: dense() })))).toEqual(['both/a/kernel', 'both/pos/kernel'])
  })

  it('are named so in parts of parts and in models', () => {
    const outer = both(() => ({ a: both(() => ({ c: dense(), d: dense() })), b: sequential([dense(), dense()]) }))
    expect(namesOf(outer)).toEqual([
      'both/a/c/kernel',
      'both/a/d/kernel',
      'both/b/dense/kernel',
      'both/b/dense_1/kernel',
    ])
  })

  it('train, and go through a file by these names', async () => {
    const make = (seed: number) =>
      sequential([input({ shape: [2] }), both(() => ({ a: dense(), b: dense() }))], { name: 'net', seed })
    const [net, other] = [make(0), make(1)]
    net.compile({ optimizer: 'adam', loss: 'mse' })
    const before = net.getWeights().map(String)
    await net.fit([[1, 2]], [[3, 4]])
    net.getWeights().forEach((w, i) => expect(String(w)).not.toBe(before[i]))
    other.loadWeights(net.saveWeights())
    expect(other.getWeights()).toEqual(net.getWeights())
  })

  it('are refused where two have one name', () => {
    const same = both(() => ({ tok: dense('a'), pos: dense('a') }))
    expectFault(() => same(input({ shape: [2] })), GraphError, 'layer "both" (Both)', 'tok, pos', '"a"', 'of its own')
    const taken = both(() => ({ tok: dense('pos'), pos: dense() }))
    expectFault(() => taken(input({ shape: [2] })), GraphError, 'tok, pos', '"pos"')
  })
})

describe('names that stand in files', () => {
  const lstm = () => layers.lstm({ units: 1 })
  const NAMES: readonly (readonly [string, AnyLayer, readonly (readonly number[])[], readonly string[]])[] = [
    ['a layer of each step', layers.timeDistributed({ layer: dense() }), [], ['time_distributed/dense/kernel']],
    ['one with a name', layers.timeDistributed({ layer: dense('own') }), [], ['time_distributed/own/kernel']],
    ['a model of each step', layers.timeDistributed({ layer: sequential([dense()]) }), [], ['time_distributed/sequential/dense/kernel']],
    ['a norm', layers.spectralNormalization({ layer: dense() }), [], ['spectral_normalization/dense/kernel']],
    ['a cell', layers.rnn({ cell: layers.lstmCell({ units: 1 }) }), [], ['rnn/lstm_cell/kernel']],
    ['both directions', layers.bidirectional({ layer: lstm() }), [], ['bidirectional/forward_lstm/lstm_cell/kernel', 'bidirectional/backward_lstm/lstm_cell/kernel']],
    ['directions of each step', layers.timeDistributed({ layer: layers.bidirectional({ layer: lstm() }) }), [[2, 3, 2]], ['time_distributed/bidirectional/forward_lstm/lstm_cell/kernel', 'time_distributed/bidirectional/backward_lstm/lstm_cell/kernel']],
    ['stacked cells', layers.rnn({ cell: layers.stackedRNNCells({ cells: [layers.gruCell({ units: 1 }), layers.gruCell({ units: 1 })] }) }), [], ['rnn/stacked_rnn_cells/gru_cell/kernel', 'rnn/stacked_rnn_cells/gru_cell_1/kernel']],
    ['attention', layers.multiHeadAttention({ numHeads: 1, keyDim: 2 }), [[3, 2], [3, 2]], ['query', 'key', 'value', 'attention_output'].map((part) => `multi_head_attention/${part}/kernel`)],
  ] // prettier-ignore
  it.each(NAMES)('%s', (_, layer, shapes, names) => {
    expect(namesOf(layer, ...shapes).filter((name) => name?.endsWith('/kernel'))).toEqual(names)
  })
})
