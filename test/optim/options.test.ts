import {
  add,
  cast,
  compile,
  constant,
  entry,
  GraphError,
  maximum,
  mul,
  sum,
  tensor,
  type Tensor,
  variable,
  type Variable,
} from 'gradloom'
import * as rules from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as optimizers from '../../src/optim/optimizers'
import { cosineDecay } from '../../src/optim/schedules'
import type { OptimizerSpec } from '../../src/optim/spec'
import { type Numbers, trainer } from './harness'

const { optimizerOf, ...FACTORIES } = optimizers
type Factory = (options?: object) => OptimizerSpec
const ALL = Object.entries(FACTORIES) as readonly (readonly [name: keyof typeof FACTORIES, factory: Factory])[]

const FIRST: readonly Numbers[] = [
  { shape: [2, 2], data: [1, -2, 0.5, 4] },
  { shape: [2], data: [0.25, -1] },
]
const NAMES = ['dense/kernel', 'dense/bias']
const ONES: readonly Numbers[] = FIRST.map(({ shape, data }) => ({ shape, data: data.map(() => 1) }))
const NONE: readonly Numbers[] = FIRST.map(({ shape, data }) => ({ shape, data: data.map(() => 0) }))
const train = (spec: OptimizerSpec, extra?: Parameters<OptimizerSpec['updates']>[2]) =>
  trainer(NAMES, FIRST, (loss, all) => spec.updates(loss, all, extra), 'float64')

describe.each(ALL)('%s', (name, factory) => {
  it('has the function of the same name for a rule', () => {
    const rule = (rules as unknown as Record<string, Parameters<typeof trainer>[2]>)[name]!
    const [ours, theirs] = [train(factory()), trainer(NAMES, FIRST, (loss, all) => rule(loss, all), 'float64')]
    for (const net of [ours, theirs]) net.step(ONES)
    expect(ours.state.names).toEqual(theirs.state.names)
    for (const key of ours.state.names) expect(ours.value(key), key).toEqual(theirs.value(key))
  })

  it('goes through JSON', () => {
    const learningRate = cosineDecay({ initialLearningRate: 0.5, decaySteps: 9, alpha: 0.1 })
    const excludeFromWeightDecay = ['bias', /^DENSE.x/i]
    const specs = [
      factory(),
      factory({ learningRate, weightDecay: 0.1, clipNorm: 1, useEma: true, excludeFromWeightDecay, name: 'mine' }),
    ]
    for (const spec of specs) {
      const { className, config } = spec
      const copy = optimizerOf(
        JSON.parse(JSON.stringify({ className, config })) as { className: string; config: object },
      )
      expect([copy.className, copy.name, copy.config]).toEqual([className, spec.name, config])
      const [before, after] = [train(spec), train(copy)]
      for (const net of [before, after]) for (let i = 0; i < 3; i++) net.step(ONES)
      for (const key of before.state.names) expect(after.value(key), key).toEqual(before.value(key))
    }
    expect(specs[1]!.config).toMatchObject({
      name: 'mine',
      learningRate: { className: 'CosineDecay', config: { initialLearningRate: 0.5, decaySteps: 9, alpha: 0.1 } },
      excludeFromWeightDecay: ['bias', { source: '^DENSE.x', flags: 'i' }],
      clipValue: null,
      emaMomentum: 0.99,
    })
  })

  it('is found by its names', () => {
    const { className, config } = factory()
    for (const id of [name, className, className.toUpperCase(), name.replace(/^ada/, 'ada_')])
      expect([optimizerOf(id).className, optimizerOf(id).config]).toEqual([className, config])
    const spec = factory()
    expect(optimizerOf(spec)).toBe(spec)
  })

  it('has a rate that can be set, and none where the rate is a function', () => {
    const net = train(factory({ learningRate: 0.5 }))
    expect(net.state.get(`train/${name}/learningRate`)).toBe(0.5)
    net.set(`train/${name}/learningRate`, 0)
    net.step(ONES)
    // Ftrl divides by the rate.
    if (name !== 'ftrl') expect(net.value('dense/kernel')).toEqual(FIRST[0]!.data)
    const falling = train(factory({ learningRate: (step: Tensor) => mul(add(step, 1), 0.125) }))
    expect(falling.state.names).not.toContain(`train/${name}/learningRate`)
    expect(falling.state.names).toContain(`train/${name}/iterations`)
  })

  it('says of a variable that the loss does not use only what it can do about it', () => {
    const [used, other] = [variable('used', [2, 2], 1), variable('other', [2, 2], 1)]
    const step = rules[name] as unknown as (loss: Tensor, variables: readonly Variable[]) => never
    for (const loss of [() => sum(used), () => add(sum(used), cast(sum(cast(other, 'int32')), 'float32'))])
      expect(() => compile(entry({}, () => ({ outputs: {}, updates: step(loss(), [used, other]) })))).toThrow(
        /"other" .*; leave it out of the list of what is trained$/,
      )
  })

  it('refuses options that it does not have or that make no sense', () => {
    const wrong: readonly (readonly [options: unknown, message: string])[] = [
      [{ rate: 1 }, `${name}: unknown option "rate"; known are name, path, constraints, `],
      [{ learningRate: -1 }, `${name}: learningRate must be a finite number from 0, it is -1`],
      [
        { learningRate: '1' },
        `${name}: learningRate must be a number, a float scalar or a function of the step, it is 1`,
      ],
      [0.01, `${name}: the options must be an object, they are the number 0.01`],
      [{ excludeFromWeightDecay: 'bias' }, `${name}: excludeFromWeightDecay must be a list of variables, names and patterns, it is string`], // prettier-ignore
      [{ weightDecay: NaN }, `${name}: weightDecay must be a finite number from 0, it is NaN`],
      [{ useEma: true, emaMomentum: -1 }, `${name}: emaMomentum must be a finite number from 0, it is -1`],
      [{ emaOverwriteFrequency: 0 }, `${name}: emaOverwriteFrequency must be a whole number from 1, it is 0`],
      [
        { gradientAccumulationSteps: 1.5 },
        `${name}: gradientAccumulationSteps must be a whole number from 1, it is 1.5`,
      ],
      [
        { clipNorm: 1, clipValue: 1 },
        `${name}: gradients are clipped in one way at a time, got clipValue and clipNorm`,
      ],
    ]
    for (const [options, message] of wrong) {
      expect(() => factory(options as object), message).toThrow(GraphError)
      expect(() => factory(options as object)).toThrow(message)
    }
    const build = (learningRate: unknown) => () => train(factory({ learningRate }))
    expect(build(() => 0.1)).toThrow(
      `${name}: the function for learningRate must return a float scalar, it returned 0.1`,
    )
    expect(build((step: Tensor) => cast(step, 'int32'))).toThrow(`must return a float scalar, it returned`)
    expect(build(constant([1, 2]))).toThrow(
      `${name}: learningRate must be a number, a float scalar or a function of the step`,
    )
  })
})

