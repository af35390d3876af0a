// A small network tells two spirals apart. Open "Train" and watch the border between them bend.
import { adam, add, compile, entry, glorotUniform, matmul, mean, named, scope, sigmoid } from 'gradloom'
import { sigmoidCrossEntropy, tanh, tensor, type Tensor, variable, zeros } from 'gradloom'

const UNITS = 24
const W1 = variable('W1', [2, UNITS], glorotUniform())
const b1 = variable('b1', [UNITS], zeros())
const W2 = variable('W2', [UNITS, UNITS], glorotUniform())
const b2 = variable('b2', [UNITS], zeros())
const W3 = variable('W3', [UNITS, 1], glorotUniform())
const b3 = variable('b3', [1], zeros())

function logit(x: Tensor<[number, 2]>) {
  const h1 = scope('first', () => named('h1', tanh(add(matmul(x, W1), b1))))
  const h2 = scope('second', () => named('h2', tanh(add(matmul(h1, W2), b2))))
  return named('logit', add(matmul(h2, W3), b3))
}

export const net = compile({
  train: entry({ x: tensor(['B', 2]), y: tensor(['B', 1]) }, ({ x, y }) => {
    const loss = mean(sigmoidCrossEntropy(logit(x), y))
    return { outputs: { loss }, updates: adam(loss, [W1, b1, W2, b2, W3, b3], { learningRate: 0.01 }) }
  }),
  predict: entry({ x: tensor(['B', 2]) }, ({ x }) => ({ outputs: { p: sigmoid(logit(x)) } })),
})
