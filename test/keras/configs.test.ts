import { FormatError, loadLayersModel, type Loaded, type ReadOptions } from 'gradloom/keras'
import { GraphError } from 'gradloom'
import { layers } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'

type Json = Record<string, unknown>
interface Weight {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

const bytesOf = (weights: readonly Weight[]): Uint8Array =>
  new Uint8Array(Float32Array.from(weights.flatMap(({ values }) => values)).buffer)
const load = (topology: Json, weights: readonly Weight[] = [], options: ReadOptions = {}): Promise<Loaded> => {
  const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }))
  const manifest = weights.length === 0 ? [] : [{ paths: ['w.bin'], weights: specs }]
  return loadLayersModel({ modelTopology: topology, weightsManifest: manifest }, weights.length === 0 ? [] : [bytesOf(weights)], options) // prettier-ignore
}
/** A stack of one layer in either generation. */
const stack = (className: string, config: Json, version: string): Json => ({
  class_name: 'Sequential',
  config: {
    name: 'net',
    layers: [{ class_name: className, config: { name: 'own', batch_input_shape: [null, 2], ...config } }],
  },
  keras_version: version,
})
const DENSE: readonly Weight[] = [
  { name: 'own/kernel', shape: [2, 1], values: [1, 1] },
  { name: 'own/bias', shape: [1], values: [0.25] },
]
const dense = (config: Json = {}): Json => ({ units: 1, ...config })
const predict = async ({ model }: Loaded, x: unknown = [[1, 0.5]]): Promise<number[]> =>
  Array.from((await model.predict(x as never)) as Float32Array)