describe('options', () => {
  const { sgd, adam, adamw, muon, lion, ftrl, adagrad, adafactor } = FACTORIES

  it('of single rules are checked', () => {
    const wrong: readonly (readonly [make: () => unknown, message: string])[] = [
      [() => lion({ beta1: 0 }), 'lion: beta1 must be above 0 and at most 1, it is 0'],
      [() => ftrl({ learningRatePower: 0.5 }), 'ftrl: learningRatePower must be at most 0, it is 0.5'],
      [() => ftrl({ initialAccumulatorValue: -1 }), 'ftrl: initialAccumulatorValue must be a finite number from 0, it is -1'],
      [() => adagrad({ initialAccumulatorValue: -1 }), 'adagrad: initialAccumulatorValue must be a finite number from 0, it is -1'],
      [() => adafactor({ beta2Decay: 1 }), 'adafactor: beta2Decay must be at most 0, it is 1'],
      [() => muon({ nsSteps: 0 }), 'muon: nsSteps must be a whole number from 1, it is 0'],
      [() => muon({ muonB: NaN }), 'muon: muonB must be a finite number, it is NaN'],
      [() => optimizerOf('adm'), 'optimizerOf: there is no optimiser "adm"; there are sgd, rmsprop, adagrad, adadelta, adam, adamw, adamax, nadam, ftrl, lion, lamb, adafactor, muon'],
    ] // prettier-ignore
    for (const [make, message] of wrong) expect(make, message).toThrow(message)
  })

  it('that no file can hold have no configuration', () => {
    const rate = variable('rate', [], 0.1)
    expect(() => sgd({ learningRate: rate }).config).toThrow(
      'sgd: learningRate is a tensor, which no configuration can hold; give a number or a schedule',
    )
    expect(() => adam({ beta1: (step) => step }).config).toThrow(
      'adam: beta1 is a function, which no configuration can hold',
    )
    expect(sgd({ excludeFromWeightDecay: [rate] }).config['excludeFromWeightDecay']).toEqual([
      { source: '^rate$', flags: '' },
    ])
  })

  it('exclude from decay by variable, by part of a name and by pattern', () => {
    const [kernel, bias] = FIRST.map(({ data }) => data.map((v) => v * 0.95)) as [number[], number[]]
    const [whole] = [FIRST[0]!.data]
    const decay = { learningRate: 0.5, weightDecay: 0.1 }
    const after = (exclude: (all: readonly Variable[]) => readonly (Variable | string | RegExp)[]) => {
      const net = trainer(
        NAMES,
        FIRST,
        (loss, all) => sgd({ ...decay, excludeFromWeightDecay: exclude(all) }).updates(loss, all),
        'float64',
      )
      net.step(NONE)
      return NAMES.map((name) => net.value(name))
    }
    expect(after(() => [])).toEqual([kernel, bias])
    expect(after(([first]) => [first!])).toEqual([whole, bias])
    expect(after(() => ['ker'])).toEqual([whole, bias])
    expect(after(() => ['KER', /^bias/])).toEqual([kernel, bias])
    // A pattern that remembers where it was is asked afresh each time.
    expect(after(() => [/KER/gi])).toEqual([whole, bias])
    expect(after(() => [/^dense/])).toEqual([whole, FIRST[1]!.data])
  })

  it('constrain what the step leaves, in the shape and dtype of the variable', () => {
    const constraints = (all: readonly Variable[], f: (w: Tensor) => Tensor) => new Map([[all[0]!, f]])
    const build = (f: (w: Tensor) => Tensor) => () =>
      trainer(NAMES, FIRST, (loss, all) => adamw().updates(loss, all, { constraints: constraints(all, f) }), 'float64')
    const net = build((w) => maximum(w, 0))()
    net.step(NONE)
    expect(net.value('dense/kernel')).toEqual(FIRST[0]!.data.map((v) => Math.max(0, v * (1 - 0.001 * 0.004))))
    expect(net.value('dense/bias')[1]).toBeLessThan(0)
    expect(build(sum)).toThrow(/^adamw: the constraint of "dense\/kernel".* must return float64\[2, 2\], it returned/)
    expect(build((w) => cast(w, 'float32'))).toThrow(/must return float64\[2, 2\], it returned/)
    expect(build(() => 1 as never)).toThrow(/^adamw: the constraint of "dense\/kernel"/)
  })

  it('count steps where gradients are applied, for averages and rates too', () => {
    const learningRate = (step: Tensor) => add(step, 1)
    const ema = { useEma: true, emaMomentum: 0.5, gradientAccumulationSteps: 3 }
    const net = train(sgd({ learningRate, ...ema }))
    const [w, a] = [() => net.value('dense/bias')[0], () => net.value('train/sgd/dense/bias/average')[0]]
    const seen = Array.from({ length: 9 }, () => (net.step(ONES), [w(), a()]))
    const rest = [0.25, 0]
    const [first, second, third] = [[-0.75, -0.75], [-2.75, -1.75], [-5.75, -3.75]] // prettier-ignore
    expect(seen).toEqual([rest, rest, first, first, first, second, second, second, third])
  })

  it('name two optimisers of one entry', () => {
    const [a, b] = [variable('a', [], 1), variable('b', [], 1)]
    const both = (second: object) =>
      compile({
        main: entry({ x: tensor([]) }, ({ x }) => {
          const loss = mul(add(a, b), x) as Tensor
          const updates = [...sgd().updates(loss, [a]), ...sgd().updates(loss, [b], second)]
          return { outputs: {}, updates }
        }),
      })
    expect(() => both({})).toThrow('give one of the two optimisers another name')
    expect(both({ name: 'other' }).state.names).toContain('main/other/learningRate')
  })
})
