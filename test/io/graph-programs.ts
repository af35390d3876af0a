import * as loom from 'gradloom'
import type { Tensor, Variable } from 'gradloom'

const { add, entry, matmul, mean, relu, tensor, variable } = loom

/** A classifier's loss, from scores and labels. */
const lossOf = (scores: Tensor, labels: Tensor): Tensor<[]> =>
  mean(loom.sparseSoftmaxCrossEntropy(scores as never, labels as never))

const glorot = (name: string, shape: readonly number[]): Variable =>
  variable(name, shape as readonly [number, number], loom.glorotUniform())
const zeros = (name: string, units: number): Variable => variable(name, [units], loom.zeros())
const labels = tensor(['B'], 'int32')

function mlp() {
  const [W1, b1, W2] = [glorot('W1', [6, 8]), zeros('b1', 8), glorot('W2', [8, 3])]
  const scores = (x: Tensor): Tensor => matmul(relu(add(matmul(x, W1), b1)), W2)
  return {
    train: entry({ x: tensor(['B', 6]), y: labels }, ({ x, y }) => {
      const dropped = loom.dropout(scores(x), 0.2)
      const loss = lossOf(dropped, y)
      return { outputs: { loss }, updates: loom.adam(loss, [W1, b1, W2] as never, { learningRate: 0.05 }) }
    }),
    predict: entry({ x: tensor(['B', 6]) }, ({ x }) => ({ outputs: { p: loom.softmax(scores(x)) } })),
  }
}

function cnn() {
  const [K, b, W] = [glorot('K', [3, 3, 1, 4]), zeros('b', 4), glorot('W', [36, 3])]
  return {
    train: entry({ x: tensor(['B', 6, 6, 1]), y: labels }, ({ x, y }) => {
      const h = relu(add(loom.conv2d(x as never, K as never, { padding: 'same' }), b))
      const pooled: Tensor = loom.maxPool2d(h as never)
      const loss = lossOf(matmul(loom.reshape(pooled, [x.shape[0], 36]), W), y)
      return { outputs: { loss }, updates: loom.sgd(loss, [K, b, W] as never, { learningRate: 0.1, momentum: 0.9 }) }
    }),
  }
}

function lstm() {
  const [W, U, b, V] = [glorot('W', [5, 16]), glorot('U', [4, 16]), zeros('b', 16), glorot('V', [4, 3])]
  return {
    train: entry({ x: tensor([7, 'B', 5]), y: labels }, ({ x, y }) => {
      const start: Tensor = loom.fill([x.shape[1], 4], 0)
      const { carry } = loom.scan({
        over: { x: x },
        carry: { h: start, c: start },
        step: ({ h, c }, { x }) => {
          const gates = add(add(matmul(x, W), matmul(h, U)), b)
          const [i, f, g, o] = loom.split(gates, 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor]
          const next = add(loom.mul(loom.sigmoid(f), c), loom.mul(loom.sigmoid(i), loom.tanh(g)))
          return { carry: { h: loom.mul(loom.sigmoid(o), loom.tanh(next)), c: next } }
        },
      })
      const loss = lossOf(matmul(carry.h, V), y)
      return { outputs: { loss }, updates: loom.rmsprop(loss, [W, U, b, V] as never, { learningRate: 0.01 }) }
    }),
  }
}

/** Training programs with an open size of batches, and what a batch of five feeds. */
export const PROGRAMS = { mlp, cnn, lstm } as const
export const BATCH = 5
const SAMPLE = { mlp: 6, cnn: 36, lstm: 35 } as const

export const feedsOf = (name: keyof typeof PROGRAMS, seed: number) => ({
  x: Float32Array.from({ length: BATCH * SAMPLE[name] }, (_, i) => Math.sin(1.3 * i + seed)),
  y: Int32Array.from({ length: BATCH }, (_, i) => (i + seed) % 3),
})