describe('configs', () => {
  it.each([
    ['2.4.0', 1.75 * 0.2 + 0.5],
    ['tfjs-layers 4.22.0', 1.75 * 0.2 + 0.5],
    ['3.5.0', (1.75 + 3) / 6],
  ])('of Keras %s have their hard sigmoid', async (version, wanted) => {
    const [got] = await predict(await load(stack('Dense', dense({ activation: 'hard_sigmoid' }), version), DENSE))
    expect(got).toBeCloseTo(wanted, 6)
  })

  it.each([
    ['2.4.0', [6]],
    ['3.5.0', [2, 6]],
  ])('of Keras %s have their GRU where they do not say which', async (version, bias) => {
    const config = { units: 2, batch_input_shape: [null, 3, 1] }
    const size = bias.reduce((a, b) => a * b, 1)
    const weights = [
      { name: 'own/kernel', shape: [1, 6], values: new Array<number>(6).fill(0) },
      { name: 'own/recurrent_kernel', shape: [2, 6], values: new Array<number>(12).fill(0) },
      { name: 'own/bias', shape: bias, values: new Array<number>(size).fill(0) },
    ]
    const { model } = await load(stack('GRU', config, version), weights)
    expect(model.weights[2]!.shape).toEqual(bias)
  })

  it('hold parts in every form', async () => {
    const forms: readonly unknown[] = [
      'relu',
      { class_name: 'function', config: 'relu', module: 'builtins', registered_name: 'function' },
      { class_name: 'ReLU', config: { name: 're_lu', dtype: 'float32', max_value: null }, module: 'keras.layers' },
    ]
    for (const activation of forms) {
      const config = dense({
        activation,
        dtype: { class_name: 'DTypePolicy', config: { name: 'float32' }, module: 'keras' },
        kernel_initializer: { class_name: 'RandomUniform', config: { minval: -1, maxval: 1, seed: null } },
        kernel_regularizer: {
          module: 'keras.regularizers',
          class_name: 'L2',
          config: { l2: 0.1 },
          registered_name: null,
        },
        kernel_constraint: { class_name: 'MaxNorm', config: { max_value: 2, axis: 0 } },
      })
      const loaded = await load(stack('Dense', config, '3.0.0'), DENSE)
      expect(loaded.report.notes).toEqual([])
      expect(await predict(loaded, [[-4, 1]])).toEqual([0])
      expect(loaded.model.layers[0]!.getConfig().config).toMatchObject({
        kernelInitializer: { className: 'RandomUniform', config: { min: -1, max: 1 } },
        kernelRegularizer: { className: 'L2', config: { l2: 0.1 } },
        kernelConstraint: { className: 'MaxNorm', config: { maxValue: 2, axis: 0 } },
      })
    }
  })

  it('that hold what is not here are noted', async () => {
    const config = dense({
      fancy: [1],
      off: false,
      kernel_initializer: { class_name: 'Mine', config: {} },
      dtype: 'mixed_float16',
    })
    const { report } = await load(stack('Dense', config, '2.4.0'), DENSE)
    expect(report.notes.map(({ at, key }) => `${at} ${key}`)).toEqual(
      ['fancy', 'kernel_initializer', 'dtype'].map((key) => `layer "own" (Dense) ${key}`),
    )
  })

  it('of Keras 3 with masks as operations', async () => {
    const tensor = (name: string): Json => ({ class_name: '__keras_tensor__', config: { keras_history: [name, 0, 0] } })
    const node = (args: unknown[], kwargs: Json = {}): Json[] => [{ args, kwargs }]
    const layer = (class_name: string, name: string, config: Json, inbound_nodes: Json[]): Json => ({ class_name, name, config: { name, ...config }, inbound_nodes }) // prettier-ignore
    const graph = (maskOf: string): Json => ({
      class_name: 'Functional',
      registered_name: null,
      config: {
        name: 'net',
        layers: [
          layer('InputLayer', 'x', { batch_shape: [null, 3, 1], dtype: 'float32' }, []),
          layer('InputLayer', 'y', { batch_shape: [null, 3, 1], dtype: 'float32' }, []),
          layer('Masking', 'masking', { mask_value: 0 }, node([tensor('x')])),
          layer('NotEqual', 'not_equal', {}, node([tensor(maskOf), 0])),
          layer('Any', 'any', { axis: -1 }, node([tensor('not_equal')])),
          layer('GlobalAveragePooling1D', 'mean', {}, node([tensor('masking')], { mask: tensor('any') })),
          layer('Add', 'add', {}, node([[tensor('mean'), tensor('mean')]])),
        ],
        input_layers: [['x', 0, 0], ['y', 0, 0]], // prettier-ignore
        output_layers: ['add', 0, 0],
      },
      keras_version: '3.5.0',
    })
    const loaded = await load(graph('x'))
    expect(await predict(loaded, [[[[2], [0], [4]]], [[[0], [0], [0]]]])).toEqual([6])
    await expect(load(graph('y'))).rejects.toThrow(/layer "any": it is an operation \(Any\)/)
  })

  it("of layers of one's own", async () => {
    const config = stack('Mine', { by: 3 }, '2.4.0')
    await expect(load(config)).rejects.toThrow(
      /layer "own" \(Mine\): there is no layer "Mine" here; options.layers may make it/,
    )
    const made = await load(config, [], { layers: { Mine: ({ by }) => layers.rescaling({ scale: by as number }) } })
    expect(await predict(made)).toEqual([3, 1.5])
  })
})

