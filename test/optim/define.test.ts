import { add, cast, div, GraphError, mul, pow, sign, sqrt, square, sub, sum } from 'gradloom'
import {
  defineOptimizer,
  input,
  layers,
  loadModel,
  type OptimizerRule,
  optimizers,
  saveModel,
  schedules,
  sequential,
} from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import type { OptimizerSpec } from '../../src/optim/spec'
import { type Numbers, trainer } from './harness'

const Adam = defineOptimizer({
  className: 'OwnAdam',
  name: 'adam',
  hypers: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  update: ({ weight, gradient, hyper, slot, step, cast }) => {
    const [b1, b2] = [hyper('beta1'), hyper('beta2')]
    const [m, v] = [slot('m'), slot('v')]
    const nextM = add(m, mul(sub(gradient, m), sub(1, b1)))
    const nextV = add(v, mul(sub(square(gradient), v), sub(1, b2)))
    const rate = mul(hyper('learningRate'), div(sqrt(sub(1, pow(b2, cast(step())))), sub(1, pow(b1, cast(step())))))
    return {
      next: sub(weight, div(mul(rate, nextM), add(sqrt(nextV), hyper('epsilon')))),
      slots: [
        [m, nextM],
        [v, nextV],
      ],
    }
  },
})
const Signum = defineOptimizer({
  className: 'Signum',
  hypers: { learningRate: 0.001, beta: 0.9 },
  update: ({ weight, gradient, hyper, slot }) => {
    const momentum = slot('momentum')
    const beta = hyper('beta')
    const next = add(mul(beta, momentum), mul(sub(1, beta), gradient))
    return { next: sub(weight, mul(hyper('learningRate'), sign(next))), slots: [[slot('momentum'), next]] }
  },
})

const FIRST: readonly Numbers[] = [
  { shape: [2, 2], data: [1, -2, 0.5, 4] },
  { shape: [2], data: [0.25, -1] },
]
const train = (spec: OptimizerSpec) =>
  trainer(['dense/kernel', 'dense/bias'], FIRST, (loss, all) => spec.updates(loss, all), 'float64')
const gradientsAt = (step: number): readonly Numbers[] =>
  FIRST.map(({ shape, data }, k) => ({ shape, data: data.map((_, i) => Math.sin(3 * step + 5 * i + k)) }))

describe('an optimiser of one’s own', () => {
  it.each([
    ['alone', {}],
    ['with other hyper-parameters', { learningRate: 0.1, beta1: 0.5 }],
    [
      'with a schedule',
      { learningRate: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }) },
    ],
    ['with gradients clipped', { globalClipNorm: 0.5 }],
    ['with weight decay', { weightDecay: 0.1, excludeFromWeightDecay: ['bias'] }],
    ['with averages', { useEma: true, emaOverwriteFrequency: 3 }],
    ['with accumulation', { gradientAccumulationSteps: 2 }],
  ])('does what the library’s does, %s', (_, options) => {
    const [ours, theirs] = [train(Adam(options)), train(optimizers.adam(options))]
    for (let step = 0; step < 7; step++) {
      for (const t of [ours, theirs]) t.step(gradientsAt(step))
      for (const name of ['dense/kernel', 'dense/bias'])
        ours.value(name).forEach((v, i) => expect(v).toBeCloseTo(theirs.value(name)[i]!, 12))
    }
    expect(ours.value('dense/kernel')).not.toEqual(FIRST[0]!.data)
    expect(ours.state.names.toSorted()).toEqual(theirs.state.names.toSorted())
  })

  it('has hyper-parameters that are set between steps', () => {
    const own = train(Signum({ beta: 0 }))
    own.step(gradientsAt(0))
    own.set('train/signum/learningRate', 1)
    const before = own.value('dense/bias')
    own.step([FIRST[0]!, { shape: [2], data: [3, -3] }])
    expect(own.value('dense/bias')).toEqual([before[0]! - 1, before[1]! + 1])
  })

  it('trains a model, which goes on from a file', async () => {
    const net = sequential([input({ shape: [3] }), layers.dense({ units: 2, name: 'dense' })], { seed: 1 })
    net.compile({ optimizer: Signum({ learningRate: 0.01, clipNorm: 1 }), loss: 'mse' })
    const x = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(i), 1])
    const y = x.map(([a, b]) => [a! + b!, a! - b!])
    await net.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 })
    expect(net.getCompileConfig()!.optimizer).toMatchObject({
      className: 'Signum',
      config: { name: 'signum', learningRate: 0.01, beta: 0.9, clipNorm: 1 },
    })
    const again = loadModel(saveModel(net), { customObjects: { Signum } })
    const [a, b] = [await net.fit(x, y, { epochs: 2, verbose: 0 }), await again.fit(x, y, { epochs: 2, verbose: 0 })]
    expect(b.history).toEqual(a.history)
    expect(again.getWeights()).toEqual(net.getWeights())
    expect(() => loadModel(saveModel(net))).toThrow(/no optimiser "Signum".*customObjects/)
  })
})

