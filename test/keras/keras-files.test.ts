import { readdirSync, readFileSync } from 'node:fs'
import { loadH5, loadKeras, type Loaded } from 'gradloom/keras'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeNpy } from '../../src/formats/npy'
import { openHdf5 } from '../../src/keras/h5/open'
import { trainerOf } from '../../src/training/methods'
import { EntryWorkers } from '../training/worker'
import { expectClose } from './close'

const FOLDER = new URL('../fixtures/keras/models/', import.meta.url)
const fixture = (name: string): Uint8Array => readFileSync(new URL(name, FOLDER))
const FILES = readdirSync(FOLDER)
const MODELS = FILES.filter((name) => name.endsWith('.keras') || name.endsWith('.h5'))
/** Arrays beside a model, in the order of their names. */
const arrays = (model: string, kind: 'input' | 'output') => {
  const base = `${model.slice(0, model.lastIndexOf('.'))}.${kind}`
  return FILES.filter((name) => name.startsWith(base)).sort().map((name) => decodeNpy(fixture(name))) // prettier-ignore
}

let workers: EntryWorkers
beforeAll(async () => {
  workers = await EntryWorkers.prepare('h5-worker')
})
afterAll(() => workers.remove())

const load = (name: string): Promise<Loaded> =>
  (name.endsWith('.h5') ? loadH5 : loadKeras)(fixture(name), { worker: () => workers.start() })

describe('files that Keras wrote', () => {
  it('are all there', () => {
    expect(MODELS.length).toBe(12)
  })

  it.each(MODELS)('%s gives what Keras gives', async (name) => {
    const { model, report } = await load(name)
    expect(report).toEqual({ version: '3.0.5', notes: [] })
    const given = arrays(name, 'input')
    const x = model.inputs.map((input, i) => nested(given[i]!.shape, given[i]!.data))
    for (const target of ['js', 'wasm'] as const) {
      model.compile({ loss: model.outputs.map(() => 'mse'), target })
      const y = await model.predict((x.length === 1 ? x[0] : x) as never)
      const got = (model.outputs.length === 1 ? [y] : y) as unknown as readonly ArrayLike<number>[]
      arrays(name, 'output').forEach((wanted, i) =>
        expectClose(`output ${i} on ${target}`, got[i]!, wanted.data, 1e-5, 1e-6),
      )
    }
    model.dispose()
  })
})

describe('what a file was trained by', () => {
  it.each(['a_mlp.h5', 'a_mlp.keras'])('%s goes on where Adam was', async (name) => {
    const { model } = await load(name)
    expect(model.getCompileConfig()).toMatchObject({
      optimizer: { className: 'Adam', config: { learningRate: 0.0020000000949949026, beta1: 0.9 } },
      loss: [{ className: 'CategoricalCrossentropy' }],
      metrics: [['accuracy']],
    })
    // The legacy file has names for what each variable of the optimiser belongs to.
    const { datasets } = await openHdf5(fixture('a_mlp.h5'), { worker: () => workers.start() })
    const stored = (variable: string): ArrayLike<number> => datasets.get(`/optimizer_weights/${variable}`)!.data
    const { tensors } = trainerOf('test', model).state!
    let compared = 0
    for (const [key, { data }] of tensors) {
      const [, path, slot] = /^adam\/(.+)\/([mv])$/.exec(key) ?? []
      if (!path) continue
      expect(data).toEqual(stored(`${path.replace('/', '_')}_${slot === 'm' ? 'momentum' : 'velocity'}`))
      compared++
    }
    expect(compared).toBe(2 * model.weights.filter((w) => w.isTrained).length)
    const steps = stored('iteration')[0]!
    expect(tensors.get('adam/iterations')!.data[0]).toBe(steps)
    model.trainOnBatch(new Float32Array(6), Float32Array.of(1, 0, 0, 0))
    expect(trainerOf('test', model).scalar('iterations')).toBe(steps + 1)
    model.dispose()
  })
})

describe('a worker that reads', () => {
  it.each([Infinity, 30 * 24 * 3600 * 1000])('may take %d ms', async (deadline) => {
    const { datasets } = await openHdf5(fixture('a_mlp.h5'), { worker: () => workers.start(), deadline })
    expect(datasets.size).toBeGreaterThan(0)
  })

  it('is what a function makes', async () => {
    const started = workers.start()
    for (const worker of [started, {}, () => ({}), () => null, 'worker'])
      await expect(openHdf5(fixture('a_mlp.h5'), { worker } as never)).rejects.toThrow(/^loadH5: (what )?worker/)
    await started.terminate()
  })
})

function nested(shape: readonly number[], data: ArrayLike<number>): unknown {
  if (shape.length === 1) return Array.from(data)
  const size = data.length / shape[0]!
  return Array.from({ length: shape[0]! }, (_, i) =>
    nested(shape.slice(1), Array.prototype.slice.call(data, i * size, (i + 1) * size)),
  )
}
