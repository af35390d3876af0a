import { dataset, type Dataset, type ElementOf, splitDataset, trainTestSplit } from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type Shaped<A> = A & { readonly shape: readonly number[] }
/** The type of the elements of a dataset. */
const of = <T, B>(_: Dataset<T, B>): T => undefined as T

describe('datasets', () => {
  const typed = new Float32Array(4)
  const labels = new Int32Array(2)
  const square = Object.assign(new Float32Array(4), { shape: [2, 2] as const })

  test('rows of sources', () => {
    expectTypeOf(of(dataset.from(typed))).toEqualTypeOf<number>()
    expectTypeOf(of(dataset.from(typed, { rowShape: [2] }))).toEqualTypeOf<Float32Array>()
    expectTypeOf(of(dataset.from(square))).toEqualTypeOf<Float32Array>()
    expectTypeOf(of(dataset.from([[1], [2]]))).toEqualTypeOf<number[]>()
    expectTypeOf(of(dataset.from(['a']))).toEqualTypeOf<string>()
    expectTypeOf(of(dataset.from(new Set([1])))).toEqualTypeOf<number>()
    expectTypeOf(of(dataset.from({ x: typed, y: ['a'] }))).toEqualTypeOf<{ x: number; y: string }>()
    expectTypeOf(of(dataset.from({ x: typed, y: labels }, { rowShape: { x: [2] } }))).toEqualTypeOf<{ x: Float32Array; y: number }>() // prettier-ignore
    expectTypeOf(of(dataset.from(function* () { yield 'a' as string }))).toEqualTypeOf<string>() // prettier-ignore
    expectTypeOf(of(dataset.from(async function* () { yield { a: 1 } }))).toEqualTypeOf<{ a: number }>() // prettier-ignore
  })

  test('steps', () => {
    const numbers = dataset.from([1, 2])
    expectTypeOf(of(numbers.map(String))).toEqualTypeOf<string>()
    expectTypeOf(of(numbers.map(async (x) => [x]))).toEqualTypeOf<number[]>()
    expectTypeOf(of(dataset.from([1, 'a']).filter((x) => typeof x === 'string'))).toEqualTypeOf<string>()
    expectTypeOf(of(numbers.concatenate(dataset.from(['a'])))).toEqualTypeOf<number | string>()
    expectTypeOf(of(dataset.zip([numbers, dataset.from(['a'])]))).toEqualTypeOf<[number, string]>()
    expectTypeOf(of(dataset.zip({ a: numbers, b: dataset.from(['a']) }))).toEqualTypeOf<{ a: number; b: string }>()
    expectTypeOf(numbers.toArray()).toEqualTypeOf<Promise<number[]>>()
    const [left] = splitDataset(dataset.from(labels), { left: 1 })
    expectTypeOf(of(left.batch(2))).toEqualTypeOf<Shaped<Int32Array>>()
    expectTypeOf(trainTestSplit({ x: typed }).test.x).toExtend<Float32Array>()
    expectTypeOf<ElementOf<typeof numbers>>().toEqualTypeOf<number>()
  })

  test('batches', () => {
    const pairs = dataset.from({ x: typed, y: labels }, { rowShape: { x: [2] } })
    type Pairs = { x: Shaped<Float32Array>; y: Shaped<Int32Array> }
    expectTypeOf(of(pairs.batch(2))).toEqualTypeOf<Pairs>()
    const kept = pairs.shuffle(2).filter(() => true).take(1).skip(0).repeat(2).cache().prefetch(1).concatenate(pairs) // prettier-ignore
    expectTypeOf(of(kept.batch(2))).toEqualTypeOf<Pairs>()
    expectTypeOf(of(kept.window({ size: 2 }).unbatch<{ x: Float32Array; y: number }>())).toEqualTypeOf<ElementOf<typeof pairs>>() // prettier-ignore
    expectTypeOf(of(pairs.batch(2).unbatch().batch(3))).toEqualTypeOf<Pairs>()
    expectTypeOf(of(pairs.enumerate().batch(2))).toEqualTypeOf<[index: Shaped<Int32Array>, element: Pairs]>()
    expectTypeOf(of(dataset.zip([pairs, dataset.from(['a'])]).batch(2))).toEqualTypeOf<[Pairs, string[]]>()
    // What a function returns is new: numbers are float32, unless it is said otherwise.
    const mapped = pairs.map(({ x, y }) => ({ x, y, valid: y > 0 }))
    type Mapped = { x: Shaped<Float32Array>; y: Shaped<Float32Array>; valid: Shaped<Uint8Array> }
    expectTypeOf(of(mapped.batch(2))).toEqualTypeOf<Mapped>()
    expectTypeOf(of(mapped.batch(2, { dtype: { y: 'int32' } })).y).toEqualTypeOf<Shaped<Int32Array>>()
    expectTypeOf(of(mapped.batch(2, { dtype: { y: 'int32' } })).valid).toEqualTypeOf<Shaped<Uint8Array>>()
    expectTypeOf(of(dataset.from([[[1]]]).batch(2))).toEqualTypeOf<Shaped<Float32Array>>()
    expectTypeOf(of(dataset.from([[1]]).batch(2, { dtype: 'float64' }))).toEqualTypeOf<Shaped<Float64Array>>()
    expectTypeOf(of(dataset.timeSeries(typed, labels, { sequenceLength: 2 }))).toEqualTypeOf<[sequences: Shaped<Float32Array>, targets: Shaped<Int32Array>]>() // prettier-ignore
    expectTypeOf(of(dataset.timeSeries([1], labels, { sequenceLength: 2, batchSize: null }))).toEqualTypeOf<[sequence: Shaped<Float32Array>, target: number]>() // prettier-ignore
  })

  test('mistakes', () => {
    // @ts-expect-error a record of arrays, not of numbers
    dataset.from({ x: 1 })
    // @ts-expect-error a shape is an array
    dataset.from({ x: typed }, { rowShape: { x: 2 } })
    // @ts-expect-error a seed is an option
    dataset.from([1]).shuffle(3, 1)
    // @ts-expect-error no such dtype
    dataset.from([1]).batch(3, { dtype: 'int' })
    // @ts-expect-error not a dataset
    dataset.zip([[1]])
  })
})
