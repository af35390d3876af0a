import { dataset, type Dataset, splitDataset, trainTestSplit } from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type Shape = { readonly shape: readonly number[] }
type AnyData = (Float32Array | Float64Array | Int32Array | Uint8Array) & Shape

describe('datasets', () => {
  const typed = new Float32Array(4)
  const square = Object.assign(new Float32Array(4), { shape: [2, 2] as const })

  test('rows of sources', () => {
    expectTypeOf(dataset.from(typed)).toEqualTypeOf<Dataset<number>>()
    expectTypeOf(dataset.from(typed, { rowShape: [2] })).toEqualTypeOf<Dataset<Float32Array>>()
    expectTypeOf(dataset.from(square)).toEqualTypeOf<Dataset<Float32Array>>()
    expectTypeOf(dataset.from([[1], [2]])).toEqualTypeOf<Dataset<number[]>>()
    expectTypeOf(dataset.from(['a'])).toEqualTypeOf<Dataset<string>>()
    expectTypeOf(dataset.from(new Set([1]))).toEqualTypeOf<Dataset<number>>()
    expectTypeOf(dataset.from({ x: typed, y: ['a'] })).toEqualTypeOf<Dataset<{ x: number; y: string }>>()
    expectTypeOf(dataset.from({ x: typed, y: typed }, { rowShape: { x: [2] } })).toEqualTypeOf<Dataset<{ x: Float32Array; y: number }>>() // prettier-ignore
    expectTypeOf(dataset.from(function* () { yield 'a' as string })).toEqualTypeOf<Dataset<string>>() // prettier-ignore
    expectTypeOf(dataset.from(async function* () { yield { a: 1 } })).toEqualTypeOf<Dataset<{ a: number }>>() // prettier-ignore
  })

  test('steps', () => {
    const numbers = dataset.from([1, 2])
    expectTypeOf(numbers.map(String)).toEqualTypeOf<Dataset<string>>()
    expectTypeOf(numbers.map(async (x) => [x])).toEqualTypeOf<Dataset<number[]>>()
    expectTypeOf(dataset.from([1, 'a']).filter((x) => typeof x === 'string')).toEqualTypeOf<Dataset<string>>()
    expectTypeOf(numbers.concatenate(dataset.from(['a']))).toEqualTypeOf<Dataset<number | string>>()
    expectTypeOf(dataset.zip([numbers, dataset.from(['a'])])).toEqualTypeOf<Dataset<[number, string]>>()
    expectTypeOf(dataset.zip({ a: numbers, b: dataset.from(['a']) })).toEqualTypeOf<Dataset<{ a: number; b: string }>>()
    expectTypeOf(numbers.toArray()).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(splitDataset(numbers, { left: 1 })).toEqualTypeOf<[left: Dataset<number>, right: Dataset<number>]>()
    expectTypeOf(trainTestSplit({ x: typed }).test.x).toExtend<Float32Array>()
  })

  test('batches', () => {
    const pairs = dataset.from({ x: typed, y: [1] }, { rowShape: { x: [2] } })
    expectTypeOf(pairs.batch(2)).toEqualTypeOf<Dataset<{ x: Float32Array & Shape; y: AnyData }>>()
    expectTypeOf(dataset.from(['a']).batch(2)).toEqualTypeOf<Dataset<string[]>>()
    expectTypeOf(dataset.from([[1]]).batch(2)).toEqualTypeOf<Dataset<AnyData>>()
    expectTypeOf(dataset.zip([pairs, dataset.from(['a'])]).batch(2)).toEqualTypeOf<Dataset<[{ x: Float32Array & Shape; y: AnyData }, string[]]>>() // prettier-ignore
    expectTypeOf(pairs.batch(2).unbatch<{ x: Float32Array; y: number }>()).toEqualTypeOf<typeof pairs>()
    const series = dataset.timeSeries(typed, Int32Array.of(1), { sequenceLength: 2 })
    expectTypeOf(series).toEqualTypeOf<Dataset<[AnyData, AnyData]>>()
    expectTypeOf(dataset.timeSeries(typed, null, { sequenceLength: 2, batchSize: null })).toEqualTypeOf<Dataset<AnyData>>() // prettier-ignore
  })

  test('mistakes', () => {
    // @ts-expect-error a record of arrays, not of numbers
    dataset.from({ x: 1 })
    // @ts-expect-error no such column
    dataset.from({ x: typed }, { rowShape: { x: 2 } })
    // @ts-expect-error a seed is an option
    dataset.from([1]).shuffle(3, 1)
    // @ts-expect-error not a dataset
    dataset.zip([[1]])
  })
})
