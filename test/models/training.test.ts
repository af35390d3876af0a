import { compile, entry, sum, tensor } from 'gradloom'
import { type AnyModel, forward, input, layers, losses, model, optimizers, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { numbers } from './zoo'

const TARGETS = ['js', 'wasm'] as const
const rows = (count: number, width: number, seed: number): number[][] => {
  const all = numbers(count * width, seed)
  return Array.from({ length: count }, (_, i) => [...all.subarray(i * width, (i + 1) * width)])
}
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length
const snapshot = (net: AnyModel): number[][] => net.weights.map((w) => [...w.read()!])

describe('what is frozen', () => {
  const build = () => {
    const head = layers.dense({ units: 1, name: 'head' })
    const base = sequential(
      [layers.dense({ units: 4, inputShape: [3] }), layers.batchNormalization({ momentum: 0.5 })],
      {
        name: 'base',
      },
    )
    const middle = layers.dense({ units: 4, activation: 'tanh', name: 'middle' })
    const net = sequential([base, middle, head])
    net.predictOnBatch(rows(2, 3, 1))
    return { net, base, middle, head }
  }
  const [x, y] = [rows(12, 3, 1), rows(12, 1, 2)]

  for (const target of TARGETS)
    it.each([
      ['a layer', ({ middle }) => [middle]],
      ['a model inside', ({ base }) => [base]],
      ['a layer of a model inside', ({ base }) => [base.layers[0]!]],
      ['several', ({ base, head }) => [base, head]],
    ] as [string, (parts: ReturnType<typeof build>) => { trainable: boolean; weights: readonly unknown[] }[]][])(
      `stays as it is, and nothing else does: %s on ${target}`,
      async (_, choose) => {
        const parts = build()
        const { net } = parts
        const frozen = choose(parts)
        for (const part of frozen) part.trainable = false
        net.compile({ loss: 'mse', optimizer: 'adam', target })
        const before = snapshot(net)
        await net.fit(x, y, { epochs: 2, batchSize: 5 })
        const held = new Set(frozen.flatMap((part) => part.weights))
        const changed = snapshot(net).map((w, i) => w.some((v, k) => v !== before[i]![k]))
        expect(changed).toEqual(net.weights.map((w) => !held.has(w)))
        for (const part of frozen) part.trainable = true
        net.compile({ loss: 'mse', optimizer: 'adam', target })
        await net.fit(x, y)
        expect(snapshot(net).every((w, i) => w.some((v, k) => v !== before[i]![k]))).toBe(true)
        net.dispose()
      },
    )

  const one = { loss: 'mse', optimizer: 'sgd' } as const
  const weighted = rows(12, 1, 4).map(([w]) => Math.abs(w!))
  it.each([
    ['frozen after it', true, (head: { trainable: boolean }) => { head.trainable = false }, []],
    ['freed after it', false, (head: { trainable: boolean }) => { head.trainable = true }, []],
    ['frozen between programs', true, (head: { trainable: boolean }) => { head.trainable = false }, [weighted]],
    ['freed between programs', false, (head: { trainable: boolean }) => { head.trainable = true }, [weighted]],
  ] as const)('is what was when compile was called: %s', (_, trains, later, more) => {
    const { net, head } = build()
    head.trainable = trains
    net.compile(one)
    if (more.length > 0) net.trainOnBatch(x, y)
    later(head)
    const before = head.getWeights()
    // Weights of samples are other data: another program trains.
    net.trainOnBatch(x, y, ...more.map((sampleWeight) => ({ sampleWeight })))
    expect(JSON.stringify(head.getWeights()) !== JSON.stringify(before)).toBe(trains)
    net.dispose()
  }) // prettier-ignore

  it('for one model at a time: a judge is trained alone, and not behind the generator', () => {
    const judge = sequential([layers.dense({ units: 1, inputShape: [3] })])
    const generator = sequential([layers.dense({ units: 3, inputShape: [2] })])
    judge.compile(one)
    judge.trainable = false
    const both = sequential([generator, judge])
    both.compile(one)
    const changes = (run: () => void): boolean[] => {
      const before = [judge, generator].map((m) => JSON.stringify(snapshot(m)))
      run()
      return [judge, generator].map((m, i) => JSON.stringify(snapshot(m)) !== before[i])
    }
    judge.predictOnBatch(x)
    both.predictOnBatch(rows(12, 2, 3))
    expect(changes(() => judge.trainOnBatch(x, y))).toEqual([true, false])
    expect(changes(() => both.trainOnBatch(rows(12, 2, 3), y))).toEqual([false, true])
    expect(changes(() => judge.trainOnBatch(x, y))).toEqual([true, false])
  })

  it('takes effect with compile', () => {
    const { net, head } = build()
    net.compile({ loss: 'mse', optimizer: 'sgd' })
    net.trainOnBatch(x, y)
    const before = head.getWeights()
    head.trainable = false
    net.trainOnBatch(x, y)
    expect(head.getWeights()).not.toEqual(before)
  })

  it('a frozen normalization goes by its running statistics, in training too', () => {
    const loss = (isFrozen: boolean) => {
      const { net, base } = build()
      base.trainable = !isFrozen
      net.compile({ loss: 'mse', optimizer: optimizers.sgd({ learningRate: 0 }) })
      return [net.trainOnBatch(x, y)['loss']!, net.testOnBatch(x, y)['loss']!] as const
    }
    const [training, testing] = loss(true)
    expect(training).toBe(testing)
    expect(loss(false)[0]).not.toBeCloseTo(testing, 5)
  })

  it('a frozen dropout drops all the same, as in Keras', () => {
    const net = sequential([
      input({ shape: [3] }),
      layers.dropout({ rate: 0.5, trainable: false }),
      layers.dense({ units: 1 }),
    ])
    net.compile({ loss: 'mse', optimizer: optimizers.sgd({ learningRate: 0 }) })
    expect(net.trainOnBatch(x, y)['loss']).not.toBeCloseTo(net.testOnBatch(x, y)['loss']!, 5)
  })
})

describe('several outputs', () => {
  const build = (): AnyModel => {
    const [a, b] = [input({ shape: [3], name: 'a' }), input({ shape: [2], name: 'b' })]
    const joined = layers.concatenate()([layers.dense({ units: 2 })(a), b])
    const near = layers.dense({ units: 1, name: 'near', kernelRegularizer: { className: 'L2', config: { l2: 0.1 } } })(
      joined,
    )
    const far = layers.dense({ units: 2, name: 'far', activityRegularizer: 'l1' })(layers.add()([joined, joined]))
    return model({ inputs: [a, b], outputs: [near, far] })
  }
  const x = { a: rows(6, 3, 1), b: rows(6, 2, 2) }
  const y = { near: rows(6, 1, 3), far: rows(6, 2, 4) }

  it.each(TARGETS)('have losses with weights, penalties and metrics of their own on %s', async (target) => {
    const net = build()
    net.compile({
      loss: { near: 'mse', far: losses.meanAbsoluteError() },
      lossWeights: { near: 0.3, far: 2 },
      metrics: { far: ['mse'] },
      optimizer: 'sgd',
      target,
    })
    const logs = net.testOnBatch(x, y)
    const [near, far] = (await net.predict([x.a, x.b])) as unknown as Float32Array[]
    const difference = (p: Float32Array, t: number[][]): number[] => t.flat().map((v, i) => p[i]! - v)
    const nearLoss = mean(difference(near!, y.near).map((d) => d * d))
    const farLoss = mean(difference(far!, y.far).map(Math.abs))
    const kernel = Array.from(net.getLayer('near').weights[0]!.read()!)
    // That of an activity is over the batch, divided by its size.
    const penalty =
      0.1 * kernel.map((w) => w * w).reduce((a, b) => a + b) + (0.01 / 6) * far!.map(Math.abs).reduce((a, b) => a + b)
    expect(logs['near_loss']).toBeCloseTo(nearLoss, 5)
    expect(logs['far_loss']).toBeCloseTo(farLoss, 5)
    expect(logs['far_mse']).toBeCloseTo(mean(difference(far!, y.far).map((d) => d * d)), 5)
    expect(logs['loss']).toBeCloseTo(0.3 * nearLoss + 2 * farLoss + penalty, 5)
    // The same by order instead of by name.
    const again = build()
    again.setWeights(net.getWeights())
    again.compile({ loss: ['mse', 'mae'], lossWeights: [0.3, 2], metrics: [[], ['mse']], optimizer: 'sgd', target })
    expect(again.testOnBatch([x.a, x.b], [y.near, y.far])).toEqual(logs)
    expect(again.trainOnBatch([x.a, x.b], [y.near, y.far])).toEqual(net.trainOnBatch(x, y))
    expect(again.getWeights()).toEqual(net.getWeights())
  })

  it('train what has a loss only', () => {
    const net = build()
    net.compile({ loss: { near: 'mse' }, optimizer: 'sgd' })
    const before = net.getLayer('far').weights.map((w) => [...w.read() ?? []]) // prettier-ignore
    expect(before.length).toBe(2)
    net.trainOnBatch(x, { near: y.near })
    expect(net.testOnBatch(x, { near: y.near })).toHaveProperty('loss')
  })
})

describe('weights', () => {
  it.each(TARGETS)('keep their constraints after every step on %s', (target) => {
    const net = sequential([
      layers.dense({
        units: 4,
        kernelConstraint: { className: 'MaxNorm', config: { maxValue: 0.5 } },
        inputShape: [3],
      }),
      layers.dense({ units: 2, kernelConstraint: 'nonNeg', biasConstraint: 'unitNorm' }),
    ])
    net.compile({ loss: 'mse', optimizer: optimizers.adam({ learningRate: 0.5 }), target })
    for (let step = 1; step < 8; step++) {
      net.trainOnBatch(rows(5, 3, step), rows(5, 2, step + 20))
      const [first, , second, bias] = snapshot(net)
      for (let unit = 0; unit < 4; unit++)
        expect(Math.hypot(...first!.filter((_, i) => i % 4 === unit))).toBeLessThanOrEqual(0.5 + 1e-6)
      expect(Math.min(...second!)).toBeGreaterThanOrEqual(0)
      expect(Math.hypot(...bias!)).toBeCloseTo(1, 5)
    }
  })

  it.each(TARGETS)('of samples: 0 is as if it were not there on %s', (target) => {
    const build = (): AnyModel => {
      const net = sequential([layers.dense({ units: 2, inputShape: [3] })], { seed: 3 })
      net.compile({
        loss: losses.meanSquaredError({ reduction: 'sum' }),
        optimizer: 'sgd',
        weightedMetrics: ['mae'],
        target,
      })
      return net
    }
    const [x, y] = [rows(6, 3, 1), rows(6, 2, 2)]
    const [one, other] = [build(), build()]
    const weighted = one.trainOnBatch(x, y, { sampleWeight: [1, 0, 2, 0, 1, 1] })
    const repeated = [0, 2, 2, 4, 5]
    const plain = other.trainOnBatch(
      repeated.map((i) => x[i]!),
      repeated.map((i) => y[i]!),
    )
    expect(weighted['loss']).toBeCloseTo(plain['loss']!, 4)
    expect(weighted['mae']).toBeCloseTo(plain['mae']!, 5)
    one
      .getWeights()
      .forEach((w, i) => Array.from(w).forEach((v, k) => expect(v).toBeCloseTo(other.getWeights()[i]![k]!, 5)))
  })

  it.each(TARGETS)('of steps: what is masked does not count on %s', (target) => {
    const net = sequential([layers.masking({ inputShape: [4, 2] }), layers.dense({ units: 1 })])
    net.compile({ loss: 'mse', metrics: ['mae'], optimizer: 'sgd', target })
    const x = [[[1, 2], [3, 4], [0, 0], [0, 0]], [[1, 1], [0, 0], [2, 2], [5, 1]]] // prettier-ignore
    const y = [
      [[1], [2], [90], [90]],
      [[1], [90], [0], [3]],
    ]
    const found = net.predictOnBatch(x) as Float32Array
    const differences = y.flat(2).flatMap((t, i) => (t === 90 ? [] : [found[i]! - t]))
    const logs = net.testOnBatch(x, y)
    expect(logs['loss']).toBeCloseTo(mean(differences.map((d) => d * d)), 5)
    expect(logs['mae']).toBeCloseTo(mean(differences.map(Math.abs)), 5)
    net.dispose()
  })
})

it.each(TARGETS)("a model is a layer in an entry of one's own on %s", async (target) => {
  const net = sequential([layers.dense({ units: 3, activation: 'tanh', inputShape: [2] }), layers.batchNormalization()])
  net.compile({ loss: 'mse', optimizer: 'sgd', target })
  const [x, y] = [rows(4, 2, 1), rows(4, 3, 2)]
  net.trainOnBatch(x, y)
  // It begins with the values that training has left.
  const own = compile(
    {
      run: entry({ x: tensor(['B', 2]) }, ({ x }) => ({ outputs: { y: net(x) } })),
      train: entry({ x: tensor(['B', 2]) }, ({ x }) => {
        const { result, updates } = forward({ training: true }, () => net(x))
        return { outputs: { total: sum(result) }, updates } as never
      }),
    },
    { target },
  ) as unknown as { run(f: object): { y: Float32Array }; train(f: object): unknown; state: { get(n: string): unknown } }
  expect([...own.run({ x }).y]).toEqual([...((await net.predict(x)) as Float32Array)])
  const statistics = net.getWeights()[4]!
  own.train({ x })
  expect([...(own.state.get('moving_mean') as Float32Array)]).not.toEqual(Array.from(statistics))
  expect(net.getWeights()[4]).toEqual(statistics)
})

describe('mistakes are said', () => {
  const net = (): AnyModel => {
    const a = input({ shape: [3], name: 'left' })
    const b = input({ shape: [2], name: 'right' })
    const one = layers.dense({ units: 1, name: 'one' })(layers.concatenate()([a, b]))
    const made = model({ inputs: [a, b], outputs: [one, layers.dense({ units: 2, name: 'two' })(b)], name: 'net' })
    made.compile({ loss: { one: 'mse', two: 'mse' } })
    return made
  }
  const good = { left: rows(2, 3, 1), right: rows(2, 2, 1) }
  const target = { one: rows(2, 1, 1), two: rows(2, 2, 1) }
  it.each([
    ['a shape', { ...good, left: rows(2, 4, 1) }, target, /input "left" takes samples of shape \[3\].*got \[2, 4\]/],
    ['a count', { ...good, left: rows(3, 3, 1) }, target, /input "left" has 3 samples and input "right" 2/],
    ['an input that is not there', { left: good.left }, target, /the input "right" is missing/],
    ['an unknown input', { ...good, middle: [] }, target, /there is no input "middle"; there are left, right/],
    ['one array', rows(3, 3, 1), target, /there are 2 inputs \(left, right\): give a list of so many arrays/],
    ['a missing target', good, { one: target.one }, /the output "two" is missing/],
    ['an unknown target', good, { ...target, three: [] }, /there is no output "three"; there are one, two/],
    [
      'the shape of a target',
      good,
      { ...target, two: rows(2, 3, 1) },
      /MeanSquaredError: target \[.*, 3\] and prediction \[.*, 2\]/,
    ],
  ] as [string, unknown, unknown, RegExp][])('%s', async (_, x, y, message) => {
    await expect(net().fit(x as never, y as never)).rejects.toThrow(message)
    expect(() => net().trainOnBatch(x as never, y as never)).toThrow(message)
  })

  const x = input({ shape: [2] })
  const z = input({ shape: [2], name: 'z' })
  const dense = (name?: string) => layers.dense({ units: 2, ...(name === undefined ? {} : { name }) })
  it.each([
    [
      'two layers of one name',
      () => model({ inputs: x, outputs: dense('a')(dense('a')(x)) }),
      /two layers have the name "a"/,
    ],
    [
      'an output of another input',
      () => model({ inputs: x, outputs: dense()(z) }),
      /rest on the input "z", which is not among/,
    ],
    ['an unknown loss', () => net().compile({ loss: 'nope' }), /there is no "nope"; known are/],
    [
      'a loss of no output',
      () => net().compile({ loss: { three: 'mse' } }),
      /"three", which is no output; the outputs are one, two/,
    ],
    ['losses that are too few', () => net().compile({ loss: ['mse'] }), /loss has 1 elements, the model 2 outputs/],
    ['no loss', () => net().compile({ optimizer: 'sgd' }), /loss is missing/],
    [
      'no compile',
      () => sequential([x, dense()]).trainOnBatch([[1, 2]], [[1, 2]]),
      /call compile\(\{ optimizer, loss \}\) first/,
    ],
    ['an unknown layer', () => net().getLayer('nope'), /there is no layer "nope"; there are concatenate, one, two/],
    [
      'weights that are too few',
      () => sequential([x, dense()]).setWeights([[1]]),
      /its weights have 4, 2 values, got 1/,
    ],
  ] as [string, () => unknown, RegExp][])('%s', (_, run, message) => expect(run).toThrow(message))
})
