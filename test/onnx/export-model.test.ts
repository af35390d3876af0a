import { layers, type Model, sequential } from 'gradloom/nn'
import { writeOnnx } from 'gradloom/onnx'
import { expect, it } from 'vitest'
import { normals, oneHotRows } from '../../bench/data'
import { expectClose, exported, fed } from './ort'

const [ROWS, FEATURES, CLASSES] = [16, 4, 3]

/** Drawn numbers, running statistics, slots of an optimiser and counters of metrics. */
function fitted(): Promise<Model> {
  const model = sequential([
    layers.dense({ units: 8, activation: 'gelu', inputShape: [FEATURES] }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: CLASSES, activation: 'softmax' }),
  ])
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  return model.fit(x, y, { epochs: 2, batchSize: ROWS, verbose: 0 }).then(() => model)
}
const x = rows(normals(ROWS * FEATURES, 1, 1), FEATURES)
const y = rows(oneHotRows(ROWS, CLASSES, 2), CLASSES)

function rows(values: Float32Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => [...values.subarray(i * width, (i + 1) * width)])
}

it('a model is its predictions', async () => {
  const model = await fitted()
  await model.predict(x)
  const file = await exported(model)
  const [input] = file.inputs
  const found = Object.values(await file.run(fed(model.program.predict, file.inputs, { [input!]: x.flat() })))
  const ours = (await model.predict(x)) as unknown as Float32Array
  expect(found.length).toBe(1)
  expectClose(found[0]!, ours, 1e-5, 'predictions')
})

it('has the weights that the model has, wherever they were set last', async () => {
  const model = await fitted()
  await model.predict(x)
  model.setWeights(model.getWeights().map((w) => Array.from(w, (v) => v / 2 + 0.1)))
  const file = await exported(model)
  const found = Object.values(await file.run(fed(model.program.predict, file.inputs, { [file.inputs[0]!]: x.flat() })))
  expectClose(found[0]!, await model.predict(x), 1e-5, 'predictions')
})

it('its training step goes on where it stopped, drawn numbers included', async () => {
  const model = await fitted()
  const { train } = model.program
  const file = await exported(model, { entry: 'train' })
  const [a, b] = file.inputs
  for (let step = 1; step <= 5; step++) {
    const feeds = { [a!]: x.flat(), [b!]: y.flat() }
    const results = await file.run(fed(train!, file.inputs, feeds))
    const { loss } = (train as unknown as (feeds: unknown) => { loss: number })({ [a!]: x, [b!]: y })
    expectClose(results['loss']!, [loss], step * 1e-5, `loss of step ${step}`)
  }
})

it('an older opset than drawn numbers need is refused', async () => {
  const model = await fitted()
  expect(() => writeOnnx(model, { entry: 'train', opset: 17 })).toThrow(/entry "train".*opset 18/)
  expect(() => writeOnnx(model, { entry: 'training' })).toThrow(/no entry "training"; there are train, evaluate/)
})
