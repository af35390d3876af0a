import {
  constant,
  entry,
  exp,
  grad,
  log,
  logSoftmax,
  logSumExp,
  mean,
  oneHot,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  sum,
  tensor,
  vjp,
} from 'gradloom'
import { type Case, numeric } from '../case'

const LOGITS = [1e4, 0, -1e4]

export const cases: readonly Case[] = [
  numeric('STB-1', {
    build: (dtype) =>
      entry({ z: tensor([3, 3], dtype), label: tensor([3], 'int32') }, ({ z, label }) => {
        const sparse = sparseSoftmaxCrossEntropy(z, label)
        const [gSparse] = grad(sum(sparse), [z])
        const dense = softmaxCrossEntropy(z, oneHot(label, 3, dtype))
        const [gDense] = grad(sum(dense), [z])
        return { outputs: { sparse, gSparse, dense, gDense } }
      }),
    feeds: { z: [LOGITS, LOGITS, LOGITS], label: [0, 1, 2] },
    expected: {
      sparse: [0, 1e4, 2e4],
      gSparse: [
        [0, 0, 0],
        [1, -1, 0],
        [1, 0, -1],
      ],
      dense: [0, 1e4, 2e4],
      gDense: [
        [0, 0, 0],
        [1, -1, 0],
        [1, 0, -1],
      ],
    },
  }),
  numeric('STB-2', {
    build: (dtype) =>
      entry({ z: tensor([2, 3], dtype), label: tensor([2], 'int32') }, ({ z, label }) => {
        const sparse = mean(sparseSoftmaxCrossEntropy(z, label))
        const [gSparse] = grad(sparse, [z])
        const dense = mean(softmaxCrossEntropy(z, oneHot(label, 3, dtype)))
        const [gDense] = grad(dense, [z])
        return { outputs: { sparse, gSparse, dense, gDense } }
      }),
    feeds: {
      z: [
        [300, 100, 100],
        [-100, 200, 500],
      ],
      label: [0, 1],
    },
    expected: {
      sparse: 150,
      gSparse: [
        [0, 0, 0],
        [0, -0.5, 0.5],
      ],
      dense: 150,
      gDense: [
        [0, 0, 0],
        [0, -0.5, 0.5],
      ],
    },
  }),
  numeric('STB-4', {
    build: (dtype) =>
      entry({ x: tensor([2, 2], dtype) }, ({ x }) => {
        const y = logSumExp(x, { axis: 1 })
        return { outputs: { y, g: grad(sum(y), [x])[0], built: log(sum(exp(x), { axis: 1 })) } }
      }),
    feeds: { x: [[-Infinity, -Infinity], [-Infinity, 1]] }, // prettier-ignore
    expected: { y: [-Infinity, 1], g: [[0, 0], [0, 1]], built: [-Infinity, 1] }, // prettier-ignore
  }),
  numeric('STB-6', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype) }, ({ x }) => {
        const y = logSoftmax(x)
        const [g] = vjp([y], [constant([0, 1, 0], { dtype })], [x])
        return { outputs: { y, g } }
      }),
    feeds: { x: [-Infinity, 0, 0] },
    expected: { y: [-Infinity, -0.6931471805599453, -0.6931471805599453], g: [0, 0.5, -0.5] },
  }),
  numeric('STB-7', {
    build: (dtype) =>
      entry({ z: tensor([3], dtype), y: tensor([3], dtype) }, ({ z, y }) => {
        const loss = sigmoidCrossEntropy(z, y)
        return { outputs: { loss, g: grad(sum(loss), [z])[0] } }
      }),
    feeds: { z: [-1000, 0, 1000], y: [1, 1, 0] },
    expected: { loss: [1000, 0.6931471805599453, 1000], g: [-1, -0.5, 1] },
  }),
]
