import { describe, expect, it } from 'vitest'
import { type AnyModel, layers, sequential } from 'gradloom/nn'
import { loadLayersModel, saveLayersModel } from 'gradloom/keras'
import { expectClose } from './close'
import { scatter, tf, values, written } from './tfjs'
import { ZOO } from './tfjs-zoo'

const flat = (x: unknown): ArrayLike<number> => x as ArrayLike<number>

describe('models that TensorFlow.js wrote', () => {
  it.each(Object.entries(ZOO))('%s gives the same here', async (_, make) => {
    const model = make()
    scatter(model)
    const { json, shards } = await written(model)
    const { model: mine, report } = await loadLayersModel(json, shards)
    expect(report.notes.filter(({ at }) => at !== 'weightsManifest')).toEqual([])
    const feeds = model.inputs.map((x, i) => {
      const shape = x.shape.map((d) => d ?? 3)
      const drawn = values(
        shape.reduce((a, b) => a * b, 1),
        i + 1,
      )
      const isIndex = model.layers.some((l) => l.getClassName() === 'Embedding')
      return { shape, data: isIndex ? drawn.map((v) => Math.floor(Math.abs(v) * 4.99)) : drawn }
    })
    const theirs = model.predict(feeds.map(({ shape, data }) => tf.tensor(data, shape)))
    const wanted = (Array.isArray(theirs) ? theirs : [theirs]).map((t) => t.dataSync())
    const got = await predicted(mine, feeds)
    wanted.forEach((w, i) => expectClose(`output ${i}`, got[i]!, w, 1e-5, 1e-6))
  })
})

describe('what a layers-model was trained by', () => {
  const made = () => {
    const { modelJson, weights } = saveLayersModel(sequential([layers.dense({ units: 1, inputShape: [2] })]))
    const { modelTopology, ...rest } = JSON.parse(JSON.stringify(modelJson)) as { modelTopology: object }
    return { modelTopology, rest, weights }
  }
  const adam = (name: string) => ({
    optimizer_config: { class_name: name, config: { learning_rate: 0.25 } },
    loss: 'mean_squared_error',
    metrics: ['mae'],
  })

  it.each(['trainingConfig', 'training_config'])('is what it goes on by: %s', async (key) => {
    const { modelTopology, rest, weights } = made()
    const whole =
      key === 'trainingConfig'
        ? { ...rest, modelTopology, trainingConfig: adam('Adam') }
        : { ...rest, modelTopology: { ...modelTopology, training_config: adam('Adam') } }
    const { model, report } = await loadLayersModel(whole, [weights])
    expect(report.notes).toEqual([])
    expect(model.learningRate).toBe(0.25)
    const { history } = await model.fit([[1, 2]], [[3]])
    expect(Object.keys(history)).toEqual(['loss', 'mae'])
  })

  it('is noted where there is none of it here', async () => {
    const { modelTopology, rest, weights } = made()
    const { model, report } = await loadLayersModel({ ...rest, modelTopology, trainingConfig: adam('Mine') }, [weights])
    expect(report.notes.map(({ key, why }) => `${key}: ${why}`).join()).toMatch(/^compile: .*Mine/)
    expect(model.learningRate).toBeUndefined()
  })
})

async function predicted(
  model: AnyModel,
  feeds: readonly { shape: number[]; data: number[] }[],
): Promise<ArrayLike<number>[]> {
  const nested = feeds.map(({ shape, data }) => tf.tensor(data, shape).arraySync())
  const y = await model.predict(feeds.length === 1 ? (nested[0] as never) : nested)
  return model.outputs.length === 1 ? [flat(y)] : (y as unknown as ArrayLike<number>[])
}
