import { loadLayersModel } from 'gradloom/keras'
import { expect, it } from 'vitest'
import { expectClose } from './close'
import { mobileNet } from './nsfwjs'
import { tf } from './tfjs'

const SHAPE = [224, 224, 3] as const
/** Something like pictures: waves of a colour that goes with the class. */
function picture(kind: number, seed: number): tf.Tensor3D {
  const size = SHAPE[0] * SHAPE[1] * SHAPE[2]
  const wave = (i: number): number =>
    Math.sin((i / 3) * (0.01 + 0.02 * kind) + seed) * (i % 3 === kind ? 0.5 : 0.2) + 0.5
  return tf.tensor3d(
    Float32Array.from({ length: size }, (_, i) => wave(i)),
    [...SHAPE],
  )
}

it('a MobileNetV2 with weights of a byte each gives what TensorFlow.js gives, and its last layer learns', async () => {
  const { json, shards } = mobileNet()
  const { model, report } = await loadLayersModel(json, shards)
  expect(report).toEqual({ version: '2.2.4', notes: [] })
  const { modelTopology, weightsManifest } = json as {
    readonly modelTopology: object
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[]
  }
  const theirs = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0]!.weights,
      weightData: shards[0]!.buffer as ArrayBuffer,
    }),
  )
  expect(model.countParams()).toBe(theirs.countParams())
  const image = picture(1, 0.3)
  const wanted = theirs.predict(image.expandDims()) as tf.Tensor
  const x = [0, 1, 2, 3].map((i) => picture(i % 2, i).arraySync())
  expectClose('output', (await model.predict([image.arraySync()])) as Float32Array, wanted.dataSync(), 1e-4, 1e-4)

  const last = model.layers.at(-1)!
  for (const layer of model.layers) layer.trainable = layer === last
  const before = model.layers.map((layer) => layer.getWeights())
  model.compile({
    optimizer: { className: 'SGD', config: { learningRate: 0.05 } },
    loss: 'sparseCategoricalCrossentropy',
  })
  const { history } = await model.fit(x, [0, 1, 0, 1], { epochs: 4, batchSize: 4 })
  expect(history.loss!.at(-1)).toBeLessThan(history.loss![0]! / 2)
  const changed = model.layers.filter((layer, i) =>
    layer.getWeights().some((w, k) => Array.from(w).some((v, j) => v !== before[i]![k]![j])),
  )
  expect(changed).toEqual([last])
  model.dispose()
})
