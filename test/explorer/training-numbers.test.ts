import { describe, expect, it } from 'vitest'
import { histogramOf } from '../../explorer/src/training/histogram'
import { History } from '../../explorer/src/training/history'
import { lossText, rateText, short } from '../../explorer/src/training/numbers'
import { classified } from '../../explorer/src/training/prediction'

describe('a histogram', () => {
  it('counts every number once, the ends included', () => {
    const { bins, least, most, size, broken } = histogramOf([0, 1, 2, 3, 4, 5, 6, 7, 8], 4)
    expect([...bins]).toEqual([2, 2, 2, 3])
    expect([least, most, size, broken]).toEqual([0, 8, 9, 0])
  })

  it('has the mean and the deviation of what is finite, and says how much is not', () => {
    const found = histogramOf([1, NaN, 3, Infinity], 2)
    expect(found).toMatchObject({ size: 4, broken: 2, mean: 2, deviation: 1, least: 1, most: 3 })
    expect([...found.bins]).toEqual([1, 1])
  })

  it('keeps its digits far from zero', () => {
    expect(histogramOf(Float64Array.of(1e8, 1e8 + 1, 1e8 + 2), 3).deviation).toBeCloseTo(Math.sqrt(2 / 3), 6)
  })

  it('of one value, of none and of nothing finite is what it should be', () => {
    expect([...histogramOf([5, 5], 3).bins]).toEqual([0, 2, 0])
    expect(histogramOf([], 2)).toMatchObject({ size: 0, mean: 0, deviation: 0 })
    expect(histogramOf([NaN], 2)).toMatchObject({ size: 1, broken: 1, least: 0 })
  })
})

describe('the history of losses', () => {
  it('stays small, in order, and ends where training is', () => {
    const history = new History()
    for (let step = 1; step <= 50_000; step++) history.add(step, 1 / step, step % 100 === 0 ? 2 / step : undefined)
    const [steps, training, heldOut] = history.table
    expect(steps.length).toBeLessThanOrEqual(1000)
    expect(steps.length).toBeGreaterThan(400)
    expect([...steps].sort((a, b) => a - b)).toEqual(steps)
    expect(steps.at(-1)).toBe(50_000)
    // As dense at the beginning as at the end.
    expect(Math.abs(steps[100]! * 2 - steps[200]!)).toBeLessThan(100)
    expect(steps.at(-1)! - steps.at(-101)!).toBeLessThan(steps[101]! + 100)
    // Means of a falling curve fall.
    for (let i = 1; i < training.length; i++) expect(training[i]!).toBeLessThan(training[i - 1]!)
    expect(heldOut.filter((v) => v !== null).length).toBeGreaterThan(100)
  })

  it('leaves out what is not finite', () => {
    const history = new History()
    history.add(1, 0.5, NaN)
    history.add(2, undefined, undefined)
    expect(history.table).toEqual([[1], [0.5], [null]])
  })
})

describe('numbers', () => {
  it.each([
    [0, '0'],
    [0.0012345, '0.00123'],
    [12345.6, '12300'],
    [1e6, '1.0e+6'],
    [-0.00001, '-1.0e-5'],
    [NaN, 'NaN'],
  ])('%d is short as %s', (n, text) => expect(short(n)).toBe(text))

  it.each([
    [undefined, '–'],
    [0.5, '0.5000'],
    [12.3456, '12.35'],
    [12345, '1.23e+4'],
    [1e-10, '1.00e-10'],
    [Infinity, 'Infinity'],
  ])('a loss of %d is %s', (n, text) => expect(lossText(n)).toBe(text))

  it('rates have digits where they are small', () => {
    expect([rateText(3.14159), rateText(108_583.4)]).toEqual(['3.1', '108,583'])
  })
})

describe('classes', () => {
  const of = (values: number[], classes: number, isProbability = false) =>
    classified({ width: values.length / 2, values: Float32Array.from(values) }, classes, isProbability)

  it('are those of the largest score, as certain as its softmax', () => {
    const found = of([0, Math.log(3), 2, 2 - Math.log(4)], 2)!
    expect([...found.classes]).toEqual([1, 0])
    expect(found.certainties[1]).toBeCloseTo(0.75, 5)
    expect(found.certainties[2]).toBeCloseTo(0.8, 5)
  })

  it('keep probabilities as they are', () => {
    const { certainties } = of([0.1, 0.7, 0.2, 0.5, 0.25, 0.25], 3)!
    expect(certainties[1]).toBeCloseTo(0.7, 5)
  })

  it('of one number are a probability where a sigmoid gives it, else a logit', () => {
    expect([...of([0.3, 0.7], 2, true)!.classes]).toEqual([0, 1])
    expect([...of([0.3, -0.7], 2)!.classes]).toEqual([1, 0])
  })

  it('are unknown where there are more or fewer numbers', () => {
    expect(of([1, 2, 3, 4, 5, 6], 10)).toBeUndefined()
  })
})
