import { compile, entry, grad, mul, sum, tensor, type Tensor } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { LOSSES, lossOf } from '../../src/losses/lookup'
import { lossValue } from '../../src/losses/reduce'
import {
  expectNear,
  filled,
  type Float,
  type Numbers,
  optionsOf,
  recordsOf,
  reductionOf,
  TARGETS,
} from '../fixtures/keras/records'

interface LossRecord {
  readonly id: string
  readonly loss: string
  readonly args: Readonly<Record<string, unknown>>
  readonly reduction: string | null
  readonly y_true: Numbers
  readonly y_pred: Numbers
  readonly sample_weight: Numbers | null
  readonly value: Numbers
  readonly c: Numbers
  readonly grad_y_pred: Numbers
  readonly computed: string
  readonly f32_deviation?: number
}

const RECORDS = recordsOf<LossRecord>('losses.json')

/** Probabilities of exactly 0 and 1, clipped in float32: 1 - 1e-7 is another number in float64. */
const isEdge = (record: LossRecord): boolean => record.computed === 'float32'
/** Rows of a class to be ignored, whose shares of their sum Keras computes as 0 / 0: their gradient is 0. */
const NO_GRADIENT = 'loss-0181-SparseCategoricalCrossentropy'

test('all records are compared', () => {
  expect(RECORDS).toHaveLength(134)
  expect(RECORDS.filter(isEdge)).toHaveLength(4)
  expect(RECORDS.filter((r) => r.grad_y_pred.data.includes('NaN')).map((r) => r.id)).toEqual([NO_GRADIENT])
  const classes = new Set(RECORDS.map((r) => r.loss))
  expect(classes.size).toBe(18)
  const absent = LOSSES.map((l) => l.className).filter((name) => !classes.has(name))
  expect(absent).toEqual(['CategoricalGeneralizedCrossEntropy', 'Circle', 'Dice', 'Tversky'])
  console.log(`Keras losses: ${RECORDS.length} records of ${classes.size} classes, values and gradients`)
})

function scaleOf(record: LossRecord, dtype: Float): number {
  if (isEdge(record)) return 100
  // 3.0.5 adds 1e-7 to the number of rows that count.
  if (dtype === 'float64') return 'ignore_class' in record.args ? 1e-2 : 1e-3
  return Math.max(1, record.f32_deviation ?? 1)
}
const instead = ({ id, grad_y_pred }: LossRecord): Numbers =>
  id === NO_GRADIENT ? { ...grad_y_pred, data: grad_y_pred.data.map((v) => (v === 'NaN' ? 0 : v)) } : grad_y_pred

describe.each(TARGETS)('on %s in %s', (_, dtype, options) => {
  const comparable = RECORDS.filter((r) => dtype === 'float32' || !isEdge(r))
  test.each(comparable.map((r) => [r.id, r] as const))('%s is as in Keras, value and gradient', (_, record) => {
    const { y_true, y_pred, sample_weight, c } = record
    const loss = lossOf({
      className: record.loss,
      config: { ...optionsOf(record.args), reduction: reductionOf(record.reduction) },
    })
    const given = { y: y_true, p: y_pred, c, ...(sample_weight ? { w: sample_weight } : {}) }
    const specs = Object.entries(given).map(([name, n]) => [name, tensor(n.shape as number[], dtype)] as const)
    const run = compile(
      entry(Object.fromEntries(specs), (all) => {
        const { y, p, w, c } = all as unknown as Readonly<Record<'y' | 'p' | 'c' | 'w', Tensor>>
        const value = lossValue(loss, y, p, { weight: w })
        return { outputs: { value, gradient: grad(sum(mul(value, c)), [p])[0] } }
      }),
      options,
    )
    const feeds = Object.fromEntries(Object.entries(given).map(([name, n]) => [name, filled(n, dtype)]))
    const { value, gradient } = run(feeds as never) as Record<string, unknown>
    expectNear(value, record.value, scaleOf(record, dtype), 'value')
    expectNear(gradient, instead(record), scaleOf(record, dtype), 'gradient')
  })
})
