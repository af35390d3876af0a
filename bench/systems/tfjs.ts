import { createRequire } from 'node:module'
import type * as Tfjs from '@tensorflow/tfjs'
import type { Scalar, Tensor, Tensor4D, Variable } from '@tensorflow/tfjs'
import { CNN, cnnData } from '../cnn'
import { CHAIN, chainData, classifierData, type LayerData, matrixData, tinyData } from '../data'
import { addedData, GATHER, type GatherPhase, indexData, probed, tableData } from '../gather'
import { LSTM, lstmData } from '../lstm'
import type { Step } from '../timer'
import { type Classifier, MLP } from '../workloads'
import type { Library } from './system'

export type Tf = typeof Tfjs

export async function loadTfjs(backend: 'cpu' | 'wasm', register = (): void => {}): Promise<Tf> {
  const warn = console.warn
  console.warn = () => {} // it recommends its native package at load
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as Tf
  register()
  const found = await tf.setBackend(backend)
  await tf.ready()
  console.warn = warn
  if (!found) throw new Error(`the backend ${backend} does not start`)
  tf.enableProdMode()
  return tf
}

/** The workloads in TensorFlow.js. Inputs are tensors made beforehand; each step reads its result. */
export const tfjsLibrary = (tf: Tf): Library => ({
  classifier: (workload, phase) => ({ step: classifier(tf, workload, phase) }),
  chain: (phase) => ({ step: chain(tf, phase) }),
  product: (n) => ({ step: product(tf, n) }),
  tiny: () => ({ step: tiny(tf) }),
  cnn: (phase) => ({ step: cnn(tf, phase) }),
  lstm: (phase) => ({ step: lstm(tf, phase) }),
  gather: (phase) => ({ step: gathering(tf, phase) }),
})

interface Weights {
  readonly w: Variable
  readonly b: Variable
}
const weightsOf = (tf: Tf, { inputs, units, weights, bias }: LayerData): Weights => ({
  w: tf.variable(tf.tensor(weights, [inputs, units])),
  b: tf.variable(tf.tensor(bias, [units])),
})
const dense = (tf: Tf, x: Tensor, { w, b }: Weights): Tensor => tf.add(tf.matMul(x, w), b)

const first = (tf: Tf, run: () => Tensor): Step => {
  return () => tf.tidy(() => run().dataSync()[0]!)
}

const trainer = (tf: Tf, layers: readonly Weights[], loss: () => Tensor): Step =>
  training(
    tf,
    layers.flatMap(({ w, b }) => [w, b]),
    loss,
  )

function training(tf: Tf, variables: readonly Variable[], loss: () => Tensor): Step {
  const optimizer = tf.train.sgd(0.01)
  return () => {
    const cost = optimizer.minimize(loss as () => Scalar, true, [...variables])!
    const value = cost.dataSync()[0]!
    cost.dispose()
    return value
  }
}

function classifier(tf: Tf, workload: Classifier, phase: 'train' | 'infer'): Step {
  const { batch, widths } = MLP[workload]
  const data = classifierData(batch, widths)
  const x = tf.tensor(data.x, [batch, data.features])
  const y = tf.tensor(data.y, [batch, data.classes])
  const layers = data.layers.map((layer) => weightsOf(tf, layer))
  const logits = (): Tensor =>
    layers.reduce((h, layer, i) => (i === 0 ? dense(tf, h, layer) : dense(tf, tf.relu(h), layer)), x)
  return phase === 'infer' ? first(tf, logits) : trainer(tf, layers, () => tf.losses.softmaxCrossEntropy(y, logits()))
}

function chain(tf: Tf, phase: 'forward' | 'gradient'): Step {
  const { size, scale, shift, gate, curve } = CHAIN
  const values = tf.tensor(chainData(), [size])
  const forward = (x: Tensor): Tensor =>
    tf.sub(tf.mul(tf.tanh(tf.add(tf.mul(x, scale), shift)), tf.sigmoid(tf.mul(x, gate))), tf.mul(tf.square(x), curve))
  const run = phase === 'forward' ? forward : tf.grad(forward)
  return first(tf, () => run(values))
}

