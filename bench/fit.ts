// FIT: what `fit` costs beside a loop of one's own over the same entry and the same shuffled batches.
import { layers, losses, type Model, optimizers, sequential, shuffledOrder } from 'gradloom/nn'
import { normals, oneHotRows } from './data'
import { median } from './timer'
import { MLP } from './workloads'

/** Samples of an epoch, in batches of W1. */
const BATCHES = 200
const EPOCHS = { js: 5, wasm: 40 } as const
export type FitTarget = keyof typeof EPOCHS

export interface FitRow {
  readonly workload: 'FIT'
  readonly phase: 'fit'
  readonly size: string
  readonly target: FitTarget
  /** Microseconds of a step, medians. */
  readonly fit: number
  readonly loop: number
  /** How much longer a step of `fit` takes, the median over pairs of runs. */
  readonly overhead: number
  /** Whether the losses of all epochs are the same, bit for bit. */
  readonly same: boolean
}

function network(target: FitTarget): Model {
  const { widths } = MLP.W1
  const [features, hidden, classes] = widths
  const net = sequential(
    [layers.dense({ units: hidden, activation: 'relu', inputShape: [features] }), layers.dense({ units: classes })],
    { seed: 1 },
  )
  net.compile({
    optimizer: optimizers.sgd({ learningRate: 0.01 }),
    loss: losses.categoricalCrossentropy({ fromLogits: true }),
    target,
    threads: 1,
  })
  return net
}

/** Two models of the same weights, one trained by `fit`, the other by a plain loop, each in turn. */
export async function fitRow(target: FitTarget, windows: number): Promise<FitRow> {
  const { batch, widths } = MLP.W1
  const count = batch * BATCHES
  const epochs = EPOCHS[target]
  const x = normals(count * widths[0], 1, 5)
  const y = oneHotRows(count, widths.at(-1)!, 6)
  const options = { batchSize: batch, resident: true }
  const models = [network(target), network(target)] as const
  // The first run of each compiles; both models have then learnt the same.
  for (const net of models) await net.fit(x, y, { ...options, epochs })
  const fits = [1, 1]
  const loop = (net: Model, run: number): number[] => {
    const step = net.program.trainAt!
    const history: number[] = []
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = shuffledOrder(count, 1, run, epoch)
      let total = 0
      for (let at = 0; at < count; at += batch) {
        const { loss } = step({ index: order.subarray(at, at + batch) })
        total += (loss as number) * batch
      }
      history.push(total / count)
    }
    return history
  }
  const times: { fit: number; loop: number }[] = []
  let same = true
  for (let i = 0; i < Math.max(4, 2 * windows); i++) {
    // By turns: the engine may have made better code of one program than of the other.
    const role = i % 2
    const [fitted, looped] = role === 0 ? models : [models[1], models[0]]
    const begin = performance.now()
    const { history } = await fitted.fit(x, y, { ...options, epochs })
    const between = performance.now()
    const losses = loop(looped, fits[role]!++)
    const end = performance.now()
    same &&= losses.every((loss, epoch) => Object.is(loss, history.loss![epoch]))
    const each = 1000 / (epochs * BATCHES)
    times.push({ fit: (between - begin) * each, loop: (end - between) * each })
  }
  for (const net of models) net.dispose()
  return {
    workload: 'FIT',
    phase: 'fit',
    size: widths.join('-'),
    target,
    fit: median(times.map((t) => t.fit)),
    loop: median(times.map((t) => t.loop)),
    overhead: median(times.map((t) => t.fit / t.loop)) - 1,
    same,
  }
}

/** A line for people. */
export const fitText = ({ size, target, fit, loop, overhead, same }: FitRow): string =>
  `FIT ${size} ${target}: fit ${fit.toFixed(2)} us a step, a loop ${loop.toFixed(2)}, ` +
  `${overhead >= 0 ? '+' : ''}${(100 * overhead).toFixed(1)} %, losses ${same ? 'the same' : 'DIFFER'}`
