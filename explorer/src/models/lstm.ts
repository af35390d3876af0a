// A long short-term memory over 28 steps, written out as a scan. Its gradient is a scan that runs the other way.
import { add, compile, entry, fill, glorotUniform, matmul, mean, mul, named, scan, scope, sgd, sigmoid } from 'gradloom'
import { sparseSoftmaxCrossEntropy, split, tanh, tensor, type Tensor, transpose, variable, zeros } from 'gradloom'

const UNITS = 32
const kernel = variable('kernel', [28, 4 * UNITS], glorotUniform())
const recurrent = variable('recurrent', [UNITS, 4 * UNITS], glorotUniform())
const bias = variable('bias', [4 * UNITS], zeros())
const V = variable('V', [UNITS, 10], glorotUniform())

export const net = compile({
  train: entry({ images: tensor(['B', 28, 28]), y: tensor(['B'], 'int32') }, ({ images, y }) => {
    const batch = images.shape[0]
    const rows = transpose(images, [1, 0, 2])
    const start = fill([batch, UNITS], 0)
    const { carry } = scope('lstm', () =>
      scan({
        over: { x: rows },
        carry: { h: start, c: start },
        step: ({ h, c }, { x }) => {
          const gates = named('gates', add(add(matmul(x, kernel), matmul(h, recurrent)), bias))
          const [write, keep, show, candidate] = split(gates, 4, { axis: 1 }) as [Tensor, Tensor, Tensor, Tensor]
          const cell = named('cell', add(mul(sigmoid(keep), c), mul(sigmoid(write), tanh(candidate))))
          return { carry: { h: mul(sigmoid(show), tanh(cell)), c: cell } }
        },
      }),
    )
    const logits = named('logits', matmul(carry.h, V))
    const loss = mean(sparseSoftmaxCrossEntropy(logits, y))
    return { outputs: { loss }, updates: sgd(loss, [kernel, recurrent, bias, V], { learningRate: 0.1 }) }
  }),
})
