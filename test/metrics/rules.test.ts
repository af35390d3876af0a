import {
  add,
  compile,
  constant,
  entry,
  fill,
  GraphError,
  mul,
  named,
  sgd,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
  update,
  variable,
} from 'gradloom'
import { describe, expect, test } from 'vitest'
import { lossOf, lossValue } from '../../src/losses/index'
import {
  accuracy,
  auc,
  f1Score,
  iou,
  mean,
  meanAbsoluteError,
  meanOf,
  metricOf,
  precision,
  r2Score,
  standalone,
} from '../../src/metrics/index'
import type { MetricId } from '../../src/metrics/lookup'
import type { Metric } from '../../src/metrics/metric'
import { METRICS } from '../../src/metrics/lookup'
import { draws, measured } from '../losses/measure'
import { CASES } from './reference'

const KNOWN = METRICS.map((m) => m.className)
const zeros = (...shape: readonly number[]): Tensor => fill(shape, 0)
const context = (y: readonly number[], p: readonly number[]) => ({ target: zeros(...y), prediction: zeros(...p) })
const configOf = (className: string): Record<string, unknown> => ({ ...CASES.find((c) => c.className === className)!.config }) // prettier-ignore
const made = (className: string): Metric => metricOf({ className, config: configOf(className) }, context([4], [4]))
const messageOf = (run: () => unknown, kind: new (...args: never[]) => Error = GraphError): string => {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(kind)
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}
/** The state of a metric as constants. */
const startOf = (metric: Metric, y: Tensor, p: Tensor) =>
  Object.fromEntries(metric.states(y, p).map(({ name, shape, dtype, first = 0 }) => [name, fill(shape, first, { dtype })])) // prettier-ignore
const updated = (metric: Metric, y: Tensor, p: Tensor, w?: Tensor) => metric.update(startOf(metric, y, p), y, p, w)

describe('options', () => {
  test.each(KNOWN)('%s: the config gives the metric again; a slip and what is missing are errors', (className) => {
    const metric = made(className)
    expect(metric.className).toBe(className)
    const config = JSON.parse(JSON.stringify(metric.config)) as Record<string, unknown>
    expect(metricOf({ className, config }, context([4], [4])).config).toEqual(metric.config)
    expect(config['name']).toBe(metric.name)
    const own = { className, config: { ...config, name: 'mine' } }
    expect(metricOf(own, context([4], [4])).name).toBe('mine')
    const slip = { className, config: { ...config, treshold: 1 } }
    expect(messageOf(() => metricOf(slip, context([4], [4])))).toContain(`${className}: unknown option "treshold"`)
  })

  const refused: readonly (readonly [className: string, config: Record<string, unknown>, says: string])[] = [
    ['AUC', { curve: 'roc' }, 'curve must be one of ROC, PR, PRGAIN'],
    ['AUC', { summationMethod: 'sum' }, 'summationMethod must be one of'],
    ['AUC', { numThresholds: 1 }, 'numThresholds must be a whole number from 2'],
    ['AUC', { thresholds: [2] }, 'thresholds must be from 0 to 1'],
    ['AUC', { numLabels: 3 }, 'numLabels is for multiLabel'],
    ['Precision', { thresholds: [0.5, 1.5] }, 'thresholds must be from 0 to 1'],
    ['Recall', { topK: 0 }, 'topK must be a whole number from 1'],
    ['Recall', { classId: -1 }, 'classId must be a class number'],
    ['TruePositives', { thresholds: [] }, 'thresholds must be from 0 to 1'],
    ['PrecisionAtRecall', { recall: 2 }, 'recall must be from 0 to 1'],
    ['PrecisionAtRecall', {}, 'the option recall must be given'],
    ['IoU', { numClasses: 3 }, 'the option targetClassIds must be given'],
    ['IoU', { numClasses: 3, targetClassIds: [3] }, 'targetClassIds must be class numbers below 3'],
    ['MeanIoU', { numClasses: 0 }, 'numClasses must be a whole number from 1'],
    ['FBetaScore', { beta: 0 }, 'beta must be a positive number'],
    ['F1Score', { average: 'samples' }, 'average must be one of'],
    ['F1Score', { threshold: 0 }, 'threshold must be above 0'],
    ['R2Score', { classAggregation: 'mean' }, 'classAggregation must be one of'],
    ['R2Score', { numRegressors: -1 }, 'numRegressors must be a whole number from 0'],
    ['TopKCategoricalAccuracy', { k: 0 }, 'k must be a whole number from 1'],
    ['BinaryAccuracy', { threshold: NaN }, 'threshold must be a finite number'],
    ['BinaryCrossentropy', { labelSmoothing: 2 }, 'labelSmoothing must be from 0 to 1'],
    ['PearsonCorrelation', { axis: 0.5 }, 'axis must be a whole number'],
  ]
  test.each(refused)('%s refuses %o', (className, config, says) => {
    expect(messageOf(() => metricOf({ className, config }, context([4], [4])))).toContain(`${className}: ${says}`)
  })
})

