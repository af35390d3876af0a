import { describe, expect, test } from 'vitest'
import { FeedError, GraphError, stopGradient } from 'gradloom'
import { input, layers, losses, metrics, model, optimizers, sequential } from 'gradloom/nn'

// What those who come from Keras and TensorFlow.js do, and slip into: an error that says what is wrong, or the right number.
const f = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * 1.7))
const rows = (count: number, size: number): number[][] =>
  Array.from({ length: count }, (_, i) => Array.from({ length: size }, (_, k) => Math.sin(i * 1.7 + k)))
const from = (...elements: readonly unknown[]) => ({ [Symbol.iterator]: () => elements[Symbol.iterator]() })
const batch = (x: unknown, y: unknown, more: object = {}) => ({ x, y, ...more })

/** Methods that take whatever comes, as in JavaScript. */
type Loose<T> = {
  [K in keyof T]: T[K] extends (...given: never) => infer R ? (...given: readonly unknown[]) => R : T[K]
}
const loose = <T>(x: T): Loose<T> => x as never

const compiled = (units: number, size: number, options: object, activation = 'linear') => {
  const net = sequential([layers.dense({ units, activation, inputShape: [size] })])
  net.compile({ optimizer: 'sgd', ...options })
  return loose(net)
}
const line = (options: object = {}) => compiled(1, 3, { loss: 'mse', ...options })
const classes = (loss: string) => compiled(3, 4, { loss }, 'softmax')
const sparse = () => classes('sparse_categorical_crossentropy')
const fitted = (options: object, x: unknown = rows(4, 3), y: unknown = f(4)) => line().fit(x, y, options)
const twoOutputs = (options: object) => {
  const x = input({ shape: [3] })
  const outputs = [layers.dense({ units: 1, name: 'p' })(x), layers.dense({ units: 2, name: 'q' })(x)]
  const net = model({ inputs: x, outputs })
  net.compile({ optimizer: 'sgd', ...options })
  return loose(net)
}
const fixed = () => {
  const net = sequential([input({ batchShape: [2, 3] }), layers.dense({ units: 1 })])
  net.compile({ optimizer: 'sgd', loss: 'mse' })
  return loose(net)
}

