import fc from 'fast-check'
import { dataset, GraphError, splitDataset, type SplitOptions, trainTestSplit } from 'gradloom'
import { describe, expect, it } from 'vitest'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const ascending = (a: number, b: number): number => a - b

describe('splitDataset', () => {
  it('gives the first elements and the last, in one order for all epochs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), fc.boolean(), fc.integer(), (size, a, b, shuffle, seed) => {
        const left = 1 + (a % (size - 1))
        const right = 1 + (b % (size - left))
        const [first, second] = splitDataset(dataset.from(range(size)), { left, right, shuffle, seed })
        expect([first.size, second.size]).toEqual([left, right])
        const parts = [[...first], [...second]]
        // Later epochs: which element is in which part stays as it is.
        expect([[...first], [...second]]).toEqual(parts)
        expect(new Set(parts.flat()).size).toBe(left + right)
        if (!shuffle) expect(parts).toEqual([range(left), range(size).slice(size - right)])
        const [rest] = splitDataset(dataset.from(range(size)), { right, shuffle, seed })
        expect([...rest, ...parts[1]!].sort(ascending)).toEqual(range(size))
      }), // prettier-ignore
    )
  })

  it('shuffles by its seed', () => {
    const lefts = [1, 2, 1].map((seed) => [...splitDataset(dataset.from(range(30)), { left: 10, shuffle: true, seed })[0]]) // prettier-ignore
    expect(lefts[0]).toEqual(lefts[2])
    expect(lefts[0]).not.toEqual(lefts[1])
    expect(lefts[0]).not.toEqual(range(10))
  })

  // Keras rounds fractions.
  it.each<[SplitOptions, readonly number[]]>([
    [{ left: 0.5 }, [6, 5]],
    [{ left: 0.8 }, [9, 2]],
    [{ right: 0.2 }, [9, 2]],
    [{ left: 3 }, [3, 8]],
    [{ left: 0.2, right: 0.3 }, [2, 3]],
    [{ left: 4, right: 0.5 }, [4, 6]],
  ])('%j of eleven are %j', (options, sizes) => {
    expect(splitDataset(dataset.from(range(11)), options).map(({ size }) => size)).toEqual(sizes)
  })

  // Halves go to the even number, as in Python, and two fractions of a whole never overlap.
  it.each<[number, SplitOptions, readonly number[]]>([
    [5, { left: 0.5, right: 0.5 }, [2, 2]],
    [7, { left: 0.5, right: 0.5 }, [4, 3]],
    [3, { left: 0.5, right: 0.5 }, [2, 1]],
    [5, { left: 0.5 }, [2, 3]],
    [5, { right: 0.5 }, [3, 2]],
    [10, { left: 0.75, right: 0.25 }, [8, 2]],
  ])('%i elements by %j are %j', (size, options, sizes) => {
    expect(splitDataset(dataset.from(range(size)), options).map((part) => part.size)).toEqual(sizes)
  })

  it('takes two fractions of a whole for any size from two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 99 }), fc.integer({ min: 25, max: 75 }), (size, percent) => {
        const [left, right] = splitDataset(dataset.from(range(size)), { left: percent / 100, right: (100 - percent) / 100 })
        expect(left.size! + right.size!).toBeLessThanOrEqual(size)
        expect(left.size! + right.size!).toBeGreaterThanOrEqual(size - 1)
      }), // prettier-ignore
    )
  })

  const source = dataset.from(range(10))
  it.each<[string, () => unknown]>([
    ['left or right must be given', () => splitDataset(source, {})],
    ['10 elements cannot be split into 8 and 3', () => splitDataset(source, { left: 8, right: 3 })],
    ['10 elements cannot be split into 10 and 0', () => splitDataset(source, { left: 10 })],
    ['10 elements cannot be split into 0 and 10', () => splitDataset(source, { left: 0.01 })],
    ['left must be a whole number from 1 or a fraction below 1, it is 2.5', () => splitDataset(source, { left: 2.5 })],
    ['right must be a whole number from 1 or a fraction below 1, it is -1', () => splitDataset(source, { right: -1 })],
    ['the size of the dataset is not known; take(n) comes first', () => splitDataset(source.filter(() => true), { left: 1 })], // prettier-ignore
    ['the size of the dataset is endless', () => splitDataset(source.repeat(), { left: 1 })],
    ['a dataset is needed, it is an array of 1', () => splitDataset([1] as never, { left: 1 })],
    ['unknown option "size"', () => splitDataset(source, { size: 1 } as never)],
  ])('%s', (message, make) => {
    expect(make).toThrow(GraphError)
    expect(make).toThrow(`splitDataset: ${message}`)
  })
})

