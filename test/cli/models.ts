/** Two layers as ops, with two named dimensions in one of its entries. */
export const MLP = `import { add, compile, entry, matmul, mean, named, relu } from 'gradloom'
import { sgd, softmax, sparseSoftmaxCrossEntropy, sum, tensor, variable } from 'gradloom'

const W1 = variable('W1', [8, 16], 0.1)
const b1 = variable('b1', [16], 0)
const W2 = variable('W2', [16, 3], 0.1)
const logits = (x: ReturnType<typeof input>) =>
  matmul(named('h', relu(add(matmul(x, W1), b1))), W2)
declare function input(): import('gradloom').Tensor<[number, 8]>

export const net = compile({
  train: entry({ x: tensor(['B', 8]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
    const loss = mean(sparseSoftmaxCrossEntropy(logits(x), y))
    return { outputs: { loss }, updates: sgd(loss, [W1, b1, W2], { learningRate: 0.1 }) }
  }),
  predict: entry({ x: tensor(['B', 8]) }, ({ x }) => ({ outputs: { p: softmax(logits(x)) } })),
  pairs: entry({ x: tensor(['B', 8]), z: tensor(['N', 8]) }, ({ x, z }) => ({
    outputs: { s: add(sum(x), sum(z)) },
  })),
})
`

/** The same size as layers, with a loss of labels. */
export const LAYERS = `import { layers, sequential } from 'gradloom/nn'

export const net = sequential([
  layers.dense({ units: 16, activation: 'relu', inputShape: [8] }),
  layers.dropout({ rate: 0.5 }),
  layers.dense({ units: 3, activation: 'softmax' }),
])
net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
`

/** Entries without named dimensions, and one that has one. */
export const MIXED = `import { add, compile, entry, tensor, variable } from 'gradloom'

const w = variable('w', [2], 1)
const fixed = entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: add(x, w) } }))
export const small = compile({ fixed, twice: fixed })
export const mixed = compile({
  fixed,
  free: entry({ x: tensor(['B', 2]) }, ({ x }) => ({ outputs: { y: add(x, w) } })),
})
`