type Row = readonly [what: string, act: () => unknown, kind: typeof FeedError | typeof GraphError, message: RegExp]
const REFUSED: readonly Row[] = [
  ['no y', () => line().fit(rows(4, 3)), FeedError, /no targets for "dense"/],
  ['y of null', () => line().fit(rows(4, 3), null), FeedError, /no targets for "dense"/],
  ['floats of 64 bits', () => line().fit(new BigInt64Array(3), [1]), FeedError, /input "input".*BigInt64Array.*Number/],
  ['a buffer', () => line().predict(new ArrayBuffer(12)), FeedError, /input "input".*ArrayBuffer/],
  ['a view of bytes', () => line().predict(new DataView(new ArrayBuffer(12))), FeedError, /"input".*DataView/],
  ['a promise', () => line().predict(Promise.resolve(rows(1, 3))), FeedError, /"input".*Promise/],
  ['no samples', () => line().fit(new Float32Array(0), new Float32Array(0)), FeedError, /no samples/],
  ['no samples on a batch', () => line().predictOnBatch(new Float32Array(0)), FeedError, /no samples/],
  [
    'a shape that is none',
    () => line().predict(Object.assign(new Float32Array(6), { shape: '2,3' })),
    FeedError,
    /shape of an array.*2,3/,
  ],
  ['options in snake_case', () => fitted({ batch_size: 2 }), GraphError, /unknown option "batch_size".*batchSize/],
  ...(['verbose', 'callbacks', 'validationSplit', 'shuffle', 'validationFreq', 'yieldEvery', 'resident'] as const).map(
    (key): Row => [`${key} of null`, () => fitted({ [key]: null }), GraphError, new RegExp(`fit: ${key} must be`)],
  ),
  [
    'a worker without time',
    () => fitted({ workerDeadline: 0 }),
    GraphError,
    /workerDeadline must be a number.*above 0/,
  ],
  ['another verbosity', () => fitted({ verbose: 'auto' }), GraphError, /verbose must be 0, 1 or 2, it is "auto"/],
  ['shuffle in words', () => fitted({ shuffle: 'batch' }), GraphError, /shuffle must be true or false, it is "batch"/],
  ['validation in no epoch', () => fitted({ validationFreq: 0 }), GraphError, /validationFreq.*whole number from 1/],
  ['a part as text', () => fitted({ validationSplit: '0.2' }), GraphError, /validationSplit must be a number.*"0.2"/],
  ['a callback alone', () => fitted({ callbacks: {} }), GraphError, /callbacks must be a list/],
  ['a callback by name', () => fitted({ callbacks: ['earlyStopping'] }), GraphError, /element 0 of callbacks.*hooks/],
  ['a class of callbacks', () => fitted({ callbacks: [class {}] }), GraphError, /element 0 of callbacks.*a function/],
  ['no callback', () => line().predict(rows(1, 3), { callbacks: [null] }), GraphError, /element 0 of callbacks.*null/],
  ['a hook of Keras', () => fitted({ callbacks: [{ on_epoch_end: () => {} }] }), GraphError, /no hook "on_epoch_end"/],
  ['a hook misspelt', () => fitted({ callbacks: [{ onEpochEnded: () => {} }] }), GraphError, /no hook "onEpochEnded"/],
  [
    'an order',
    () => fitted({ callbacks: [{ order: 'first' }] }),
    GraphError,
    /order must be 'late' or 'last'.*"first"/,
  ],
  ['no order', () => fitted({ callbacks: [{ order: null }] }), GraphError, /order must be 'late' or 'last'.*null/],
  ['a hook in words', () => fitted({ callbacks: [{ onEpochEnd: 'x' }] }), GraphError, /onEpochEnd must be a function/],
  ['a release in words', () => fitted({ callbacks: [{ release: 1 }] }), GraphError, /release must be a function/],
  [
    'options on a batch',
    () => line().trainOnBatch(rows(4, 3), f(4), { epochs: 2 }),
    GraphError,
    /trainOnBatch.*"epochs"/,
  ],
  ['weights in their place', () => line().testOnBatch(rows(4, 3), f(4), [1]), GraphError, /testOnBatch.*an array/],
  ['predicting y', () => line().predict(rows(4, 3), f(4)), GraphError, /predict: the options.*an array/],
  ['compiling nothing', () => line().compile(), GraphError, /compile: expected \{ optimizer, loss \}/],
  ['compiling a name', () => line().compile('mse'), GraphError, /compile: expected.*"mse"/],
  ['no optimiser', () => line({ optimizer: null }), GraphError, /optimizerOf.*null/],
  ['an optimiser not called', () => line({ optimizer: optimizers.sgd }), GraphError, /optimizerOf.*adam\(.*function/],
  ['a rate in its place', () => loose(optimizers).sgd(0.1), GraphError, /sgd: the options.*0.1/],
  ['a delta in its place', () => loose(losses).huber(0.5), GraphError, /Huber: the options.*0.5/],
  ['a k in its place', () => loose(metrics).topKCategoricalAccuracy(3), GraphError, /TopK.*the options.*3/],
  [
    'a metric called loss',
    () => line({ metrics: [metrics.meanAbsoluteError({ name: 'loss' })] }).fit(rows(4, 3), f(4)),
    GraphError,
    /metric is called "loss"/,
  ],
  [
    'a metric called as a validation',
    () =>
      line({ metrics: [metrics.meanAbsoluteError({ name: 'val_loss' })] }).fit(rows(4, 3), f(4), {
        validationSplit: 0.5,
      }),
    GraphError,
    /"val_loss" is a log of training and one of validation/,
  ],
  ['a batch too large for the model', () => fixed().fit(rows(4, 3), f(4)), FeedError, /batches of 2 samples/],
  ['one too few', () => fixed().fit(rows(5, 3), f(5), { batchSize: 2 }), FeedError, /batches of 2 samples.*5/],
  ['predicting one too few', () => fixed().predict(rows(3, 3), { batchSize: 2 }), FeedError, /batches of 2 samples/],
  [
    'targets beside a dataset',
    () => line().fit(from(batch(rows(2, 3), f(2))), f(2)),
    GraphError,
    /fit: beside a dataset/,
  ],
  ['an evaluation so', () => line().evaluate(from(batch(rows(2, 3), f(2))), f(2)), GraphError, /evaluate: beside a/],
  [
    'weights misspelt',
    () => line().fit(from(batch(rows(2, 3), f(2), { sample_weight: f(2) }))),
    FeedError,
    /has "sample_weight"; known/,
  ],
  [
    'weights of some batches',
    () => line().fit(from(batch(rows(2, 3), f(2)), batch(rows(2, 3), f(2), { sampleWeight: [1, 2] }))),
    FeedError,
    /weight of "dense".*some batches/,
  ],
  [
    'targets of another shape later',
    () => line().fit(from(batch(rows(2, 3), rows(2, 1)), batch(rows(2, 3), rows(2, 2)))),
    FeedError,
    /target "dense".*\[2\].*\[1\]/,
  ],
  [
    'a generator that is used up',
    () => line().fit([batch(rows(2, 3), f(2))][Symbol.iterator](), { epochs: 2 }),
    FeedError,
    /epoch 2 had no batches.*stepsPerEpoch/,
  ],
  ['classes by name', () => sparse().fit(rows(1, 4), [0], { classWeight: { cat: 2 } }), GraphError, /"cat".*no class/],
  [
    'a class below 0',
    () => sparse().fit(rows(1, 4), [0], { classWeight: { 0: -2 } }),
    GraphError,
    /class 0.*from 0.*-2/,
  ],
  ['classes of no labels', () => fitted({ classWeight: { 0: 2 } }), FeedError, /classWeight.*whole numbers.*"dense"/],
  [
    'classes of two outputs',
    () => twoOutputs({ loss: 'mse' }).fit(rows(2, 3), [f(2), rows(2, 2)], { classWeight: { 0: 2 } }),
    GraphError,
    /classWeight.*one output/,
  ],
  [
    'classes of sequences',
    () => {
      const softmax = layers.dense({ units: 3, activation: 'softmax' })
      const net = sequential([input({ shape: [2, 4] }), softmax])
      net.compile({ loss: 'sparse_categorical_crossentropy' })
      return net.fit([rows(2, 4)], [[0, 1]], { classWeight: { 0: 2 } })
    },
    GraphError,
    /classWeight.*one label a sample.*\[2\]/,
  ],
  [
    'a stack of a layer with several results',
    () => sequential([layers.lstm({ units: 2, returnState: true, inputShape: [3, 4] }) as never]),
    GraphError,
    /"lstm" \(LSTM\) gives 3 tensors/,
  ],
  ['layers without a list', () => loose({ sequential }).sequential(layers.flatten()), GraphError, /list of layers/],
  ['layers in options', () => loose({ sequential }).sequential({ layers: [] }), GraphError, /list of layers/],
  ['an option of a model', () => loose({ sequential }).sequential([], { nmae: 'a' }), GraphError, /option "nmae"/],
  ['no layers', () => loose(sequential()).predict(rows(1, 3)), GraphError, /it has no layers/],
  ['no model', () => loose({ model }).model(null), GraphError, /model: expected \{ inputs, outputs \}/],
  ['a shape of a number', () => input({ shape: 3 as never }), GraphError, /input: give \{ shape: \[/],
  ['an input that no record holds', () => input({ shape: [3], name: '__proto__' }), GraphError, /"__proto__"/],
  ...[[[['1'], [2]]], [null], [[[[1], [2, 3], []], [4]]], [[[[1], ['2'], [3]], [4]]], [[[1, undefined, 3], [4]]]].map(
    ([values]): Row => [
      `weights ${JSON.stringify(values)}`,
      () => {
        const net = line()
        net.predictOnBatch(rows(1, 3))
        return net.setWeights(values)
      },
      GraphError,
      /values of weights are/,
    ],
  ),
  [
    'class numbers for classes',
    () => classes('categorical_crossentropy').fit(rows(3, 4), [0, 1, 2]),
    GraphError,
    /CategoricalCrossentropy: target \[12\].*use SparseCategoricalCrossentropy/,
  ],
  [
    'numbers without a shape for a stack without one',
    () => sequential([layers.dense({ units: 1 })]).predict(new Float32Array(6)),
    GraphError,
    /Dense: an input of a model has 2 axes or more/,
  ],
  ['no file of weights', () => line().loadWeights(null), FeedError, /loadWeights.*Uint8Array/],
  ['a path of weights', () => line().loadWeights('weights.h5'), FeedError, /loadWeights.*Uint8Array/],
  [
    'a loss that no weight changes',
    () => {
      const cut = layers.lambda({ function: (x) => stopGradient(x) })
      const net = sequential([input({ shape: [3] }), layers.dense({ units: 1 }), cut])
      net.compile({ loss: 'mse' })
      return net.fit(rows(2, 3), f(2))
    },
    GraphError,
    /depends on no weight that is trained/,
  ],
]

test.each(REFUSED)('%s', async (_, act, kind, message) => {
  const error: unknown = await Promise.resolve()
    .then(act)
    .then(
      () => undefined,
      (e: unknown) => e,
    )
  expect(error).toBeInstanceOf(kind)
  expect((error as Error).message.replaceAll('\n', ' ')).toMatch(message)
})

describe.each(['js', 'wasm'] as const)('what is right on %s', (target) => {
  const kernel = (net: { getWeights(): readonly ArrayLike<number>[] }): number[] => Array.from(net.getWeights()[0]!)

  test('samples may be collected as typed arrays, one each', async () => {
    const [a, b] = [line(), line()]
    const flat = [1, 2, 3, 4, 5, 6]
    const given = await a.fit([flat.slice(0, 3), flat.slice(3)], [1, 2])
    for (const kind of [Float32Array, Float64Array, Int32Array])
      expect((await line().fit([kind.from(flat.slice(0, 3)), kind.from(flat.slice(3))], [1, 2])).history).toEqual(given.history) // prettier-ignore
    await expect(b.fit([Float32Array.of(1, 2, 3), Float32Array.of(1, 2)], [1, 2])).rejects.toThrow(FeedError)
    await expect(b.fit([Float32Array.of(1, 2), Float32Array.of(1, 2)], [1, 2])).rejects.toThrow(
      'takes samples of shape [3], that is data of shape [n, 3], the first axis being that of samples; got [2, 2]',
    )
    await expect(b.fit([1, 2, 3], [1])).rejects.toThrow('data of shape [n, 3]')
  })

  test('values of weights have the shapes of their weights where they say which, and else any', () => {
    const net = sequential([layers.dense({ units: 2, inputShape: [3] })], {})
    net.predictOnBatch(rows(1, 3))
    const [kernel, bias] = [
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]
    const shaped = (values: readonly number[], shape: readonly number[]) =>
      Object.assign(Float32Array.from(values), { shape })
    const nested = [[1, 2], [3, 4], [5, 6]] // prettier-ignore
    for (const value of [kernel, Float32Array.from(kernel), shaped(kernel, [3, 2]), nested]) {
      net.setWeights([new Float32Array(6), bias])
      net.setWeights([value, bias])
      expect(Array.from(net.getWeights()[0]!)).toEqual(kernel)
    }
    const wrong = [shaped(kernel, [2, 3]), shaped(kernel, [6]), [[1, 2, 3], [4, 5, 6]], [[[1, 2], [3, 4], [5, 6]]], shaped(kernel, ['3', 2] as never)] // prettier-ignore
    for (const value of wrong) {
      expect(() => net.setWeights([value as never, [0, 0]])).toThrow(GraphError)
      expect(net.getWeights().map((w) => Array.from(w))).toEqual([kernel, bias])
    }
    expect(() => net.setWeights([shaped(kernel, [2, 3]), bias])).toThrow(
      'the weight "kernel" has the shape [3, 2], got [2, 3]',
    )
  })

  test('labels of 64 bits are class numbers', async () => {
    const [a, b] = [sparse(), sparse()]
    const labels = await a.fit(rows(3, 4), BigInt64Array.from([0n, 1n, 2n]))
    expect(labels.history).toEqual((await b.fit(rows(3, 4), [0, 1, 2])).history)
  })

  test('an output without a loss trains nothing, and what leads to the others does', async () => {
    const net = twoOutputs({ loss: { p: 'mse' }, target })
    net.predictOnBatch(rows(1, 3))
    const [p, , q] = net.getWeights().map((w) => Array.from(w))
    await net.fit(rows(4, 3), { p: f(4) })
    const now = net.getWeights().map((w) => Array.from(w))
    expect(now[2]).toEqual(q)
    expect(now[0]).not.toEqual(p)
  })

  test('behind stopGradient nothing is trained', async () => {
    const cut = layers.lambda({ function: (x) => stopGradient(x) })
    const net = sequential([input({ shape: [3] }), layers.dense({ units: 2 }), cut, layers.dense({ units: 1 })])
    net.compile({ loss: 'mse', optimizer: 'sgd', target })
    net.predictOnBatch(rows(1, 3))
    const before = net.getWeights().map((w) => Array.from(w))
    await net.fit(rows(4, 3), f(4))
    const after = net.getWeights().map((w) => Array.from(w))
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
    expect(after[2]).not.toEqual(before[2])
  })

  test('what is frozen counts from the next compile on, for batches of any size', async () => {
    const net = line({ target })
    await net.fit(rows(4, 3), f(4))
    net.layers[0]!.trainable = false
    const changes: boolean[] = []
    const fit = async (count: number): Promise<void> => {
      const before = kernel(net)
      await net.fit(rows(count, 3), f(count))
      changes.push(kernel(net).some((v, i) => v !== before[i]))
    }
    await fit(4)
    await fit(3)
    net.compile({ loss: 'mse', optimizer: 'sgd', target })
    await fit(4)
    await fit(3)
    expect(changes).toEqual([true, true, false, false])
  })

  test('layers that are put on and taken off after training count at once', async () => {
    const net = line({ target })
    await net.fit(rows(4, 3), f(4))
    const one = await net.predict(rows(4, 3))
    net.add(layers.dense({ units: 1, kernelInitializer: 'ones', biasInitializer: 'ones' }))
    const two = (await net.predict(rows(4, 3))) as ArrayLike<number>
    Array.from(one as ArrayLike<number>).forEach((v, i) => expect(two[i]).toBeCloseTo(v + 1, 5))
    await net.fit(rows(4, 3), f(4))
    net.pop()
    expect(kernel(net).length).toBe(3)
    expect((await net.predict(rows(4, 3))).length).toBe(4)
  })

  test('what callbacks evaluate leaves the metrics of the epoch alone', async () => {
    const history = async (onTrainBatchEnd?: (net: ReturnType<typeof line>) => unknown) => {
      const net = line({ metrics: ['mae'], target })
      const callbacks = onTrainBatchEnd ? [{ onTrainBatchEnd: () => onTrainBatchEnd(net) }] : []
      return (await net.fit(rows(8, 3), f(8), { batchSize: 4, callbacks })).history
    }
    const alone = await history()
    expect(await history((net) => net.evaluate(rows(3, 3), f(3)))).toEqual(alone)
    expect(await history((net) => void net.testOnBatch(rows(3, 3), f(3)))).toEqual(alone)
  })

  test('one run at a time', async () => {
    const net = line({ target })
    const first = net.fit(rows(8, 3), f(8), { epochs: 2 })
    await expect(net.fit(rows(8, 3), f(8))).rejects.toThrow(/being trained by another call/)
    expect((await first).epoch).toEqual([0, 1])
    expect((await net.fit(rows(8, 3), f(8))).epoch).toEqual([0])
  })

  test('validation data that are given go before a part of the samples', async () => {
    const data = [rows(2, 3), f(2)]
    const options = { validationData: data, epochs: 2 }
    const wanted = (await line({ target }).fit(rows(8, 3), f(8), options)).history
    expect((await line({ target }).fit(rows(8, 3), f(8), { ...options, validationSplit: 0.25 })).history).toEqual(
      wanted,
    )
  })

  test('weights [B, T, 1] of masked sequences are those of [B, T]', async () => {
    const history = async (sampleWeight: unknown) => {
      const net = sequential([
        input({ shape: [4], dtype: 'int32' }),
        layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true }),
        layers.dense({ units: 1 }),
      ])
      net.compile({ loss: 'mse', optimizer: 'sgd', weightedMetrics: ['mae'], target })
      const x = [
        [1, 2, 0, 0],
        [3, 4, 1, 0],
      ]
      return (await loose(net).fit(x, [rows(4, 1), rows(4, 1)], { sampleWeight })).history
    }
    const flat = [f(4).map(Math.abs), [1, 2, 3, 4]]
    expect(await history(flat.map((row) => row.map((w) => [w])))).toEqual(await history(flat))
  })

  test('classes of losses and metrics stand for one with its defaults', async () => {
    const byName = await line({ loss: 'mse', metrics: ['mean_absolute_error'], target }).fit(rows(4, 3), f(4))
    const given = { loss: losses.meanSquaredError, metrics: [metrics.meanAbsoluteError], target }
    expect((await line(given).fit(rows(4, 3), f(4))).history).toEqual(byName.history)
  })
})
