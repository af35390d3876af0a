import { describe, expect, it } from 'vitest'
import { Batches, Feeder, heldOutRows } from '../../explorer/src/training/batches'
import { columnsOf, type Source } from '../../explorer/src/training/columns'
import { standardised } from '../../explorer/src/training/data/series'
import { twoSpirals } from '../../explorer/src/training/data/spirals'
import { type Fit, fitOf, type InputSpec } from '../../explorer/src/training/fit'

const f32 = (...dims: (number | string)[]): InputSpec => ({ dims, dtype: 'float32' })
const i32 = (...dims: (number | string)[]): InputSpec => ({ dims, dtype: 'int32' })
const inputs = (x: InputSpec, y?: InputSpec) => (y ? { x, y } : { x })
const fitted = (x: InputSpec, y?: InputSpec): Fit => {
  const found = fitOf(inputs(x, y))
  if ('message' in found) throw new Error(found.message)
  return found
}

describe('a data set', () => {
  it.each([
    ['spirals', f32('B', 2), i32('B'), 'label'],
    ['spirals', f32('B', 2), i32('B', 1), 'label'],
    ['spirals', f32('B', 2), f32('B', 1), 'label'],
    ['spirals', f32('B', 2), f32('B', 2), 'oneHot'],
    ['digits', f32('B', 64), f32('B', 10), 'oneHot'],
    ['digits', f32('B', 784), i32('B'), 'label'],
    ['digits', f32('B', 28, 28), i32('B'), 'label'],
    ['digits', f32('B', 28, 28, 1), i32('B'), 'label'],
    ['digits', f32('B', 1, 28, 28), i32('B', 1), 'label'],
    ['digits', f32('B', 8, 8), i32('B'), 'label'],
    ['digits', f32('B', 784), f32('B', 784), 'sample'],
    ['series', f32('B', 14, 4), f32('B', 1), 'next'],
    ['series', f32('B', 14, 4), f32('B', 4), 'next'],
    ['series', f32('B', 14), f32('B'), 'next'],
    ['series', f32('B', 30, 1), f32('B', 7), 'ahead'],
    ['series', f32('B', 'T', 2), f32('B', 1), 'next'],
  ] as const)('%s is found for %o and %o', (kind, x, y, target) => {
    const fit = fitted(x, y)
    expect(fit.sample.form.kind).toBe(kind)
    expect(fit.target!.form.kind).toBe(target)
    expect(fit.batch).toBeUndefined()
  })

  it('is found whichever input comes first, and with the size of a batch that is fixed', () => {
    expect(fitOf({ labels: i32(16), points: f32(16, 2) })).toMatchObject({
      sample: { input: 'points' },
      target: { input: 'labels' },
      batch: 16,
    })
  })

  it('may be samples alone', () => {
    expect(fitted(f32('B', 784)).target).toBeUndefined()
  })

  it.each([
    ['three inputs', { x: f32('B', 2), y: i32('B'), z: f32('B') }, 'x: float32[B, 2], y: int32[B], z: float32[B]'],
    ['other extents', { x: f32('B', 16, 32), target: f32('B', 16, 32) }, 'x: float32[B, 16, 32]'],
    ['classes of another number', { x: f32('B', 784), y: f32('B', 12) }, 'y: float32[B, 12]'],
    ['batches of two sizes', { x: f32('B', 2), y: i32('N') }, 'y: int32[N]'],
    ['none', {}, 'no inputs'],
  ])('is missing for %s, and that is said with what would fit', (_, given, shown) => {
    const found = fitOf(given) as { message: string }
    expect(found.message).toMatch(/^The entry train takes /)
    expect(found.message).toContain(shown)
    for (const kind of ['two spirals', 'digits', 'time series']) expect(found.message).toContain(kind)
  })

  it('that is asked for is the only one', () => {
    expect(fitOf(inputs(f32('B', 64), f32('B', 1)), 'series')).toMatchObject({ sample: { form: { days: 64 } } })
    const { message } = fitOf(inputs(f32('B', 2), i32('B')), 'digits') as { message: string }
    expect(message).toContain("the model exports data = 'digits'")
    expect(message).not.toContain('two spirals')
  })
})

describe('columns', () => {
  const spirals: Source = { kind: 'spirals', spirals: twoSpirals(40, 1) }
  const days = 12
  const series: Source = {
    kind: 'series',
    series: standardised({
      quantities: ['a', 'b'],
      unit: '',
      firstDate: '2020-01-01',
      values: Array.from({ length: 2 * days }, (_, i) => (i % 2 === 0 ? i / 2 : 100 + i)),
      split: 8,
    }),
  }

  it('of classes are labels or ones, and a quarter is held out', () => {
    const labels = columnsOf(fitted(f32('B', 2), i32('B')), spirals)
    expect(labels).toMatchObject({ count: 40, learnt: 30 })
    expect(labels.target!.data).toEqual(Int32Array.from({ length: 40 }, (_, i) => i % 2))
    const ones = columnsOf(fitted(f32('B', 2), f32('B', 2)), spirals)
    expect([...ones.target!.data.slice(0, 4)]).toEqual([1, 0, 0, 1])
  })

  it('of a series are days and the day behind them, and no target to learn from is a day that is held out', () => {
    const { values } = (series as { series: { values: Float32Array } }).series
    const at = (day: number, q = 0): number => values[2 * day + q]!
    const next = columnsOf(fitted(f32('B', 3, 2), f32('B', 2)), series)
    expect(next).toMatchObject({ count: 9, learnt: 5 })
    expect([...next.sample.data.slice(6, 12)]).toEqual([at(1), at(1, 1), at(2), at(2, 1), at(3), at(3, 1)])
    expect([...next.target!.data.slice(2 * 4, 2 * 5)]).toEqual([at(7), at(7, 1)])
    const ahead = columnsOf(fitted(f32('B', 3), f32('B', 2)), series)
    expect(ahead).toMatchObject({ count: 8, learnt: 4 })
    expect([...ahead.target!.data.slice(2 * 3, 2 * 4)]).toEqual([at(6), at(7)])
  })

  it('are fed in batches of another order each epoch, the same for a seed, none of them held out', () => {
    const columns = columnsOf(fitted(f32('B', 2), i32('B')), spirals)
    const epochOf = (batches: Batches): number[] =>
      Array.from({ length: 3 }, () => Array.from(batches.next(10)['x']!.filter((_, i) => i % 2 === 0))).flat()
    const batches = new Batches(columns, 7)
    const [first, second] = [epochOf(batches), epochOf(batches)]
    expect(batches.epoch).toBe(1)
    expect(second).not.toEqual(first)
    const learnt = [...columns.sample.data.slice(0, 60)].filter((_, i) => i % 2 === 0).sort()
    expect([...first].sort()).toEqual(learnt)
    expect([...second].sort()).toEqual(learnt)
    batches.reset()
    expect(epochOf(batches)).toEqual(first)
  })

  it('say their shape when they are fed, in the dtype that the model takes', () => {
    const columns = columnsOf(fitted({ dims: ['B', 2], dtype: 'float64' }, i32('B', 1)), spirals)
    const feeds = new Feeder([columns.sample, columns.target!]).take(heldOutRows(columns, 4))
    expect(feeds['x']).toBeInstanceOf(Float64Array)
    expect(feeds['y']).toMatchObject({ shape: [4, 1] })
    expect(feeds['x']![0]).toBe(columns.sample.data[60])
  })
})