describe('trainTestSplit', () => {
  it('shares out rows that stay together, in the form they have', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.integer(), fc.boolean(), (rows, fraction, seed, shuffle) => {
        const tests = Math.ceil(rows * fraction)
        fc.pre(tests < rows)
        const x = Object.assign(Float32Array.from(range(2 * rows)), { shape: [rows, 2] })
        const arrays = { x, y: Int32Array.from(range(rows)), text: range(rows).map(String) }
        const { train, test } = trainTestSplit(arrays, { fraction, seed, shuffle })
        expect([train, test].map((part) => [part.x.shape, part.y.length, part.text.length])).toEqual(
          [rows - tests, tests].map((n) => [[n, 2], n, n]),
        )
        for (const part of [train, test]) {
          expect(part.text).toEqual([...part.y].map(String))
          expect([...part.x]).toEqual([...part.y].flatMap((i) => [2 * i, 2 * i + 1]))
          expect([part.x.constructor, part.y.constructor]).toEqual([Float32Array, Int32Array])
        }
        const order = [...train.y, ...test.y]
        expect(shuffle ? order.sort(ascending) : order).toEqual(range(rows))
        expect(trainTestSplit(arrays, { fraction, seed, shuffle })).toEqual({ train, test })
        train.x.fill(-1)
        expect([...x]).toEqual(range(2 * rows))
      }), // prettier-ignore
    )
  })

  it('keeps the parts of a dataset that is shuffled apart in every epoch', () => {
    const source = dataset.from(range(10)).shuffle(10)
    for (const options of [{ right: 0.3 }, { left: 4, shuffle: true }]) {
      const [train, test] = splitDataset(source, options)
      const passes = Array.from({ length: 4 }, () => [[...train], [...test]] as const)
      for (const [a, b] of passes) expect([...a, ...b].sort((p, q) => p - q)).toEqual(range(10))
      expect(passes.map(([, b]) => b)).toEqual(passes.map(() => passes[0]![1]))
    }
  })

  it('draws a quarter by its seed, every row as likely as another', () => {
    const counts = new Array<number>(8).fill(0)
    for (let seed = 0; seed < 2000; seed++) for (const row of trainTestSplit(range(8), { seed }).test) counts[row]!++
    // 500 each, with a deviation of 19.4.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(90)
  })

  it.each<[string, () => unknown]>([
    ['x has 3 rows and y has 2', () => trainTestSplit({ x: [1, 2, 3], y: [1, 2] })],
    ['fraction must be above 0 and below 1, it is 1', () => trainTestSplit([1, 2], { fraction: 1 })],
    ['fraction must be above 0 and below 1, it is 0', () => trainTestSplit([1, 2], { fraction: 0 })],
    ['of 1 rows 1 would be for testing, which leaves none to train on', () => trainTestSplit([1])],
    ['arrays, or a record of arrays, are needed, it is 3', () => trainTestSplit(3 as never)],
    ['seed must be a safe integer, it is 0.5', () => trainTestSplit([1, 2], { seed: 0.5 })],
    ['unknown option "testSize"; known are fraction, seed, shuffle', () => trainTestSplit([1, 2], { testSize: 1 } as never)], // prettier-ignore
  ])('%s', (message, make) => {
    expect(make).toThrow(GraphError)
    expect(make).toThrow(`trainTestSplit: ${message}`)
  })
})
