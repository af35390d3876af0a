// A convolutional network for images of 28 by 28 points: convolution, pooling and a dense layer, trained by Adam.
import { adam, add, compile, conv2d, entry, glorotUniform, heUniform, matmul, maxPool2d, mean } from 'gradloom'
import { named, relu, reshape, scope, softmax, sparseSoftmaxCrossEntropy, tensor, type Tensor } from 'gradloom'
import { variable, zeros } from 'gradloom'

const K1 = variable('K1', [3, 3, 1, 8], heUniform())
const b1 = variable('b1', [8], zeros())
const K2 = variable('K2', [3, 3, 8, 16], heUniform())
const b2 = variable('b2', [16], zeros())
const W = variable('W', [7 * 7 * 16, 10], glorotUniform())
const b = variable('b', [10], zeros())

function logits(x: Tensor<[number, 28, 28, 1]>) {
  const first = scope('conv1', () => maxPool2d(relu(add(conv2d(x, K1, { padding: 'same' }), b1))))
  const second = scope('conv2', () => maxPool2d(relu(add(conv2d(first, K2, { padding: 'same' }), b2))))
  return scope('dense', () => named('logits', add(matmul(reshape(second, [-1, 7 * 7 * 16]), W), b)))
}

export const net = compile({
  train: entry({ x: tensor(['B', 28, 28, 1]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
    const loss = mean(sparseSoftmaxCrossEntropy(logits(x), y))
    return { outputs: { loss }, updates: adam(loss, [K1, b1, K2, b2, W, b]) }
  }),
  predict: entry({ x: tensor(['B', 28, 28, 1]) }, ({ x }) => ({ outputs: { p: softmax(logits(x)) } })),
})