describe('shapes', () => {
  const VALUES_ALONE = ['Mean', 'Sum']
  test.each(KNOWN)('%s refuses what does not fit and names both shapes, and weights of another shape', (className) => {
    const metric = made(className)
    const y = CASES.find((c) => c.className === className)!.data(4)[0].shape
    const p = CASES.find((c) => c.className === className)!.data(4)[1].shape
    const [target, prediction] = [named('truth', zeros(...y)), named('guess', zeros(...p))]
    if (!VALUES_ALONE.includes(className))
      for (const shape of [
        [5, ...y.slice(1)],
        [...y, 2],
        [2, ...y],
      ]) {
        const wrong = named('truth', zeros(...shape))
        const message = messageOf(() => metric.update(startOf(metric, target, prediction), wrong, prediction))
        expect(message).toContain(className)
        expect(message).toContain(`[${shape.join(', ')}]`)
        expect(message).toContain(`[${p.join(', ')}]`)
      }
    for (const shape of [[5], [1], [2, 4]])
      expect(messageOf(() => updated(metric, target, prediction, zeros(...shape)))).toContain(`${className}: the weight [${shape.join(', ')}]`) // prettier-ignore
    expect(messageOf(() => metric.update({}, [1] as never, prediction))).toContain('expected a tensor, got an array')
  })

  test.each(KNOWN)('%s keeps what no extent of the batch changes, in float64', (className) => {
    const metric = made(className)
    const states = (count: number) => {
      const [y, p] = CASES.find((c) => c.className === className)!.data(count)
      return metric.states(zeros(...y.shape), zeros(...p.shape))
    }
    expect(states(4)).toEqual(states(9))
    expect(states(4).every(({ dtype }) => dtype === 'float64')).toBe(true)
    const [y, p] = CASES.find((c) => c.className === className)!.data(4)
    const next = updated(metric, fill(y.shape, 0, { dtype: y.dtype }), fill(p.shape, 0, { dtype: p.dtype }))
    expect(Object.entries(next).map(([name, t]) => ({ name, shape: t.shape, dtype: t.dtype }))).toEqual(states(4))
    expect(metric.result(next).dtype).toBe('float64')
  })

  test('scores of classes need them', () => {
    expect(messageOf(() => auc({ multiLabel: true }).states(zeros(4), zeros(4)))).toContain('AUC: with multiLabel')
    expect(messageOf(() => auc({ multiLabel: true, numLabels: 2 }).states(zeros(4, 3), zeros(4, 3)))).toContain('[samples, 2]') // prettier-ignore
    expect(messageOf(() => f1Score().states(zeros(4), zeros(4)))).toContain('F1Score: the prediction must be')
    expect(messageOf(() => updated(r2Score(), zeros(4, 2, 2), zeros(4, 2, 2)))).toContain('R2Score: the prediction')
    expect(messageOf(() => updated(precision({ classId: 3 }), zeros(4, 3), zeros(4, 3)))).toContain('classId 3 is out of range') // prettier-ignore
    expect(messageOf(() => updated(auc({ labelWeights: [1, 2] }), zeros(4, 3), zeros(4, 3)))).toContain('there are 2 labelWeights') // prettier-ignore
  })

  test('weights may be of samples or of more of their axes', () => {
    const metric = standalone(meanAbsoluteError())
    const y = [[[0, 0], [0, 0]], [[0, 0], [0, 0]]] // prettier-ignore
    const p = [[[1, 1], [2, 2]], [[3, 3], [5, 5]]] // prettier-ignore
    metric.update(y, p, [1, 3])
    expect(metric.result()).toBe((1 * 1.5 + 3 * 4) / 4)
    metric.update(y, p, [[1, 0], [0, 2]]) // prettier-ignore
    expect(metric.result()).toBe((1.5 + 12 + (1 + 10) / 2) / (4 + 3 / 2))
  })
})

