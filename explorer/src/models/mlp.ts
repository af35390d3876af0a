// Two layers that classify, and a step of gradient descent. Point at a line, a node or a kernel: the others light up.
import { add, compile, entry, glorotUniform, matmul, mean, named, relu, scope, sgd } from 'gradloom'
import { softmaxCrossEntropy, tensor, variable, zeros } from 'gradloom'

const W1 = variable('W1', [64, 32], glorotUniform())
const b1 = variable('b1', [32], zeros())
const W2 = variable('W2', [32, 10], glorotUniform())
const b2 = variable('b2', [10], zeros())

export const net = compile({
  train: entry({ x: tensor(['B', 64]), y: tensor(['B', 10]) }, ({ x, y }) => {
    const hidden = scope('hidden', () => {
      const z1 = named('z1', add(matmul(x, W1), b1))
      return named('h', relu(z1))
    })
    const logits = named('logits', add(matmul(hidden, W2), b2))
    const loss = mean(softmaxCrossEntropy(logits, y))
    return { outputs: { loss }, updates: sgd(loss, [W1, b1, W2, b2], { learningRate: 0.1 }) }
  }),
})