const update: OptimizerRule['update'] = ({ weight, gradient }) => ({ next: sub(weight, gradient) })
const hypers = { learningRate: 0.1 }

describe('a rule that nothing can be trained by', () => {
  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /a rule \{ className, hypers, update \} is needed, it is undefined/],
    [
      'a key too many',
      { className: 'A', hypers, update, hyper: {} },
      /unknown key "hyper"; known are className, name, hypers, update/,
    ],
    ['no class', { hypers, update }, /className must be a word .*undefined/],
    ['a class of two words', { className: 'My Rule', hypers, update }, /className must be a word .*"My Rule"/],
    ['a name that is a path', { className: 'A', name: 'a/b', hypers, update }, /name must be a word .*"a\/b"/],
    [
      'a class of the library',
      { className: 'AdamW', hypers, update },
      /"AdamW": the library has an optimiser of that class/,
    ],
    ['no hyper-parameters', { className: 'A', update }, /"A": the hypers must be an object/],
    ['no rate', { className: 'A', hypers: { beta: 1 }, update }, /"A": hypers must have a learningRate/],
    [
      'a text for a number',
      { className: 'A', hypers: { learningRate: '1' }, update },
      /"learningRate" must be a finite number from 0, it is "1"/,
    ],
    [
      'less than nothing',
      { className: 'A', hypers: { learningRate: -1 }, update },
      /"learningRate" must be a finite number from 0, it is -1/,
    ],
    [
      'what every optimiser has',
      { className: 'A', hypers: { ...hypers, clipNorm: 1 }, update },
      /every optimiser has "clipNorm"; another name/,
    ],
    ['no update', { className: 'A', hypers }, /"A": update must be a function/],
  ])('is refused: %s', (_name, rule, message) => {
    expect(() => defineOptimizer(rule as OptimizerRule)).toThrow(GraphError)
    expect(() => defineOptimizer(rule as OptimizerRule)).toThrow(message)
  })

  it.each<[string, OptimizerRule['update'], RegExp]>([
    ['nothing', () => undefined as never, /Own: update must return \{ next, slots \}, it returned undefined/],
    [
      'no next value',
      () => ({}) as never,
      /Own: the next value of "dense\/kernel".* must be float64\[2, 2\], update gives undefined/,
    ],
    ['another shape', ({ weight }) => ({ next: sum(weight) }), /must be float64\[2, 2\], update gives .*float64\[\]/],
    [
      'another dtype',
      ({ weight }) => ({ next: cast(weight, 'float32') }),
      /must be float64\[2, 2\], update gives .*float32/,
    ],
    [
      'a slot that is forgotten',
      ({ weight, slot }) => ({ next: sub(weight, slot('m')) }),
      /no next value of the slot "m" of "dense\/kernel"/,
    ],
    [
      'a slot twice',
      ({ weight, slot }) => ({
        next: weight,
        slots: [
          [slot('m'), weight],
          [slot('m'), weight],
        ],
      }),
      /each slot that update asked for once/,
    ],
    [
      'a slot of nobody',
      ({ weight, variable }) => ({ next: weight, slots: [[variable, weight]] }),
      /each slot that update asked for once/,
    ],
    [
      'a slot of another shape',
      ({ weight, slot }) => ({ next: weight, slots: [[slot('m', 0, []), weight]] }),
      /must be float64\[\], update gives/,
    ],
    [
      'no pairs',
      ({ weight, slot }) => ({ next: weight, slots: [slot('m')] as never }),
      /slots: a list of a slot and its next value is needed/,
    ],
    [
      'a hyper-parameter that is not there',
      ({ weight, hyper }) => ({ next: mul(weight, hyper('rate')) }),
      /no hyper-parameter "rate"; there are learningRate/,
    ],
  ])('is refused where it is used: %s', (_name, update, message) => {
    const Own = defineOptimizer({ className: 'Own', hypers, update })
    expect(() => train(Own())).toThrow(message)
  })

  it('refuses options that it does not have', () => {
    expect(() => Signum({ momentum: 0.9 } as never)).toThrow(/signum: unknown option "momentum"/)
    expect(() => Signum({ beta: -1 })).toThrow(/signum: beta must be a finite number from 0/)
  })
})