function product(tf: Tf, n: number): Step {
  const { a, b } = matrixData(n)
  const left = tf.tensor(a, [n, n])
  const right = tf.tensor(b, [n, n])
  return first(tf, () => tf.matMul(left, right))
}

function tiny(tf: Tf): Step {
  const data = tinyData()
  const x = tf.tensor(data.x, [1, 2])
  const y = tf.tensor(data.y, [1, 1])
  const hidden = weightsOf(tf, data.hidden)
  const output = weightsOf(tf, data.output)
  return trainer(tf, [hidden, output], () => {
    const guess = tf.sigmoid(dense(tf, tf.tanh(dense(tf, x, hidden)), output))
    return tf.mean(tf.square(tf.sub(guess, y)))
  })
}

function cnn(tf: Tf, phase: 'train' | 'infer'): Step {
  const { batch, side, channels, window, pool, classes } = CNN
  const data = cnnData('nhwc')
  const x = tf.tensor(data.x, [batch, side, side, channels[0]])
  const y = tf.tensor(data.y, [batch, classes])
  const convolutions = data.convolutions.map(({ inputs, outputs, kernel, bias }) => ({
    w: tf.variable(tf.tensor(kernel, [window, window, inputs, outputs])),
    b: tf.variable(tf.tensor(bias, [outputs])),
  }))
  const output = weightsOf(tf, { ...data.dense, units: classes })
  const logits = (): Tensor => {
    const features = convolutions.reduce<Tensor>(
      (h, { w, b }) =>
        tf.maxPool(
          tf.relu(tf.add(tf.conv2d(h as Tensor4D, w as Tensor4D, 1, 'same'), b)) as Tensor4D,
          pool,
          pool,
          'valid',
        ),
      x,
    )
    return dense(tf, tf.reshape(features, [batch, data.dense.inputs]), output)
  }
  if (phase === 'infer') return first(tf, logits)
  return trainer(tf, [...convolutions, output], () => tf.losses.softmaxCrossEntropy(y, logits()))
}

/** The inputs of all steps meet their weights in one product before the loop. */
function lstm(tf: Tf, phase: 'train' | 'infer'): Step {
  const { batch, steps, features, units, classes } = LSTM
  const data = lstmData()
  const x = tf.tensor(data.x, [steps * batch, features])
  const y = tf.tensor(data.y, [batch, classes])
  const input = weightsOf(tf, { inputs: features, units: 4 * units, weights: data.input, bias: data.bias })
  const recurrent = tf.variable(tf.tensor(data.recurrent, [units, 4 * units]))
  const output = weightsOf(tf, data.dense)
  const logits = (): Tensor => {
    let h = tf.zeros([batch, units])
    let c = h
    for (const projected of tf.unstack(tf.reshape(dense(tf, x, input), [steps, batch, 4 * units]), 0)) {
      const [i, f, g, o] = tf.split(tf.add(projected, tf.matMul(h, recurrent)), 4, 1)
      c = tf.add(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)))
      h = tf.mul(tf.sigmoid(o!), tf.tanh(c))
    }
    return dense(tf, h, output)
  }
  if (phase === 'infer') return first(tf, logits)
  const variables = [input.w, input.b, recurrent, output.w, output.b]
  return training(tf, variables, () => tf.losses.softmaxCrossEntropy(y, logits()))
}

/** `unsortedSegmentSum`, by which it differentiates `gather`, goes over all rows once for each row of the table: not this. */
function gathering(tf: Tf, phase: GatherPhase): Step {
  const { rows, width, count } = GATHER
  const place = [...probed(phase)]
  const read = (run: () => Tensor): Step => first(tf, () => tf.slice(run(), place, [1, 1]))
  if (phase === 'gather') {
    const table = tf.tensor(tableData(), [rows, width])
    const at = tf.tensor(indexData(), [count], 'int32')
    return read(() => tf.gather(table, at, 0))
  }
  const added = tf.tensor(addedData(), [count, width])
  const at = tf.tensor(indexData(), [count, 1], 'int32')
  return read(() => tf.scatterND(at, added, [rows, width]))
}
