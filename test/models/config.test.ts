import { describe, expect, it } from 'vitest'
import {
  type AnyModel,
  cloneModel,
  input,
  layerFromConfig,
  layers,
  model,
  modelFromConfig,
  sequential,
} from 'gradloom/nn'
import { KINDS, samplesOf } from './zoo'

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
const namesOf = (net: AnyModel): string[] => net.weights.map((w) => w.variable!.name)

describe('a model from its config', () => {
  it.each(Object.entries(KINDS))('%s', async (_, kind) => {
    const net = kind.make()
    const config = throughJson(net.getConfig())
    const made = modelFromConfig(config)
    expect(throughJson(made.getConfig())).toEqual(config)
    expect([made.inputNames, made.outputNames, made.outputs.map((y) => y.shape)]).toEqual([
      net.inputNames,
      net.outputNames,
      net.outputs.map((y) => y.shape),
    ])
    const x = samplesOf(kind, 5) as never
    const wanted = await net.predict(x)
    // The same seed gives the same first weights, in arrays of their own.
    expect(await made.predict(x)).toEqual(wanted)
    expect(namesOf(made)).toEqual(namesOf(net))
    expect(made.weights.some((w) => net.weights.includes(w))).toBe(false)
    made.setWeights(made.getWeights().map((w) => Float32Array.from(w, (v) => v + 1)))
    expect(await net.predict(x)).toEqual(wanted)
    expect(await made.predict(x)).not.toEqual(wanted)
    net.dispose()
    made.dispose()
  })

  it('before it is known what samples look like', () => {
    const net = sequential([layers.dense({ units: 2 }), layers.dense({ units: 1 })], { name: 'open', seed: 3 })
    const made = modelFromConfig(throughJson(net.getConfig()))
    expect(made.getConfig()).toEqual(net.getConfig())
    expect(() => made.inputs).toThrow('it is not known yet what samples look like')
    expect(made.predictOnBatch([[1, 2, 3]])).toEqual(net.predictOnBatch([[1, 2, 3]]))
  })

  it('a stack in a stack, before either knows', () => {
    const net = sequential([sequential([layers.dense({ units: 2 })]), layers.dense({ units: 1 })])
    const made = modelFromConfig(throughJson(net.getConfig()))
    expect(made.predictOnBatch([[1, 2, 3]])).toEqual(net.predictOnBatch([[1, 2, 3]]))
    expect(namesOf(made)).toEqual(['sequential/dense/kernel', 'sequential/dense/bias', 'dense/kernel', 'dense/bias'])
  })

  it('a stack knows its weights and mistakes at once, and goes back when a layer is taken off', () => {
    const net = sequential([layers.dense({ units: 2, inputShape: [3] })])
    expect(net.countParams()).toBe(8)
    expect(() => net.add(layers.conv2d({ filters: 1, kernelSize: 1 }))).toThrow('Conv2D')
    net.add(layers.dense({ units: 1 }))
    expect(net.countParams()).toBe(11)
    net.pop()
    expect(net.outputs[0]!.shape).toEqual([null, 2])
  })

  it('is a layer like others', () => {
    const net = KINDS['a stack']!.make()
    expect(layerFromConfig(throughJson(net.getConfig())).getConfig()).toEqual(net.getConfig())
    const dense = layers.dense({ units: 3, name: 'own' })
    expect(layerFromConfig(dense.getConfig()).getConfig()).toEqual(dense.getConfig())
  })

  it('has flags of its own', () => {
    const [base, middle, last] = cloneModel(KINDS['frozen parts']!.make()).layers
    expect([base!.trainable, base!.layers.map((l) => l.trainable), middle!.trainable, last!.trainable]).toEqual([
      false,
      [false, false],
      true,
      false,
    ])
  })
})

