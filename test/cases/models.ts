import {
  adam,
  add,
  type Entry,
  entry,
  matmul,
  meanSquaredError,
  mul,
  sgd,
  square,
  sub,
  tanh,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import type { Float } from './expect'
import type { Entries } from './modes'

export const XOR = {
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: [[0], [1], [1], [0]],
}

/** Two inputs, three hidden units, one output, from given weights: a training step, the loss and the prediction. */
export function xorNet(dtype: Float): Entries {
  const w1First = [
    [0.5, -0.3, 0.8],
    [-0.4, 0.9, 0.1],
  ]
  const w1 = variable('w1', [2, 3], w1First, { dtype })
  const b1 = variable('b1', [3], [0.1, -0.2, 0], { dtype })
  const w2 = variable('w2', [3, 1], [[0.7], [-0.6], [0.2]], { dtype })
  const b2 = variable('b2', [1], [0.05], { dtype })
  const predict = (x: Tensor<[4, 2], Float>) => add(matmul(tanh(add(matmul(x, w1), b1)), w2), b2)
  const specs = { x: tensor([4, 2], dtype), y: tensor([4, 1], dtype) }
  return {
    train: entry(specs, ({ x, y }) => {
      const loss = meanSquaredError(predict(x), y)
      return { outputs: { loss }, updates: sgd(loss, [w1, b1, w2, b2], { learningRate: 0.5 }) }
    }),
    loss: entry(specs, ({ x, y }) => ({ outputs: { loss: meanSquaredError(predict(x), y) } })),
    predict: entry({ x: specs.x }, ({ x }) => ({ outputs: { prediction: predict(x) } })),
  }
}

/** The parameter p under the loss 0.5 (p - 3)², by Adam as in Algorithm 1. */
export function bowl(dtype: Float): Entry {
  const p = variable('p', [], 0, { dtype })
  const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, epsilonPlacement: 'paper' } as const
  return entry({}, () => ({ outputs: {}, updates: adam(mul(0.5, square(sub(p, 3))), [p], options) }))
}

const BATCH = 4
const FEATURES = 16

/** A small model whose tensors are too large to hide in the heap of the engine: a step gives a number only. */
export function smallNet(): Entry {
  const w1 = variable('w1', [FEATURES, 24], 0.01)
  const b1 = variable('b1', [24], 0)
  const w2 = variable('w2', [24, FEATURES], 0.02)
  return entry({ x: tensor([BATCH, FEATURES]), y: tensor([BATCH, FEATURES]) }, ({ x, y }) => {
    const loss = meanSquaredError(matmul(tanh(add(matmul(x, w1), b1)), w2), y)
    return { outputs: { loss }, updates: sgd(loss, [w1, b1, w2], { momentum: 0.9 }) }
  })
}

export const smallFeeds = (): { readonly x: Float32Array; readonly y: Float32Array } => ({
  x: Float32Array.from({ length: BATCH * FEATURES }, (_, i) => Math.sin(i)),
  y: Float32Array.from({ length: BATCH * FEATURES }, (_, i) => Math.cos(i)),
})
