import {
  add,
  compile,
  entry,
  matmul,
  mean,
  relu,
  sgd,
  softmaxCrossEntropy,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { classifierData } from '../../../bench/data'

const BATCH = 32
const WIDTHS = [64, 32, 10] as const

/** The step of the bench's W1, a classifier 64-32-10 on batches of 32, ready to be timed. */
export function w1(target: 'js' | 'wasm'): { step: () => number; dispose: () => void } {
  const { x, y, layers } = classifierData(BATCH, WIDTHS)
  const all = layers.map(({ inputs, units, weights, bias }, i) => ({
    W: variable(`W${i}`, [inputs, units], weights),
    b: variable(`b${i}`, [units], bias),
  }))
  const net = compile(
    entry({ x: tensor([BATCH, WIDTHS[0]]), y: tensor([BATCH, WIDTHS[2]]) }, ({ x, y }) => {
      const logits = all.reduce<Tensor>((h, { W, b }, i) => add(matmul(i === 0 ? h : relu(h), W), b), x)
      const loss = mean(softmaxCrossEntropy(logits, y))
      const weights = all.flatMap(({ W, b }) => [W, b])
      return { outputs: { loss }, updates: sgd(loss, weights, { learningRate: 0.01 }) }
    }),
    { target, threads: 1 },
  )
  const feeds = { x, y }
  return { step: () => net(feeds).loss, dispose: () => net.dispose() }
}
