import {
  constant,
  constantInit,
  entry,
  grad,
  mean,
  softmax,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  sub,
  sum,
  tensor,
  type Tensor,
} from 'gradloom'
import { type FitOptions, layers, losses, metrics, optimizers, sequential } from 'gradloom/nn'
import { type Case, floats, numeric, type Trial } from '../case'
import { COMPILED, optionsOf } from '../modes'

const G = [[-0.2680923775585117, 0.21139513772146426, 0.0566972398370471]]

/** One epoch of a model that gives its inputs back and learns nothing; its loss is their mean. */
async function epochOf(trial: Trial, values: readonly number[], options: FitOptions) {
  const runs = []
  for (const mode of COMPILED) {
    trial.modes.add(mode)
    const net = sequential([
      layers.dense({ units: 1, useBias: false, kernelInitializer: constantInit(1), inputShape: [1] }),
    ])
    net.compile({
      optimizer: optimizers.sgd({ learningRate: 0 }),
      loss: (_: Tensor, prediction: Tensor) => mean(prediction, { axis: -1 }),
      metrics: [metrics.sum()],
      ...optionsOf(mode),
    })
    const x = values.map((v) => [v])
    const { history, params } = await net.fit(x, x, options)
    const evaluated = await net.evaluate(x, x, { batchSize: options.batchSize ?? 32 })
    runs.push({ mode, loss: history.loss![0]!, seen: history.sum![0]!, steps: params.steps, evaluated })
    net.dispose()
  }
  trial.note('emitted and wasm-emitted: a loop over data is not part of a module')
  return runs
}

async function unevenMeans(trial: Trial): Promise<void> {
  for (const { mode, loss, evaluated } of await epochOf(trial, [10, 10, 9], { batchSize: 2, shuffle: false })) {
    trial.check(loss === 29 / 3, `${mode}: the loss of the epoch is ${loss}`)
    trial.check(evaluated.loss === 29 / 3, `${mode}: the loss evaluated is ${evaluated.loss!}`)
  }
}

async function partialBatch(trial: Trial): Promise<void> {
  const digits = Array.from({ length: 10 }, (_, i) => i)
  // Powers of two: their sum tells whether each was seen, and once.
  const powers = digits.map((i) => 2 ** i)
  for (const shuffle of [false, true])
    for (const resident of [false, true]) {
      const options = { batchSize: 4, shuffle, resident }
      for (const { mode, loss, steps } of await epochOf(trial, digits, options)) {
        trial.check(steps === 3, `${mode}: ${steps} steps`)
        trial.check(loss === 4.5, `${mode}: the loss of the epoch is ${loss}`)
      }
      for (const { mode, seen } of await epochOf(trial, powers, options))
        trial.check(seen === 1023, `${mode}: the samples that were seen add up to ${seen}`)
    }
}

export const cases: readonly Case[] = [
  { id: 'LOS-1', run: unevenMeans },
  numeric('LOS-3', {
    build: (dtype) =>
      entry({ target: tensor([3], dtype), p: tensor([3], dtype) }, ({ target, p }) => {
        const mask = constant([1, 0, 1], { dtype: 'bool' })
        const loss = losses.lossValue(losses.meanAbsoluteError(), target, p, { mask }) as Tensor<[]>
        const metric = metrics.meanAbsoluteError()
        const first = Object.fromEntries(
          metric.states(target, p).map((s) => [s.name, constant(s.first ?? 0, { dtype: s.dtype })]),
        )
        return {
          outputs: { loss, g: grad(loss, [p])[0], metric: metric.result(metric.update(first, target, p, mask)) },
        }
      }),
    feeds: (dtype) => ({ target: floats(dtype, [0, 1, 1]), p: floats(dtype, [1, 0, 1]) }),
    expected: { loss: 0.5, g: [0.5, 0, 0], metric: 0.5 },
  }),
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
  { id: 'LOS-7', run: partialBatch },
]
