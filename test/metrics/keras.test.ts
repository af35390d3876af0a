import { constant } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { METRICS, metricOf } from '../../src/metrics/lookup'
import { type Measured, standalone } from '../../src/metrics/standalone'
import { expectNear, filled, type Float, type Numbers, optionsOf, recordsOf, TARGETS } from '../fixtures/keras/records'

interface MetricRecord {
  readonly id: string
  readonly metric: string
  readonly args: Readonly<Record<string, unknown>>
  readonly batches: readonly {
    readonly y_true: Numbers | null
    readonly y_pred?: Numbers
    readonly values?: Numbers
    readonly sample_weight: Numbers | null
  }[]
  readonly results: readonly Numbers[]
  readonly f32_deviation: number
}

const ALL = recordsOf<MetricRecord>('metrics.json')
/** Where 3.0.5 differs from 3.16, which is what ours are: `reference.test.ts` holds these against plain formulas. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'metric-0007-BinaryAccuracy': 'takes samples [B] for one sample of B elements, so that weights have no effect',
  'metric-0172-R2Score': 'takes the number of elements for that of samples in the adjusted score',
}
const RECORDS = ALL.filter((r) => !(r.id in LEFT_OUT))

test('all records but those that are named are compared', () => {
  expect(ALL).toHaveLength(123)
  expect(RECORDS).toHaveLength(121)
  const classes = new Set(RECORDS.map((r) => r.metric))
  expect(METRICS.map((m) => m.className).filter((name) => !classes.has(name))).toEqual([
    'ConcordanceCorrelation',
    'PearsonCorrelation',
  ])
  const left = Object.entries(LEFT_OUT).map(([id, why]) => `${id} (3.0.5 ${why})`)
  console.log(`Keras metrics: ${RECORDS.length} records of ${classes.size} classes; left out: ${left.join('; ')}`)
})

/** In float64 what Keras adds to denominators, 1e-7, is more than all other differences. */
const ADDS = ['F1Score', 'FBetaScore', 'IoU', 'BinaryIoU', 'MeanIoU', 'OneHotIoU', 'OneHotMeanIoU']
const scaleOf = ({ metric, f32_deviation }: MetricRecord, dtype: Float): number =>
  dtype === 'float32' ? Math.max(1, f32_deviation) : ADDS.includes(metric) ? 0.1 : 1e-3

const context = { target: constant([0]), prediction: constant([0]) }

describe.each(TARGETS)('on %s in %s', (_, dtype, options) => {
  test.each(RECORDS.map((r) => [r.id, r] as const))('%s is as in Keras after each batch', (_, record) => {
    const metric = metricOf({ className: record.metric, config: optionsOf(record.args) }, context)
    const running = standalone(metric, options)
    const shaped = (n: Numbers): Measured => Object.assign(filled(n, dtype), { shape: n.shape })
    record.batches.forEach(({ y_true, y_pred, values, sample_weight }, i) => {
      const prediction = shaped((y_pred ?? values)!)
      running.update(y_true ? shaped(y_true) : undefined, prediction, sample_weight ? shaped(sample_weight) : undefined)
      const got = running.result()
      const right = record.results[i]!
      // A vector is a plain array.
      const result = typeof got === 'number' ? got : Object.assign(got, { shape: [got.length] })
      expectNear(result, right, scaleOf(record, dtype), `batch ${i}`)
    })
  })
})
