import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { add, compile, entry, tensor, variable } from 'gradloom'
import { load as loadState, loadModelFile, loadModelWeights, saveModelFile, saveModelWeights } from 'gradloom/node'
import {
  type AnyModel,
  input,
  layers,
  loadModel,
  losses,
  metrics,
  optimizers,
  saveModel,
  schedules,
  sequential,
} from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors'
import { KINDS, samplesOf, targetsFor } from './zoo'

const TARGETS = ['js', 'wasm'] as const

/** Everything that a model was trained to, and what its next runs give. */
async function goesOn(net: AnyModel, x: unknown, y: unknown): Promise<unknown> {
  const first = await net.fit(x as never, y as never, { epochs: 2, batchSize: 4 })
  const batch = net.trainOnBatch(x as never, y as never)
  const logs = await net.evaluate(x as never, y as never)
  return [first.history, batch, logs, await net.predict(x as never), net.getWeights()]
}

describe('a model in a file', () => {
  for (const target of TARGETS)
    it.each(Object.entries(KINDS))(`${target}: %s`, async (_, kind) => {
      const net = kind.make()
      const x = samplesOf(kind, 10)
      const y = await targetsFor(net, x)
      const untrained = loadModel(saveModel(net))
      expect(await untrained.predict(x as never)).toEqual(await net.predict(x as never))
      expect(untrained.getCompileConfig()).toBeUndefined()
      net.compile({ optimizer: 'adam', loss: 'mse', metrics: y.map(() => ['mae']), target })
      // Compiled and not trained yet, then with state of the optimiser.
      for (let round = 0; round < 2; round++) {
        const bytes = saveModel(net)
        const made = loadModel(bytes)
        expect(saveModel(made)).toEqual(bytes)
        expect(made.getWeights()).toEqual(net.getWeights())
        expect(await goesOn(made, x, y)).toEqual(await goesOn(net, x, y))
        expect(saveModel(made)).toEqual(saveModel(net))
        made.dispose()
      }
      net.dispose()
    })
})

describe('what training goes on from', () => {
  const compiled: Readonly<Record<string, () => Parameters<AnyModel['compile']>[0]>> = {
    'a schedule and averages': () => ({
      optimizer: optimizers.sgd({
        learningRate: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 }),
        momentum: 0.9,
        useEma: true,
        weightDecay: 0.01,
        excludeFromWeightDecay: [/bias/],
      }),
      loss: losses.huber({ delta: 0.5 }),
    }),
    'sums of gradients': () => ({
      optimizer: optimizers.rmsprop({ gradientAccumulationSteps: 3, name: 'slow' }),
      loss: { className: 'MeanAbsoluteError', config: {} },
      metrics: ['mse', losses.logCosh(), metrics.meanOf(losses.huber(), { name: 'near' })],
      weightedMetrics: [metrics.rootMeanSquaredError()],
    }),
    'factored slots': () => ({ optimizer: 'adafactor', loss: 'mse', lossWeights: [0.5] }),
  }
  const x = samplesOf(KINDS['a stack']!, 10)
  const make = (): AnyModel =>
    sequential([
      input({ shape: [4] }),
      layers.dense({ units: 3 }),
      layers.batchNormalization(),
      layers.dense({ units: 2 }),
    ])

  for (const target of TARGETS)
    it.each(Object.entries(compiled))(`${target}: %s`, async (_, options) => {
      const net = make()
      const y = await targetsFor(net, x)
      net.compile({ ...options(), target, seed: 4 })
      await net.fit(x as never, y as never, { epochs: 2, batchSize: 4 })
      if (net.learningRate !== undefined) net.learningRate = 0.01
      const made = loadModel(saveModel(net))
      expect(made.getCompileConfig()).toEqual(net.getCompileConfig())
      const later = loadModel(saveModel(made))
      const wanted = await goesOn(net, x, y)
      expect(await goesOn(made, x, y)).toEqual(wanted)
      // A prediction in between, and a file of a model that has not run, lose nothing.
      await later.predict(x)
      expect(await goesOn(loadModel(saveModel(later)), x, y)).toEqual(wanted)
      expect(await goesOn(later, x, y)).toEqual(wanted)
      for (const one of [net, made, later]) one.dispose()
    })

  it('the config of compile compiles anew', async () => {
    for (const options of Object.values(compiled)) {
      const net = make()
      net.compile(options())
      const config = JSON.parse(JSON.stringify(net.getCompileConfig())) as never
      net.compile(config)
      expect(JSON.parse(JSON.stringify(net.getCompileConfig()))).toEqual(config)
    }
  })

  it('a model that does not know its samples', async () => {
    const net = sequential([layers.dense({ units: 2 })])
    net.compile({ loss: 'mse' })
    const made = loadModel(saveModel(net))
    const y = await targetsFor(net, x)
    expect(await goesOn(made, x[0], y)).toEqual(await goesOn(net, x[0], y))
  })
})