describe('what is wrong', () => {
  const node = (name: string): unknown => [[[name, 0, 0, {}]]]
  const cyclic: Json = {
    class_name: 'Model',
    config: {
      name: 'net',
      layers: [
        { class_name: 'InputLayer', name: 'x', config: { batch_input_shape: [null, 2] }, inbound_nodes: [] },
        { class_name: 'ReLU', name: 'a', config: { name: 'a' }, inbound_nodes: node('b') },
        { class_name: 'ReLU', name: 'b', config: { name: 'b' }, inbound_nodes: node('a') },
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['b', 0, 0]],
    },
  }
  const [kernel, bias] = DENSE as [Weight, Weight]
  const own = (config: Json = {}): Json => stack('Dense', dense(config), '2.4.0')
  it.each<readonly [string, Json, readonly Weight[], RegExp]>([
    ['a cycle', cyclic, [], /layer "[ab]": its call needs its own result/],
    [
      'absurd sizes',
      own({ units: 2 ** 30 }),
      DENSE,
      /weight "kernel" is \[2, 1073741824\], "own\/kernel" in the file \[2, 1\]/,
    ],
    ['a missing weight', own(), [kernel], /"own" \(Dense\) has 2 weights \(kernel, bias\), the file 1/],
    ['another weight', own(), [kernel, bias, { ...bias, name: 'other/bias' }], /there is no such weight in the model/],
    ['two of one name', own(), [kernel, kernel], /there are two weights "own\/kernel"/],
    ['another shape', own(), [{ ...kernel, shape: [1, 2] }, bias], /is \[2, 1\], "own\/kernel" in the file \[1, 2\]/],
    ['a number that is none', own({ units: Infinity }), DENSE, /a number is Infinity/],
    ['no shape', stack('ReLU', { batch_input_shape: null }, '2.4.0'), [], /what samples look like/],
  ])('is said: %s', async (_, config, weights, message) => {
    const failed = load(config, weights)
    await expect(failed).rejects.toThrow(FormatError)
    await expect(failed).rejects.toThrow(message)
  })

  it('is said by the layer where no program could have such a weight', async () => {
    const failed = load(own({ units: 2 ** 40 }), DENSE)
    await expect(failed).rejects.toThrow(GraphError)
    await expect(failed).rejects.toThrow(/"own\/kernel".*1099511627776, an axis has 2147483647 positions at most/)
  })

  it('in options is an error that names the layer', async () => {
    const failed = load(own({ units: -1 }), DENSE)
    await expect(failed).rejects.toThrow(GraphError)
    await expect(failed).rejects.toThrow(/layer "own" \(Dense\): .*units/)
  })

  it.each(['../up', '/etc/passwd', 'a\\b', 'c:d', 'a//b'])('in a path is refused: %s', async (path) => {
    const json = { modelTopology: own(), weightsManifest: [{ paths: [path], weights: [] }] }
    await expect(loadLayersModel(json, () => new Uint8Array())).rejects.toThrow(/stays beside the model/)
  })

  it.each([
    ['{"a": 1, "a": 2}', /the key "a" stands twice, at character 9/],
    ['{"__proto__": {}}', /the key "__proto__"/],
    [`${'['.repeat(200)}`, /nested deeper than 128 at character 128/],
    ['{"a": NaN}', /it is no JSON/],
    ['{"a": 1e999}', /a number is Infinity/],
  ])('in the text is said: %s', async (text, message) => {
    await expect(loadLayersModel(text, [])).rejects.toThrow(message)
  })
})

describe('weights', () => {
  const quantised = (spec: Json, bytes: Uint8Array): Promise<Loaded> => {
    const weights = [{ name: 'own/kernel', shape: [2, 1], dtype: 'float32', ...spec }]
    const json = {
      modelTopology: stack('Dense', dense({ use_bias: false }), '2.4.0'),
      weightsManifest: [{ paths: ['a', 'b/c'], weights }],
    }
    // Cut in the middle, as shards are.
    return loadLayersModel(json, (path) => Promise.resolve(path === 'a' ? bytes.subarray(0, 1) : bytes.subarray(1)))
  }
  it.each<readonly [string, Json, ArrayBufferView, readonly number[]]>([
    ['uint8', { quantization: { dtype: 'uint8', scale: 0.5, min: -1 } }, Uint8Array.of(0, 255), [-1, 126.5]],
    ['uint16', { quantization: { dtype: 'uint16', scale: 0.5, min: -1 } }, Uint16Array.of(1, 65535), [-0.5, 32766.5]],
    ['float16', { quantization: { dtype: 'float16' } }, Uint16Array.of(0x3c00, 0xb800), [1, -0.5]],
    ['whole numbers', { dtype: 'int32' }, Int32Array.of(3, -4), [3, -4]],
    ['bools', { dtype: 'bool' }, Uint8Array.of(1, 0), [1, 0]],
  ])('are read as %s', async (_, spec, data, wanted) => {
    const { model } = await quantised(spec, new Uint8Array(data.buffer))
    expect(Array.from(model.getWeights()[0]!)).toEqual(wanted)
  })
  it.each<readonly [Json, number, RegExp]>([
    [{ dtype: 'bool' }, 2, /a bool that is 7/],
    [{}, 7, /its weights are 8 bytes, its shards 7/],
    [{ shape: [2 ** 31, 2 ** 31] }, 8, /a shape that is possible/],
    [{ shape: [0, 2 ** 53] }, 8, /a whole number from 0/],
    [{ dtype: 'string' }, 8, /one of float32/],
    [{ quantization: { dtype: 'uint8', scale: null, min: 0 } }, 2, /scale must be a finite number/],
  ])('that cannot be are refused: %j', async (spec, size, message) => {
    await expect(quantised(spec, new Uint8Array(size).fill(7))).rejects.toThrow(message)
  })
})
