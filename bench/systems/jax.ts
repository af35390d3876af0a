import type * as Jax from '@jax-js/jax'
import type { Array as JaxArray } from '@jax-js/jax'
import { CNN, cnnData } from '../cnn'
import { CHAIN, chainData, classifierData, type LayerData, matrixData, tinyData } from '../data'
import { addedData, GATHER, type GatherPhase, indexData, probed, tableData } from '../gather'
import { LSTM, lstmData } from '../lstm'
import { hasRelaxedSimd } from '../relaxed'
import type { Step } from '../timer'
import { type Classifier, MLP } from '../workloads'
import type { Library } from './system'

type Lib = typeof Jax

/** jax-js on its WebAssembly backend, every step under jit. Inputs are arrays made beforehand; each step reads its result. */
export async function jax(relaxed: boolean): Promise<Library> {
  const lib = await import('@jax-js/jax')
  if (!(await lib.init('wasm')).includes('wasm')) throw new Error('the wasm backend does not start')
  lib.defaultDevice('wasm')
  if (relaxed && !hasRelaxedSimd()) throw new Error('this Node has no relaxed SIMD')
  return {
    classifier: (workload, phase) => ({ step: classifier(lib, workload, phase) }),
    chain: (phase) => ({ step: chain(lib, phase) }),
    product: (n) => ({ step: product(lib, n) }),
    tiny: () => ({ step: tiny(lib) }),
    cnn: (phase) => ({ step: cnn(lib, phase) }),
    lstm: (phase) => ({ step: lstm(lib, phase) }),
    gather: (phase) => ({ step: gathering(lib, phase) }),
  }
}

const arrayOf = ({ numpy }: Lib, values: Float32Array, shape: readonly number[]): JaxArray =>
  numpy.array(values).reshape(shape)

interface Layer {
  readonly w: JaxArray
  readonly b: JaxArray
}
type Weights = readonly JaxArray[]
const weightsOf = (lib: Lib, layers: readonly LayerData[]): Weights =>
  layers.flatMap(({ inputs, units, weights, bias }) => [
    arrayOf(lib, weights, [inputs, units]),
    arrayOf(lib, bias, [units]),
  ])
const layersOf = (weights: Weights): Layer[] =>
  weights.flatMap((w, i) => (i % 2 === 0 ? [{ w, b: weights[i + 1]! }] : []))
const dense = ({ numpy }: Lib, x: JaxArray, { w, b }: Layer): JaxArray => numpy.dot(x, w).add(b)

/** The step consumes the weights and gives the new ones; inputs are kept by one more reference. */
function trainer(
  lib: Lib,
  start: Weights,
  x: JaxArray,
  y: JaxArray,
  loss: (weights: Weights, x: JaxArray, y: JaxArray) => JaxArray,
): Step {
  const lossAndGradient = lib.valueAndGrad(loss)
  const run = lib.jit((weights: Weights, xs: JaxArray, ys: JaxArray): [JaxArray, Weights] => {
    const [cost, gradients] = lossAndGradient(lib.tree.ref(weights), xs, ys)
    return [cost, weights.map((w, i) => w.sub(gradients[i]!.mul(0.01)))]
  })
  let weights = start
  return () => {
    const [cost, next] = run(weights, x.ref, y.ref)
    weights = next
    return cost.dataSync()[0]!
  }
}

function classifier(lib: Lib, workload: Classifier, phase: 'train' | 'infer'): Step {
  const { batch, widths } = MLP[workload]
  const data = classifierData(batch, widths)
  const x = arrayOf(lib, data.x, [batch, data.features])
  const weights = weightsOf(lib, data.layers)
  const logits = (given: Weights, xs: JaxArray): JaxArray =>
    layersOf(given).reduce((h, layer, i) => dense(lib, i === 0 ? h : lib.nn.relu(h), layer), xs)
  if (phase === 'infer') {
    const run = lib.jit(logits)
    return () => run(lib.tree.ref(weights), x.ref).dataSync()[0]!
  }
  const y = arrayOf(lib, data.y, [batch, data.classes])
  return trainer(lib, weights, x, y, (given, xs, ys) => crossEntropy(lib, logits(given, xs), ys, batch))
}

const crossEntropy = ({ nn }: Lib, logits: JaxArray, labels: JaxArray, batch: number): JaxArray =>
  nn
    .logSoftmax(logits, -1)
    .mul(labels)
    .sum()
    .mul(-1 / batch)

function chain({ numpy, nn, jit, grad }: Lib, phase: 'forward' | 'gradient'): Step {
  const { scale, shift, gate, curve } = CHAIN
  const values = numpy.array(chainData())
  const forward = (x: JaxArray): JaxArray => {
    const gated = numpy.tanh(x.ref.mul(scale).add(shift)).mul(nn.sigmoid(x.ref.mul(gate)))
    return gated.sub(x.ref.mul(x).mul(curve))
  }
  const run = jit(phase === 'forward' ? forward : grad((x) => forward(x).sum()))
  return () => run(values.ref).dataSync()[0]!
}

