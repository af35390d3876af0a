import { dataset, FeedError, GraphError, loadState, saveState } from 'gradloom'
import { type Callback, callbacks, layers, optimizers, sequential, type Sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { readJson, writeJson } from '../../src/training/json'
import { PROGRESS_KEY } from '../../src/training/checkpoint'
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors'
import { classifier, x, y } from '../callbacks/models'

/** Batches that count how often they were closed; the one of a number is wrong. */
function watched(wrong = Infinity) {
  const seen = { closed: 0, given: 0 }
  const source = {
    async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
      try {
        for (;;) yield { x: seen.given++ === wrong ? [[1, 2, 3]] : [[1, 2]], y: [[1]] }
      } finally {
        seen.closed++
      }
    },
  }
  return { seen, source: source as never }
}
const fails: Callback = {
  onTestBegin: () => {
    throw new Error('mine')
  },
  onPredictBegin: () => {
    throw new Error('mine')
  },
}
type Pass = (net: Sequential, source: never, callbacks: readonly Callback[]) => Promise<unknown>
const PASSES: Readonly<Record<string, Pass>> = {
  fit: (net, source, callbacks) => net.fit(source, { stepsPerEpoch: 3, callbacks } as never),
  evaluate: (net, source, callbacks) => net.evaluate(source, { steps: 3, callbacks } as never),
  predict: (net, source, callbacks) => net.predict(source, { steps: 3, callbacks }),
}

describe.each(Object.entries(PASSES))('a source that %s goes through', (name, pass) => {
  it.each([0, 1, 2])('is closed where batch %d is wrong', async (wrong) => {
    const { seen, source } = watched(wrong)
    await expect(pass(classifier('js'), source, [])).rejects.toThrow(FeedError)
    expect(seen.closed).toBe(1)
  })

  it('is closed, or was never opened, where callbacks are wrong or fail', async () => {
    for (const callback of [{ onEpochEndd: () => {} }, { setModel: 3 }, fails] as unknown as Callback[]) {
      if (callback === fails && name === 'fit') continue
      const { seen, source } = watched()
      await expect(pass(classifier('js'), source, [callback])).rejects.toThrow()
      expect(seen.closed).toBe(seen.given > 0 ? 1 : 0)
    }
  })

  it('is closed in the end', async () => {
    const { seen, source } = watched()
    await pass(classifier('js'), source, [])
    expect(seen).toEqual({ closed: 1, given: 3 })
  })
})

it('an element that is nothing is no end of an epoch', async () => {
  for (const nothing of [undefined, null, 0]) {
    const elements = [{ x: [[1, 2]], y: [[1]] }, nothing, { x: [[1, 2]], y: [[1]] }]
    const source = { [Symbol.iterator]: () => elements[Symbol.iterator]() } as never
    await expect(classifier('js').fit(source)).rejects.toThrow(/fit: an element of the data must be/)
  }
})

it('what would never end is refused', async () => {
  const endless = dataset
    .from([{ x: [1, 2], y: [1] }])
    .batch(1)
    .repeat() as never
  const net = classifier('js')
  await expect(net.evaluate(endless)).rejects.toThrow('evaluate: the dataset is endless; give steps')
  await expect(net.predict(endless)).rejects.toThrow('predict: the dataset is endless; give steps')
  await expect(net.fit(x, y, { validationData: endless })).rejects.toThrow('validationData are endless; give validationSteps') // prettier-ignore
  await expect(net.fit(endless)).rejects.toThrow('fit: the dataset is endless; give stepsPerEpoch')
  expect(Object.keys(await net.evaluate(endless, { steps: 2 } as never))).toContain('loss')
  const { history } = await net.fit(x, y, { validationData: endless, validationSteps: 2 })
  expect(history).toHaveProperty('val_loss')
})

const bad = (): never => watched(1).source

it('an evaluation that fails leaves no trace', async () => {
  const plain = await classifier('js').fit(x, y, { batchSize: 3, epochs: 2, shuffle: false })
  const net = classifier('js')
  const failing: Callback = {
    onTrainBatchEnd: async () => {
      await expect(net.evaluate(bad(), { steps: 3 } as never)).rejects.toThrow(FeedError)
      expect(() => net.testOnBatch([[1, 2, 3]], [[1]])).toThrow(FeedError)
    },
  }
  const { history } = await net.fit(x, y, { batchSize: 3, epochs: 2, shuffle: false, callbacks: [failing] })
  expect(history).toEqual(plain.history)
})

