import { dataset, GraphError, sparseSoftmaxCrossEntropy, stftInit, type Tensor } from 'gradloom'
import {
  type Callback,
  callbacks,
  cloneModel,
  input,
  layers,
  loadModel,
  losses,
  model,
  optimizers,
  saveModel,
  sequential,
} from 'gradloom/nn'
import { describe, expect, it } from 'vitest'

const SGD = (learningRate: number, more = {}) => optimizers.sgd({ learningRate, ...more })
/** y = w x from w = 1, or another. */
const line = (learningRate = 0.1, more = {}, initial: 'ones' | 'zeros' = 'ones') => {
  const net = sequential([layers.dense({ units: 1, useBias: false, kernelInitializer: initial, inputShape: [1] })])
  net.compile({ optimizer: SGD(learningRate, more), loss: 'mse' })
  return net
}
const weightOf = (net: { getWeights(): readonly ArrayLike<number>[] }): number => net.getWeights()[0]![0]!

describe('models that share layers', () => {
  const HOOKS = ['onTrainBegin', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'] as const

  it.each(HOOKS)('see what another was trained in %s', async (hook) => {
    const shared = layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' })
    const [p, q] = [input({ shape: [1] }), input({ shape: [1] })]
    const [a, b] = [model({ inputs: p, outputs: shared(p) }), model({ inputs: q, outputs: shared(q) })]
    a.compile({ optimizer: SGD(0.1), loss: 'mse' })
    b.compile({ optimizer: SGD(0.1), loss: 'mse' })
    const once = (): void => void b.trainOnBatch([[1]], [[0]])
    const { history } = await a.fit([[1]], [[0]], { epochs: 3, callbacks: [{ [hook]: once }] })
    // Each step takes a fifth off the weight, whoever makes it.
    const times = hook === 'onTrainBegin' ? 4 : 6
    expect(weightOf(a)).toBeCloseTo(0.8 ** times, 6)
    expect(weightOf(b)).toBe(weightOf(a))
    expect(history['loss']).toHaveLength(3)
  })
})

describe('averages of weights', () => {
  it('are none before the first step that applies gradients', async () => {
    const net = line(0.1, { useEma: true, gradientAccumulationSteps: 4 })
    await net.fit([[1]], [[0]], { callbacks: [callbacks.swapEmaWeights()], validationData: [[[1]], [[0]]] })
    expect(weightOf(net)).toBe(1)
  })

  const stop: Callback = {
    name: 'stop',
    setRun(run) {
      this.onEpochEnd = (epoch) => void (epoch === 1 && run.stop())
    },
  }
  it.each([
    ['before', (swap: Callback) => [stop, swap]],
    ['behind', (swap: Callback) => [swap, stop]],
  ])('are the weights in the end where a callback %s has stopped the run', async (_, list) => {
    const nets = [false, true].map((swapOnEpoch) => [line(0.1, { useEma: true }), swapOnEpoch] as const)
    for (const [net, swapOnEpoch] of nets)
      await net.fit([[1]], [[0]], { epochs: 9, callbacks: list(callbacks.swapEmaWeights({ swapOnEpoch })) })
    const [plain, swapped] = nets.map(([net]) => weightOf(net))
    expect(swapped).toBe(plain)
    expect(plain).not.toBeCloseTo(0.64, 3)
  })

  it('are not put in the place of the best weights', async () => {
    const best = callbacks.earlyStopping({ monitor: 'loss', restoreBestWeights: true, patience: 1 })
    const after = async (more: readonly Callback[]): Promise<number> => {
      // The weight oscillates and grows: the first epoch is the best.
      const net = line(1.2, { useEma: true, emaMomentum: 0.5 })
      await net.fit([[1]], [[0]], { epochs: 6, callbacks: [best, ...more] })
      return weightOf(net)
    }
    expect(await after([])).toBeCloseTo(-1.4, 5)
    expect(await after([callbacks.swapEmaWeights({ swapOnEpoch: true })])).toBeCloseTo(-1.4, 5)
  })
})

describe('both directions of a recurrent layer', () => {
  const CELLS = {
    lstmCell: () => layers.lstmCell({ units: 2 }),
    stackedRNNCells: () => layers.stackedRNNCells({ cells: [layers.gruCell({ units: 3 }), layers.simpleRNNCell({ units: 2 })] }), // prettier-ignore
  }
  it.each(Object.entries(CELLS))('have weights of their own around a %s', (_, cell) => {
    const x = input({ shape: [3, 1] })
    const one = model({ inputs: x, outputs: layers.rnn({ cell: cell() })(x) })
    const both = model({ inputs: x, outputs: layers.bidirectional({ layer: layers.rnn({ cell: cell() }) })(x) })
    expect(both.countParams()).toBe(2 * one.countParams())
    expect(new Set(both.weights).size).toBe(2 * one.weights.length)
    const copy = cloneModel(both)
    expect(copy.countParams()).toBe(both.countParams())
  })

  it('are as frozen as the layer was', () => {
    const one = layers.lstm({ units: 2 })
    one.trainable = false
    expect(layers.bidirectional({ layer: one }).layers.map(({ trainable }) => trainable)).toEqual([false, false])
  })
})

describe('weights of samples', () => {
  const four = [[1], [1], [1], [1]]

  it('of classes are those of training alone', async () => {
    for (const part of [{ validationSplit: 0.5 }, { validationData: [four, four] as const }]) {
      const net = line(0, {}, 'zeros')
      const { history } = await net.fit(four, four, { ...part, classWeight: { 1: 10 } })
      expect([history['loss'], history['val_loss']]).toEqual([[10], [1]])
    }
  })

  it('of samples are those of the part that is kept, too', async () => {
    const net = line(0, {}, 'zeros')
    const { history } = await net.fit(four, four, { validationSplit: 0.5, sampleWeight: [1, 1, 3, 3] })
    expect(history['val_loss']).toEqual([3])
  })

  it('stand in a list for several outputs', async () => {
    const x = input({ shape: [1] })
    const dense = (name: string) => layers.dense({ units: 1, useBias: false, kernelInitializer: 'zeros', name })
    const net = model({ inputs: x, outputs: [dense('a')(x), dense('b')(x)] })
    net.compile({ optimizer: SGD(0), loss: 'mse' })
    const y = [[1], [1], [1]]
    const logs = await net.evaluate([[1], [1], [1]], [y, y], { sampleWeight: [[1, 1, 4], [2, 0, 1]] as never }) // prettier-ignore
    expect(logs).toMatchObject({ a_loss: 2, b_loss: 1 })
  })

  it('of a dataset come along with it', async () => {
    const net = line(0, {}, 'zeros')
    const data = dataset.from({ x: four, y: four }).batch(2)
    expect((await net.evaluate(data as never, { classWeight: { 1: 10 } } as never))['loss']).toBe(10)
    for (const option of [{ batchSize: 2 }, { sampleWeight: [1, 1, 1, 1] }])
      await expect(net.evaluate(data as never, option as never)).rejects.toThrow(/evaluate: .* is for arrays/)
  })
})

describe('epochs of a number of steps', () => {
  /** The samples of a run, as the weight sees them: x of each batch. */
  const seen = async (options: object, resident: boolean): Promise<number[]> => {
    const net = line(0)
    const found: number[] = []
    const x = [[1], [2], [3], [4]]
    // The loss of a batch of one is (w x)², and w stays 1.
    const watch: Callback = { onTrainBatchEnd: (_, logs) => void found.push(logs['loss']!) }
    await net.fit(x, [[0], [0], [0], [0]], { batchSize: 1, shuffle: false, resident, callbacks: [watch], ...options })
    return found
  }
  it.each([false, true])('go on where the one before ended (resident %s)', async (resident) => {
    expect(await seen({ stepsPerEpoch: 2, epochs: 2 }, resident)).toEqual([1, 2.5, 9, 12.5])
    expect(await seen({ stepsPerEpoch: 3, epochs: 2 }, resident)).toEqual([1, 2.5, 14 / 3, 16, 8.5, 7].map((v) => expect.closeTo(v, 5))) // prettier-ignore
    expect(await seen({ stepsPerEpoch: 5, epochs: 1 }, resident)).toHaveLength(5)
  })

  it('begin with the data where nothing went before', async () => {
    function* batches(): Generator<object> {
      for (let i = 1; i <= 4; i++) yield { x: [[i]], y: [[0]] }
    }
    for (const options of [
      { initialEpoch: 1, epochs: 2 },
      { initialEpoch: 3, epochs: 5, stepsPerEpoch: 2 },
    ]) {
      const net = line(0)
      const { history } = await net.fit(batches() as never, options as never)
      expect(history['loss']).toEqual('stepsPerEpoch' in options ? [2.5, 12.5] : [7.5])
    }
  })
})

describe('what is kept', () => {
  it('a rate that was set before the first step', async () => {
    const net = line(0.1)
    net.learningRate = 0.5
    expect(loadModel(saveModel(net)).learningRate).toBe(0.5)
    await net.fit([[1]], [[0]])
    expect([net.learningRate, weightOf(net)]).toEqual([0.5, 0])
  })

  it('an optimiser, where workers are ended', async () => {
    const [net, other] = [line(0.1, { momentum: 0.9 }), line(0.1, { momentum: 0.9 })]
    for (let i = 0; i < 3; i++) {
      for (const one of [net, other]) await one.fit([[1]], [[0]])
      net.learningRate = other.learningRate = 0.01
      net.dispose()
      expect(net.learningRate).toBe(0.01)
    }
    expect(weightOf(net)).toBe(weightOf(other))
  })

  it('what layers were told, until the next compile', async () => {
    const bn = layers.batchNormalization()
    const net = sequential([input({ shape: [1] }), bn])
    net.compile({ optimizer: SGD(0), loss: 'mse' })
    const loss = async (x: number[][]): Promise<number> => (await net.fit(x, x, { batchSize: 8 })).history['loss']![0]!
    const before = await loss([[1], [3]])
    bn.trainable = false
    // By the statistics of the batch, of whatever size.
    expect(await loss([[1], [3], [1], [3]])).toBeCloseTo(before, 5)
    net.compile({ optimizer: SGD(0), loss: 'mse' })
    expect(await loss([[1], [3]])).not.toBeCloseTo(before, 2)
  })
})

describe('a stack whose first samples do not fit', () => {
  it('takes others', async () => {
    const net = sequential([layers.conv2d({ filters: 1, kernelSize: 2 }), layers.flatten(), layers.dense({ units: 1 })])
    await expect(net.predict([[[1, 2], [3, 4]]])).rejects.toThrow(GraphError) // prettier-ignore
    expect(await net.predict([[[[1], [2]], [[3], [4]]]])).toHaveLength(1) // prettier-ignore
    const other = sequential()
    expect(() => other.add(layers.conv2d({ filters: 1, kernelSize: 2, inputShape: [8, 8] }))).toThrow(GraphError)
    other.add(layers.conv2d({ filters: 1, kernelSize: 2, inputShape: [8, 8, 1] }))
    expect(other.outputs[0]!.shape).toEqual([null, 7, 7, 1])
  })
})

describe('augmentation', () => {
  it('goes on where a layer is frozen, as dropping does', async () => {
    const x = input({ shape: [1, 1, 1] })
    const frozen = layers.randomInvert({ factor: [1, 1], trainable: false })
    const net = model({ inputs: x, outputs: frozen(x, { training: true }) })
    expect([...(await net.predict([[[[5]]]]))]).toEqual([250])
  })
})

describe('names and values as Keras writes them', () => {
  it.each([
    ['reduction', () => losses.meanSquaredError({ reduction: 'sum_over_batch_size' as never }).reduction, 'sumOverBatchSize'], // prettier-ignore
    [
      'mode of an initializer',
      () => {
        const dense = layers.dense({
          units: 1,
          kernelInitializer: { className: 'VarianceScaling', config: { mode: 'fan_avg', distribution: 'Uniform' } },
        })
        return (dense.getConfig().config as { kernelInitializer: { config: object } }).kernelInitializer.config
      },
      expect.objectContaining({ mode: 'fanAvg', distribution: 'uniform' }),
    ],
  ])('%s', (_, make, expected) => {
    expect(make()).toEqual(expected)
  })

  it('a weighted metric beside one of its name', async () => {
    const net = line(0, {}, 'zeros')
    net.compile({ optimizer: SGD(0), loss: 'mae', metrics: ['mse'], weightedMetrics: ['mse'] })
    const logs = await net.evaluate([[1], [1]], [[1], [2]], { sampleWeight: [3, 1] })
    expect(logs).toMatchObject({ mse: 2.5, weighted_mse: 1.75 })
  })

  it('null where it is a value', () => {
    const kernelInitializer = stftInit({ side: 'real', window: null, scaling: null })
    const net = sequential([layers.conv1d({ filters: 3, kernelSize: 4, kernelInitializer, inputShape: [8, 1] })])
    const configs = [net, cloneModel(net)].map((one) => JSON.stringify(one.layers[0]!.getConfig()))
    expect(configs[0]).toContain('"window":null')
    expect(configs[1]).toBe(configs[0])
  })

  it('whole targets of a loss of one’s own', async () => {
    const net = sequential([layers.dense({ units: 2, inputShape: [1] })])
    net.compile({ loss: (y: Tensor, p: Tensor) => sparseSoftmaxCrossEntropy(p, y as never) })
    const { history } = await net.fit([[1], [2]], Int32Array.of(0, 1))
    expect(history['loss']![0]).toBeGreaterThan(0)
  })
})

describe('a crossentropy', () => {
  const x = [[1, 2], [3, 1], [0, 1], [2, 2]] // prettier-ignore
  const stack = (units: number, activation: 'softmax' | 'sigmoid') =>
    sequential([layers.dense({ units, activation, kernelInitializer: 'ones', inputShape: [2] })])
  it.each([
    ['sparseCategoricalCrossentropy', stack(3, 'softmax'), [0, 2, 1, 0]],
    [
      'categoricalCrossentropy',
      stack(3, 'softmax'),
      [
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ],
    ],
    ['binaryCrossentropy', stack(1, 'sigmoid'), [[1], [0], [1], [1]]],
  ] as const)('is %s by the shapes of targets and predictions', async (named, net, y) => {
    const logs = async (loss: string | object) => {
      const own = cloneModel(net)
      own.compile({ optimizer: SGD(0.1), loss: loss as string, metrics: ['crossentropy'] })
      return (await own.fit(x, y, { epochs: 2, shuffle: false })).history
    }
    const expected = await logs(named)
    expect(await logs('crossentropy')).toEqual(expected)
    expect(await logs('ce')).toEqual(expected)
    const own = cloneModel(net)
    own.compile({ optimizer: SGD(0.1), loss: 'crossentropy' })
    expect(await logs(own.getCompileConfig()!.loss[0]!)).toEqual(expected)
  })
})

describe('kernels of attention', () => {
  it('are drawn by what they sum over', async () => {
    const x = input({ shape: [5, 64] })
    const net = model({ inputs: x, outputs: layers.multiHeadAttention({ numHeads: 8, keyDim: 8 })([x, x]) })
    await net.predict([Array.from({ length: 5 }, () => new Array<number>(64).fill(0))])
    const query = net.getWeights()[0]!
    const largest = Array.from(query).reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    // Glorot's bound for 64 in and 64 out.
    expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / 128))
    expect(largest).toBeGreaterThan(0.95 * Math.sqrt(6 / 128))
  })
})