describe('what no file holds', () => {
  const own = (a: unknown): never => a as never
  it.each([
    ['a loss', { loss: own }, /the loss "own" is a function of one's own/],
    ['a metric', { loss: 'mse', metrics: [own] }, /the metric "own" is a function/],
    ['a metric of one', { loss: 'mse', metrics: [metrics.meanOf(own)] }, /the metric "own" is a function/],
    ['a rate', { loss: 'mse', optimizer: optimizers.sgd({ learningRate: own }) }, /learningRate is a function/],
  ])('%s', (_, options, message) => {
    const net = KINDS['a stack']!.make()
    net.compile(options)
    expect(() => saveModel(net)).toThrow(message)
    expect(() => net.getCompileConfig()).toThrow(message)
  })
})

describe('files of no model', () => {
  const net = KINDS['a stack']!.make()
  const bytes = (): Uint8Array => {
    net.compile({ loss: 'mse', optimizer: 'adam' })
    net.trainOnBatch([[1, 2, 3, 4]], [[1, 2]])
    return saveModel(net)
  }
  type Content = ReturnType<typeof decodeSafetensors>
  const changed = (change: (content: Content) => void): Uint8Array => {
    const content = decodeSafetensors(bytes())
    change(content)
    return encodeSafetensors(content.tensors, content.metadata)
  }
  const float = { dtype: 'float32', shape: [1], data: new Float32Array(1) } as const
  it.each([
    ['weights alone', () => net.saveWeights(), /holds no model: its format is "gradloom-weights-1"/],
    ['a part', () => bytes().subarray(0, 50), /header/],
    ['no config', () => changed((c) => void delete c.metadata['model']), /"model" is missing in the file/],
    ['damaged JSON', () => changed((c) => void (c.metadata['training'] = '{')), /"training" in the file is damaged/],
    [
      'no weight',
      () => changed((c) => void c.tensors.delete('dense/kernel')),
      /"dense\/kernel" float32\[4, 5\] is missing/,
    ],
    [
      'a weight of another shape',
      () => changed((c) => void c.tensors.set('dense/bias', float)),
      /"dense\/bias" is float32\[1\]/,
    ],
    ['a field', () => changed((c) => void (c.metadata['training'] = '{"fits":0}')), /training\.isWhole is missing/],
    [
      'a count',
      () => changed((c) => void (c.metadata['training'] = c.metadata['training']!.replace('"fits":0', '"fits":-1'))),
      /training\.fits must be from 0/,
    ],
    [
      'a loss',
      () => changed((c) => void (c.metadata['training'] = c.metadata['training']!.replace('MeanSquaredError', 'Nope'))),
      /there is no "Nope"/,
    ],
    [
      'a weight too many',
      () => {
        const content = decodeSafetensors(bytes())
        delete content.metadata['training']
        return encodeSafetensors(content.tensors, content.metadata)
      },
      /"adam\/dense\/kernel\/m[^"]*" is no weight of the model/,
    ],
  ] as [string, () => Uint8Array, RegExp][])('%s', (_, make, message) => {
    expect(() => loadModel(make())).toThrow(message)
  })

  it.each([
    ['missing', (c: Content, slot: string) => void c.tensors.delete(slot), /is missing/],
    [
      'unknown',
      (c: Content) => void c.tensors.set('adam/nothing', float),
      /"adam\/nothing" is no state of the program/,
    ],
    ['of another shape', (c: Content, slot: string) => void c.tensors.set(slot, float), /is float32\[1\] in the file/],
  ])('state of the optimiser that is %s', (_, change, message) => {
    const damaged = changed((c) =>
      change(
        c,
        [...c.tensors.keys()].find((name) => name.startsWith('adam/dense/'))!,
      ),
    )
    const made = loadModel(damaged)
    expect(() => made.trainOnBatch([[1, 2, 3, 4]], [[1, 2]])).toThrow(message)
  })
})

it('in Node a path, replaced as a whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'model-'))
  try {
    const path = join(folder, 'net.safetensors')
    const net = KINDS['models in a model']!.make()
    const small = compile(entry({ x: tensor([2]) }, ({ x }) => ({ outputs: { y: add(x, variable('w', [2], 1)) } })))
    saveModelFile(net, path)
    saveModelFile(net, path)
    expect(readdirSync(folder)).toEqual(['net.safetensors'])
    const x = samplesOf(KINDS['models in a model']!, 3) as never
    expect(await loadModelFile(path).predict(x)).toEqual(await net.predict(x))
    writeFileSync(path, 'nothing')
    expect(() => loadModelFile(path)).toThrow('the file ends at byte 7')
    for (const load of [loadModelFile, (p: string) => loadModelWeights(net, p), (p: string) => loadState(small, p)])
      expect(() => load(path)).toThrow(new RegExp(`^safetensors: ${path}: the file ends at byte 7`))
    saveModelWeights(net, path)
    expect(() => loadState(small, path)).toThrow(new RegExp(`^${path}: loadState: `))
  } finally {
    rmSync(folder, { recursive: true })
  }
})
