/**
 * Why gradients: three ways to find better weights for the same small model, and what each of them costs.
 *
 *   npx tsx examples/why-gradients.ts
 *   npx tsx examples/why-gradients.ts --short      fewer weights and steps, to see that everything works
 */
import { compile, constant, entry, grad, matmul, mean, sparseSoftmaxCrossEntropy, tensor, type Tensor } from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { type Digits, loadDigits, PIXELS } from './lib/digits'
import { generator, shuffled } from './lib/shuffle'

const COUNT = 200
const SIDE = 14
const INPUTS = SIDE * SIDE
const WEIGHTS = INPUTS * 10

/**
 * The loss of a model without hidden layers as a function of its weights alone: the digits are constants. In float64,
 * so that differences of losses that are almost equal still mean something.
 */
export function program(digits: Digits) {
  const x = constant(halved(digits), { shape: [COUNT, INPUTS], dtype: 'float64' })
  const y = constant(digits.labels.subarray(0, COUNT), { shape: [COUNT], dtype: 'int32' })
  const lossOf = (W: Tensor<[196, 10], 'float64'>) => mean(sparseSoftmaxCrossEntropy(matmul(x, W), y))
  const W = tensor([INPUTS, 10], 'float64')
  return compile({
    loss: entry({ W }, ({ W }) => ({ outputs: { loss: lossOf(W) } })),
    gradient: entry({ W }, ({ W }) => {
      const loss = lossOf(W)
      const [d_W] = grad(loss, [W])
      return { outputs: { loss, d_W } }
    }),
  })
}
