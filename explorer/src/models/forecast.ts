// A GRU reads two weeks of weather and forecasts how much warmer or colder tomorrow is than today.
import { adam, add, compile, entry, glorotUniform, gru, matmul, mean, named, orthogonal } from 'gradloom'
import { reshape, slice, square, sub, tensor, type Tensor, variable, zeros } from 'gradloom'

const [DAYS, QUANTITIES, UNITS] = [14, 4, 16] as const
const kernel = variable('gru/kernel', [QUANTITIES, 3 * UNITS], glorotUniform())
const recurrentKernel = variable('gru/recurrent', [UNITS, 3 * UNITS], orthogonal())
const bias = variable('gru/bias', [2, 3 * UNITS], zeros())
const W = variable('W', [UNITS, 1], zeros())
const b = variable('b', [1], zeros())

/** Today and a change to it: with weights of zero, the forecast that tomorrow is like today. */
function forecast(x: Tensor<[number, typeof DAYS, typeof QUANTITIES]>) {
  const today = slice(x, [{}, { start: -1 }, { end: 1 }])
  const change = add(matmul(gru(x, { kernel, recurrentKernel, bias }).last, W), b)
  return named('forecast', add(reshape(today, [x.shape[0], 1]), change))
}

export const net = compile({
  train: entry({ x: tensor(['B', DAYS, QUANTITIES]), y: tensor(['B', 1]) }, ({ x, y }) => {
    const loss = mean(square(sub(forecast(x), y)))
    const updates = adam(loss, [kernel, recurrentKernel, bias, W, b], { learningRate: 0.003 })
    return { outputs: { loss }, updates }
  }),
  predict: entry({ x: tensor(['B', DAYS, QUANTITIES]) }, ({ x }) => ({ outputs: { y: forecast(x) } })),
})
