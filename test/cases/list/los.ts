import { entry, grad, softmax, softmaxCrossEntropy, sparseSoftmaxCrossEntropy, sub, sum, tensor } from 'gradloom'
import { type Case, numeric, pending } from '../case'

const G = [[-0.2680923775585117, 0.21139513772146426, 0.0566972398370471]]

export const cases: readonly Case[] = [
  pending('LOS-1', 'a training loop over uneven batches'),
  pending('LOS-3', 'mean absolute error with a mask'),
  numeric('LOS-5', {
    build: (dtype) =>
      entry(
        { z: tensor([1, 3], dtype), label: tensor([1], 'int32'), target: tensor([1, 3], dtype) },
        ({ z, label, target }) => {
          const sparse = sum(sparseSoftmaxCrossEntropy(z, label, { labelSmoothing: 0.1 }))
          const dense = sum(softmaxCrossEntropy(z, target, { labelSmoothing: 0.1 }))
          const [gSparse] = grad(sparse, [z])
          const [gDense] = grad(dense, [z])
          // The gradient is softmax - target.
          return { outputs: { sparse, gSparse, dense, gDense, smoothed: sub(softmax(z), gDense) } }
        },
      ),
    feeds: { z: [[2, 1, 0]], label: [0], target: [[1, 0, 0]] },
    expected: {
      sparse: 0.5076059644443806,
      dense: 0.5076059644443806,
      gSparse: G,
      gDense: G,
      smoothed: [[0.9333333333333333, 0.03333333333333333, 0.03333333333333333]],
    },
  }),
  pending('LOS-7', 'a training loop over uneven batches'),
]
