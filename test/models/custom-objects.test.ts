import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { add, GraphError, mul, type Tensor } from 'gradloom'
import { loadModelFile, saveModelFile } from 'gradloom/node'
import {
  type AnyModel,
  cloneModel,
  defineLayer,
  input,
  layerFromConfig,
  layers,
  loadModel,
  model,
  modelFromConfig,
  option,
  saveModel,
  sequential,
} from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

const Scale = defineLayer({
  className: 'Scale',
  name: 'scale',
  options: { by: option.number(2) },
  call: ([x], { by }, at) => mul(mul(x!, by), at.weight('w', [x!.shape.at(-1)!], { initializer: 'randomNormal' })),
})
const Both = defineLayer({
  className: 'Both',
  name: 'both',
  options: { units: option.required(option.integer()) },
  parts: ({ units }) => ({ a: layers.dense({ units }), b: layers.dense({ units }) }),
  call: ([x], _, at) => add(at.layer(at.parts['a']!, x!)[0]!, at.layer(at.parts['b']!, x!)[0]!),
})
const customObjects = { Scale, Both }
const x = input({ shape: [3, 2] })

const MODELS: Record<string, () => AnyModel> = {
  'in a stack': () => sequential([x, Scale({ by: 3 }), Both({ units: 2 })]),
  'in a graph': () => model({ inputs: x, outputs: [Scale()(x), Both({ units: 1, name: 'mine' })(x)] }),
  'in a model in a model': () => sequential([x, sequential([Scale(), sequential([Both({ units: 2 })])])]),
  'in a layer': () => sequential([x, layers.timeDistributed({ layer: Scale({ by: 4, trainable: false }) })]),
  twice: () => sequential([x, Scale({ by: 3 }), Scale({ by: 5 })]),
}
const data = [
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
]

describe('layers of one’s own in configs', () => {
  it.each(Object.entries(MODELS))('go through a file: %s', async (_, make) => {
    const net = make()
    const predicted = await net.predict(data)
    const again = loadModel(saveModel(net), { customObjects })
    expect(again.getConfig()).toEqual(net.getConfig())
    expect(again.getWeights()).toEqual(net.getWeights())
    expect(await again.predict(data)).toEqual(predicted)
  })

  it.each(Object.entries(MODELS))('go on training from a file: %s', async (_, make) => {
    const net = make()
    const y = (await net.predict(data)) as never
    net.compile({ optimizer: 'adam', loss: 'mse' })
    net.trainOnBatch(data, y)
    const again = loadModel(saveModel(net), { customObjects })
    expect(again.trainOnBatch(data, y)).toEqual(net.trainOnBatch(data, y))
    expect(again.getWeights()).toEqual(net.getWeights())
  })

  it.each(Object.entries(MODELS))('are cloned, and made of a config: %s', async (_, make) => {
    const net = make()
    const config = JSON.parse(JSON.stringify(net.getConfig())) as ReturnType<AnyModel['getConfig']>
    for (const made of [cloneModel(net), modelFromConfig(config, { customObjects }), layerFromConfig(config, { customObjects }) as AnyModel]) {
      expect(made.getConfig()).toEqual(net.getConfig())
      made.setWeights(net.getWeights())
      expect(await made.predict(data)).toEqual(await net.predict(data))
    }
  }) // prettier-ignore

  it('lie in a file on a disk', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradloom-'))
    try {
      const net = MODELS['in a stack']!()
      saveModelFile(net, join(folder, 'net.safetensors'))
      const again = loadModelFile(join(folder, 'net.safetensors'), { customObjects })
      expect(again.getWeights()).toEqual(net.getWeights())
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('go before those of the library', async () => {
    const Dense = defineLayer({
      className: 'Dense',
      name: 'dense',
      options: { by: option.number(2) },
      call: ([t], { by }) => mul(t!, by),
    })
    const net = sequential([x, Dense({ by: 7 })])
    for (const made of [cloneModel(net), loadModel(saveModel(net), { customObjects: { Dense } })])
      expect(await made.predict(data)).toEqual(await net.predict(data))
  })
})

describe('what says nothing of layers of one’s own', () => {
  const net = MODELS['in a stack']!()
  const file = saveModel(net)
  const config = net.getConfig()
  it('is refused where one is missing', () => {
    const parts = ['"Scale"', 'customObjects', 'defineLayer']
    expectFault(() => loadModel(file), GraphError, ...parts)
    expectFault(() => modelFromConfig(config), GraphError, ...parts)
    expectFault(() => layerFromConfig(Scale().getConfig()), GraphError, ...parts)
    expectFault(() => loadModel(file, { customObjects: { Scale } }), GraphError, '"Both"', 'customObjects')
    expectFault(() => loadModel(file, { customObjects: { Scales: Scale } }), GraphError, '"Scale"', 'customObjects')
  })

  it.each<[string, unknown, readonly string[]]>([
    ['another option', { layers: { Scale } }, ['unknown option "layers"', 'customObjects']],
    ['the option of Keras', { custom_objects: { Scale } }, ['unknown option "custom_objects"', 'customObjects']],
    ['a list', { customObjects: [Scale] }, ['customObjects must be an object', 'an array']],
    [
      'a layer',
      { customObjects: { Scale: Scale() } },
      ['"Scale" must be what defineLayer or defineOptimizer gave', 'a function'],
    ],
    [
      'a name',
      { customObjects: { Scale: 'Scale' } },
      ['"Scale" must be what defineLayer or defineOptimizer gave', '"Scale"'],
    ],
    ['nothing', null, ['the options must be an object', 'null']],
  ])('is refused: %s', (_, options, parts) => {
    expectFault(() => loadModel(file, options as never), GraphError, 'loadModel', ...parts)
    expectFault(() => modelFromConfig(config, options as never), GraphError, 'modelFromConfig', ...parts)
    expectFault(() => layerFromConfig(config, options as never), GraphError, 'layerFromConfig', ...parts)
  })

  it('is refused where a class is two kinds of layers', () => {
    const Other = defineLayer({ className: 'Scale', name: 'other', options: {}, call: ([t]) => t as Tensor })
    expectFault(() => cloneModel(sequential([x, Scale(), Other()])), GraphError, 'cloneModel', '"other" (Scale)')
  })
})