function product(lib: Lib, n: number): Step {
  const { a, b } = matrixData(n)
  const [left, right] = [arrayOf(lib, a, [n, n]), arrayOf(lib, b, [n, n])]
  const run = lib.jit((l: JaxArray, r: JaxArray) => lib.numpy.matmul(l, r))
  return () => run(left.ref, right.ref).dataSync()[0]!
}

function tiny(lib: Lib): Step {
  const data = tinyData()
  const [x, y] = [arrayOf(lib, data.x, [1, 2]), arrayOf(lib, data.y, [1, 1])]
  return trainer(lib, weightsOf(lib, [data.hidden, data.output]), x, y, (weights, xs, ys) => {
    const [hidden, output] = layersOf(weights)
    const guess = lib.nn.sigmoid(dense(lib, lib.numpy.tanh(dense(lib, xs, hidden!)), output!))
    return lib.numpy.square(guess.sub(ys)).mean()
  })
}

/** With channels before rows and columns: it has no other convolution. */
function cnn(lib: Lib, phase: 'train' | 'infer'): Step {
  const { numpy, lax, nn } = lib
  const { batch, side, channels, window, pool, classes } = CNN
  const data = cnnData('nchw')
  const x = arrayOf(lib, data.x, [batch, channels[0], side, side])
  const weights = [
    ...data.convolutions.flatMap(({ inputs, outputs, kernel, bias }) => [
      arrayOf(lib, kernel, [outputs, inputs, window, window]),
      arrayOf(lib, bias, [outputs, 1, 1]),
    ]),
    ...weightsOf(lib, [{ ...data.dense, units: classes }]),
  ]
  const pooled = (h: JaxArray): JaxArray => lax.reduceWindow(h, (part) => numpy.max(part), [pool, pool], [pool, pool])
  const logits = (given: Weights, xs: JaxArray): JaxArray => {
    const layers = layersOf(given)
    const features = layers
      .slice(0, -1)
      .reduce((h, { w, b }) => pooled(nn.relu(lax.conv(h, w, [1, 1], 'SAME').add(b))), xs)
    return dense(lib, features.reshape([batch, data.dense.inputs]), layers.at(-1)!)
  }
  if (phase === 'infer') {
    const run = lib.jit(logits)
    return () => run(lib.tree.ref(weights), x.ref).dataSync()[0]!
  }
  const y = arrayOf(lib, data.y, [batch, classes])
  return trainer(lib, weights, x, y, (given, xs, ys) => crossEntropy(lib, logits(given, xs), ys, batch))
}

/** The inputs of all steps meet their weights in one product before the loop, which jit unrolls: it has no scan. */
function lstm(lib: Lib, phase: 'train' | 'infer'): Step {
  const { numpy, nn } = lib
  const { batch, steps, features, units, classes } = LSTM
  const data = lstmData()
  const x = arrayOf(lib, data.x, [steps, batch, features])
  const weights = [
    ...weightsOf(lib, [{ inputs: features, units: 4 * units, weights: data.input, bias: data.bias }, data.dense]),
    arrayOf(lib, data.recurrent, [units, 4 * units]),
  ]
  const logits = (given: Weights, xs: JaxArray): JaxArray => {
    const [input, output] = layersOf(given.slice(0, 4))
    const recurrent = given[4]!
    const projected = dense(lib, xs.reshape([steps * batch, features]), input!).reshape([steps, batch, 4 * units])
    let h = numpy.zeros([batch, units])
    let c = numpy.zeros([batch, units])
    for (const step of numpy.split(projected, steps, 0)) {
      const z = step.reshape([batch, 4 * units]).add(numpy.dot(h, recurrent.ref))
      const [i, f, g, o] = numpy.split(z, 4, 1)
      c = nn
        .sigmoid(f!)
        .mul(c)
        .add(nn.sigmoid(i!).mul(numpy.tanh(g!)))
      h = nn.sigmoid(o!).mul(numpy.tanh(c.ref))
    }
    c.dispose()
    recurrent.dispose()
    return dense(lib, h, output!)
  }
  if (phase === 'infer') {
    const run = lib.jit(logits)
    return () => run(lib.tree.ref(weights), x.ref).dataSync()[0]!
  }
  const y = arrayOf(lib, data.y, [batch, classes])
  return trainer(lib, weights, x, y, (given, xs, ys) => crossEntropy(lib, logits(given, xs), ys, batch))
}

/** It adds up by index as the gradient of `take` only. */
function gathering(lib: Lib, phase: GatherPhase): Step {
  const { numpy, jit, grad } = lib
  const { rows, width, count } = GATHER
  const place = probed(phase)
  const at = numpy.array(indexData())
  if (phase === 'gather') {
    const table = arrayOf(lib, tableData(), [rows, width])
    const run = jit((values: JaxArray, indices: JaxArray) => numpy.take(values, indices, 0))
    return () =>
      run(table.ref, at.ref)
        .slice(...place)
        .dataSync()[0]!
  }
  const table = numpy.zeros([rows, width])
  const added = arrayOf(lib, addedData(), [count, width])
  const run = jit((values: JaxArray, indices: JaxArray, cotangent: JaxArray) =>
    grad((x) => numpy.take(x, indices, 0).mul(cotangent).sum())(values),
  )
  return () =>
    run(table.ref, at.ref, added.ref)
      .slice(...place)
      .dataSync()[0]!
}