describe('names', () => {
  const known = context([4, 3], [4, 3])
  test('are those of Keras, in any case, and stay as they were written', () => {
    for (const className of KNOWN) {
      const required = ['IoU', 'MeanIoU', 'OneHotIoU', 'OneHotMeanIoU', 'PrecisionAtRecall', 'RecallAtPrecision', 'SensitivityAtSpecificity', 'SpecificityAtSensitivity'] // prettier-ignore
      // What is called accuracy is told by the shapes, as in Keras.
      if ([...required, 'Accuracy'].includes(className)) continue
      const snake = className.replace(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase()
      for (const name of [className, snake]) {
        const metric = metricOf(name, known)
        expect([metric.className, metric.name], name).toEqual([className, name])
      }
    }
    const short = { mse: 'MeanSquaredError', mae: 'MeanAbsoluteError', mape: 'MeanAbsolutePercentageError', msle: 'MeanSquaredLogarithmicError', bce: 'BinaryCrossentropy' } // prettier-ignore
    for (const [name, className] of Object.entries(short)) expect(metricOf(name, known).className).toBe(className)
  })
  const KINDS = [
    [[4], [4, 3], 'SparseCategorical'],
    [[4, 1], [4, 3], 'SparseCategorical'],
    [[4, 5], [4, 5, 3], 'SparseCategorical'],
    [[4, 3], [4, 3], 'Categorical'],
    [[4, 1], [4, 1], 'Binary'],
    [[4], [4, 1], 'Binary'],
    [[4], [4], 'Binary'],
  ] as const // prettier-ignore
  test.each(KINDS)('targets %o and predictions %o are %s', (y, p, kind) => {
    for (const name of ['accuracy', 'acc'])
      expect(metricOf(name, context(y, p))).toMatchObject({ className: `${kind}Accuracy`, name })
    for (const name of ['crossentropy', 'ce'])
      expect(metricOf(name, context(y, p))).toMatchObject({ className: `${kind}Crossentropy`, name })
    const loss = lossOf({ className: 'BinaryCrossentropy', config: { fromLogits: true } })
    expect(metricOf('crossentropy', { ...context(y, p), loss }).config['fromLogits']).toBe(true)
  })
  test('of no metric are an error that lists what there is', () => {
    const message = messageOf(() => metricOf('acuracy', known))
    for (const name of [...KNOWN, 'mse', 'acuracy', 'crossentropy']) expect(message).toContain(name)
    for (const id of [3, null, {}] as never[]) expect(messageOf(() => metricOf(id, known))).toContain('metricOf: expected a name') // prettier-ignore
  })
  test('of a loss or a function are theirs; a metric stays itself', () => {
    const distance: MetricId = (y: Tensor, p: Tensor) => square(sub(y, p))
    expect(metricOf(distance, known).name).toBe('distance')
    const loss = lossOf('huber')
    expect(metricOf(loss, known)).toMatchObject({ className: 'MeanMetricWrapper', name: 'huber_loss' })
    expect(meanOf(loss, { name: 'other' }).name).toBe('other')
    const metric = accuracy()
    expect(metricOf(metric, known)).toBe(metric)
  })
})

describe('means', () => {
  test('over batches are those over samples (tensorflow#38596)', () => {
    const loss = standalone(mean())
    loss.update(undefined, [9, 11])
    loss.update(undefined, [9])
    expect(loss.result()).toBe(29 / 3)
  })
  test('of a loss agree with the loss, of which rows are left out as well', () => {
    const sparse = lossOf({ className: 'SparseCategoricalCrossentropy', config: { ignoreClass: 1, fromLogits: true } })
    const p = draws('p', [4, 3])
    const y = [0, 1, 2, 1]
    const value = measured({ p }, ({ p }) => lossValue(sparse, constant(y, { dtype: 'int32' }), p!), undefined).value[0]
    for (const metric of [
      meanOf(sparse),
      metricOf({ className: sparse.className, config: { ignoreClass: 1, fromLogits: true } }, context([4], [4, 3])),
    ]) {
      // prettier-ignore
      const running = standalone(metric)
      running.update(Int32Array.from(y), Object.assign(p.data.slice(), { shape: p.shape }))
      expect(running.result()).toBeCloseTo(value!, 14)
    }
  })
  test('of float32 are added up in float64', () => {
    const metric = standalone(mean())
    metric.update(undefined, Float32Array.of(16777216, 1, 1, 2))
    expect(metric.result()).toBe(16777220 / 4)
    for (let i = 0; i < 1000; i++) metric.update(undefined, Float32Array.of(16777217 + 1))
    expect(metric.result()).toBe((16777220 + 1000 * 16777218) / 1004)
  })
})

describe('standalone', () => {
  test('other shapes of samples, dtypes and weights go on with the state', () => {
    const metric = standalone(accuracy())
    metric.update([1, 0, 2], [1, 1, 2])
    metric.update(Int32Array.of(1, 1), Float32Array.of(1, 0))
    metric.update([[1, 2, 3, 4]], [[1, 2, 3, 0]], [4])
    metric.update([1], [0])
    expect(metric.result()).toBe((2 + 1 + 4 * 0.75 + 0) / (3 + 2 + 4 + 1))
  })
  test('state that does not fit, and samples of different number, are errors', () => {
    const metric = standalone(f1Score())
    metric.update([[1, 0]], [[0.9, 0.1]])
    expect(() => { metric.update([[1, 0, 0]], [[0.9, 0.1, 0.2]]) }).toThrow('reset the metric first') // prettier-ignore
    expect(metric.result()).toEqual([1, 0])
    expect(() => { metric.update([[1, 0]], [[0.9, 0.1], [1, 0]]) }).toThrow('target [1, 2] and prediction [2, 2]') // prettier-ignore
    expect(() => { metric.update([[1, 0]], [[0.9, 0.1]], [1, 2]) }).toThrow('weight [2] and prediction [1, 2]') // prettier-ignore
    expect(() => { metric.update(1, 1) }).toThrow('must have as many samples') // prettier-ignore
  })
  test('a reset leaves nothing to fit', () => {
    const metric = standalone(f1Score())
    metric.update([[1, 0]], [[0.9, 0.1]])
    metric.reset()
    metric.update([[1, 0, 0]], [[0.9, 0.1, 0.2]])
    expect(metric.result()).toEqual([1, 0, 0])
    metric.reset()
    metric.update([[1, 0]], [[0.9, 0.1]])
    expect(metric.result()).toEqual([1, 0])
  })
  test('what is out of range is no class of an IoU', () => {
    const metric = standalone(iou({ numClasses: 2, targetClassIds: [0, 1] }))
    metric.update([0, 1, 255, -1, 1], [0, 1, 1, 0, 7])
    expect(metric.result()).toBe(1)
  })
})

test('a step trains and measures in one graph, for batches of any size', () => {
  for (const target of ['js', 'wasm'] as const) {
    const w = variable('w', [1, 1], 0)
    const metric = meanOf(lossOf('mse'))
    const total = variable('total', [], 0, { dtype: 'float64', trainable: false })
    const count = variable('count', [], 0, { dtype: 'float64', trainable: false })
    const program = compile(
      {
        train: entry({ x: tensor(['B', 1]), y: tensor(['B', 1]) }, ({ x, y }) => {
          const prediction = mul(x, w)
          const loss = lossValue(lossOf('mse'), y, prediction)
          const next = metric.update({ total, count }, y, prediction)
          const kept = [update(total, next['total']!), update(count, next['count']!)]
          return { outputs: { loss }, updates: [...sgd(sum(loss) as never, [w], { learningRate: 0.1 }), ...kept] }
        }),
        result: entry({}, () => ({ outputs: { value: add(metric.result({ total, count }), 0) as Tensor<[]> } })),
      },
      { target },
    )
    const losses = [[[1], [2]], [[3]], [[1], [1], [2]]].map((x) => [x.length, program.train({ x, y: x }).loss] as const) // prettier-ignore
    const right = losses.reduce((sum, [n, loss]) => sum + n * (loss as unknown as number), 0) / 6
    expect(program.result({}).value).toBeCloseTo(right, 5)
  }
})