describe('what no config says', () => {
  const x = input({ shape: [2] })
  it.each([
    ['a function in a layer', () => layers.lambda({ function: (t) => t })(x), /Lambda: a function cannot be saved/],
    ['an activation', () => layers.dense({ units: 1, activation: (t) => t })(x), /activation: a function of one's own/],
    [
      'an initializer',
      () => layers.dense({ units: 1, kernelInitializer: () => [0, 0] })(x),
      /initializer: a function of one's own/,
    ],
  ])('%s', (_, build, message) => {
    const net = model({ inputs: x, outputs: build() })
    expect(() => net.getConfig()).toThrow(message)
    expect(() => net.getConfig()).toThrow(/layer "(lambda|dense)" \((Lambda|Dense)\)/)
    expect(() => cloneModel(net)).toThrow(message)
  })

  it('a layer that two models inside share', () => {
    const shared = layers.dense({ units: 2, name: 'tied' })
    const inner = sequential([input({ shape: [2] }), shared], { name: 'inner' })
    const net = model({ inputs: x, outputs: shared(inner(x)) })
    expect(() => net.getConfig()).toThrow(/"tied" \(Dense\) stands in layer "(inner|functional)".* and in/)
  })
})

describe('configs of no model', () => {
  const good = throughJson(KINDS['several inputs, outputs and a shared layer']!.make().getConfig()) as {
    className: string
    config: Record<string, unknown> & { calls: Record<string, unknown>[]; layers: unknown[]; inputs: unknown[] }
  }
  const changed = (change: (config: typeof good) => void): typeof good => {
    const copy = throughJson(good)
    change(copy)
    return copy
  }
  it.each([
    [null, /config must be an object, it is null/],
    [{ className: 'Functional' }, /config\.config is missing/],
    [changed((c) => void (c.className = 'Dense')), /config\.className must be Functional or Sequential, it is "Dense"/],
    [changed((c) => void delete c.config['seed']), /Functional\.seed is missing/],
    [changed((c) => void (c.config['seed'] = 0.5)), /Functional\.seed must be a whole number, it is 0\.5/],
    [changed((c) => void (c.config['extra'] = 1)), /has "extra", which is none of name, seed/],
    [
      JSON.parse(JSON.stringify(good).replace('"seed"', '"__proto__":{"a":1},"seed"')),
      /has "__proto__", which is none/,
    ],
    [changed((c) => void (c.config.calls[1]!['layer'] = 99)), /calls\[1\]\.layer must be from 0 to 5, it is 99/],
    [changed((c) => void (c.config.calls[0]!['inputs'] = ['input', 2])), /calls\[0\]\.inputs\[1\] must be from 0 to 1/],
    [changed((c) => void (c.config.calls[0]!['inputs'] = [0, 0])), /calls\[0\]\.inputs\[0\] must be absent/],
    [changed((c) => void (c.config.calls[0]!['inputs'] = ['input'])), /must be \['input', place\] or \[call, result\]/],
    [
      changed((c) => void (c.config.calls[0]!['options'] = { training: 'yes' })),
      /options\.training must be true or false/,
    ],
    [changed((c) => void (c.config.calls[0]!['options'] = { toString: true })), /options has "toString"/],
    [
      changed((c) => void (c.config.layers[0] = { className: 'Nope', config: {} })),
      /there is no layer "Nope"; known are/,
    ],
    [
      changed((c) => void (c.config.layers[0] = { className: 'constructor', config: {} })),
      /there is no layer "constructor"/,
    ],
    [changed((c) => void (c.config.layers[0] = { className: 'Dense', config: { unit: 1 } })), /unknown option "unit"/],
    [
      changed((c) => void (c.config.inputs[0] = { name: 'x', shape: [null, 4], dtype: 'int7' })),
      /dtype must be one of .*it is "int7"/,
    ],
    [
      changed((c) => void (c.config.inputs[0] = { name: 'x', shape: [null, 'a'], dtype: 'int32' })),
      /shape\[1\] must be/,
    ],
  ] as [unknown, RegExp][])('%#', (config, message) => {
    expect(() => modelFromConfig(config as never)).toThrow(message)
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  })
})