it.each(['evaluate', 'predict'] as const)('weights come back where %s fails with averages', async (name) => {
  const net = classifier('js', { optimizer: optimizers.sgd({ learningRate: 0.5, useEma: true }) })
  for (const _ of [1, 2]) net.trainOnBatch(x, y)
  const before = net.getWeights().map((w) => [...(w as unknown as Float32Array)])
  await expect(net[name](bad(), { steps: 3, callbacks: [callbacks.swapEmaWeights()] } as never)).rejects.toThrow()
  expect(net.getWeights().map((w) => [...(w as unknown as Float32Array)])).toEqual(before)
})

describe('a checkpoint that is damaged', () => {
  const list = () => [
    callbacks.earlyStopping({ monitor: 'loss', restoreBestWeights: true }),
    callbacks.reduceLROnPlateau({ monitor: 'loss' }),
    callbacks.swapEmaWeights(),
  ]
  const made = () => classifier('js', { optimizer: optimizers.sgd({ learningRate: 0.5, useEma: true }) })
  const saved = async (): Promise<Uint8Array> => {
    let bytes: Uint8Array | undefined
    const save: Callback = {
      order: 'last',
      setRun: (run) => {
        save.onEpochEnd = () => void (bytes = run.checkpoint())
      },
      onEpochEnd: () => {},
    }
    await made().fit(x, y, { epochs: 2, batchSize: 3, callbacks: [...list(), save] })
    return bytes!
  }
  type Mutation = (progress: Record<string, never>) => void
  const set =
    (path: string, value: unknown): Mutation =>
    (progress) => {
      const keys = path.split('.')
      const last = keys.pop()!
      const holder = keys.reduce<Record<string, unknown>>((o, key) => o[key] as Record<string, unknown>, progress)
      holder[last] = value
    }
  const PATHS = [
    ...['epoch', 'batch', 'stopped', 'samples', 'sums', 'history', 'epochs', 'seed', 'fit', 'callbacks'],
    ...['sums.loss', 'history.loss', 'history.loss.0', 'epochs.0'],
    ...['early_stopping', 'reduce_lr_on_plateau', 'swap_ema_weights'].map((name) => `callbacks.${name}`),
    ...['wait', 'best', 'bestEpoch', 'stoppedEpoch', 'weights'].map((key) => `callbacks.early_stopping.${key}`),
    ...['wait', 'cooldown', 'best'].map((key) => `callbacks.reduce_lr_on_plateau.${key}`),
    'callbacks.swap_ema_weights.isSwapped',
  ]

  it.each(PATHS)('at %s is refused, and nothing is set', async (path) => {
    const { tensors, metadata } = decodeSafetensors(await saved())
    for (const value of [['x'], { x: 'y' }, '%%%', false] as const) {
      if (value === false && path.endsWith('isSwapped')) continue
      const progress = readJson(metadata[PROGRESS_KEY]!) as Record<string, never>
      set(path, value)(progress)
      // Records and lists of anything are what some of these are.
      if (path === 'callbacks' && typeof value === 'object' && !Array.isArray(value)) continue
      const bytes = encodeSafetensors(tensors, { ...metadata, [PROGRESS_KEY]: writeJson(progress) })
      const net = made()
      net.testOnBatch(x, y)
      const before = JSON.stringify(net.getWeights())
      let run: { restore(bytes: Uint8Array): void } | undefined
      const restoring: Callback = {
        order: 'last',
        setRun: (given) => {
          run = given
        },
        onTrainBegin: () => run!.restore(bytes),
      }
      await expect(
        net.fit(x, y, { epochs: 3, batchSize: 3, callbacks: [...list(), restoring] }),
        `${path} of ${JSON.stringify(value)}`,
      ).rejects.toThrow(GraphError)
      expect(JSON.stringify(net.getWeights())).toBe(before)
    }
  })
})

it('a state loads as it was saved', () => {
  const net = classifier('js')
  net.trainOnBatch(x, y)
  const bytes = saveState(net.program)
  expect(loadState(net.program as never, bytes)).toMatchObject({})
  expect(saveState(net.program as never)).toEqual(bytes)
})

it('options of a model are listed with those of programs', () => {
  const net = sequential([layers.dense({ units: 1, inputShape: [2] })])
  expect(() => net.compile({ optimiser: 'adam', loss: 'mse' } as never)).toThrow(
    /unknown option "optimiser"; known are optimizer, loss, lossWeights, metrics, weightedMetrics, seed/,
  )
})
