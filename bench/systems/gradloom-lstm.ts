import { add, fill, matmul, mul, scan, sigmoid, split, tanh, tensor, type Tensor, variable } from 'gradloom'
import { LSTM, lstmData } from '../lstm'
import type { Network } from './gradloom-classifier'

/** The classifier of sequences. */
export function lstmNetwork(): Network {
  const { batch, steps, features, units, classes } = LSTM
  const data = lstmData()
  const examples = {
    x: data.x,
    y: data.y,
    xs: tensor([steps, batch, features]),
    ys: tensor([batch, classes]),
  }
  const make: Network['make'] = () => {
    const input = variable('lstm/input', [features, 4 * units], data.input)
    const recurrent = variable('lstm/recurrent', [units, 4 * units], data.recurrent)
    const bias = variable('lstm/b', [4 * units], data.bias)
    const w = variable('dense/w', [units, classes], data.dense.weights)
    const b = variable('dense/b', [classes], data.dense.bias)
    const cell = (x: Tensor, h: Tensor, c: Tensor) => {
      const z = add(add(matmul(x, input), matmul(h, recurrent)), bias)
      const [i, f, g, o] = split(z, 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor]
      const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
      return { h: mul(sigmoid(o), tanh(next)), c: next }
    }
    return {
      variables: [input, recurrent, bias, w, b],
      logits: (sequences) => {
        const start: Tensor = fill([batch, units], 0)
        const { carry } = scan({
          over: { x: sequences },
          carry: { h: start, c: start },
          step: ({ h, c }, { x }) => ({ carry: cell(x, h, c) }),
        })
        return add(matmul(carry.h, w), b)
      },
    }
  }
  return { examples, make }
}
