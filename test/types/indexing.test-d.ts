import { gather, type Name, reverseSequence, takeAlongAxis, type Tensor } from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
declare const table: Tensor<[1000, 64], 'float32'>
declare const words: Tensor<[B, 12], 'int32'>
declare const bytes: Tensor<[B, 5, 3], 'uint8'>
declare const x: Tensor<[B, 5, 3], 'float64'>
declare const one: Tensor<[B, 1, 3], 'int32'>
declare const lengths: Tensor<[B], 'int32'>
declare const reals: Tensor<[B], 'float32'>
declare const any: Tensor
declare const indices: Tensor<number[], 'int32'>

describe('shapes of what is taken', () => {
  test('gather', () => {
    expectTypeOf(gather(table, words)).toEqualTypeOf<Tensor<[B, 12, 64], 'float32'>>()
    expectTypeOf(gather(x, lengths, { axis: 1 })).toEqualTypeOf<Tensor<[B, B, 3], 'float64'>>()
    expectTypeOf(gather(bytes, words, { axis: -1 })).toEqualTypeOf<Tensor<[B, 5, B, 12], 'uint8'>>()
    expectTypeOf(gather(any, words).shape).toEqualTypeOf<readonly number[]>()
    expectTypeOf(gather(x, indices).shape).toEqualTypeOf<readonly number[]>()
  })

  test('takeAlongAxis', () => {
    expectTypeOf(takeAlongAxis(x, one, { axis: 1 })).toEqualTypeOf<Tensor<[B, 1, 3], 'float64'>>()
    expectTypeOf(takeAlongAxis(x, bytes)).toEqualTypeOf<Tensor<[B, 5, 3], 'float64'>>()
    expectTypeOf(takeAlongAxis(x, indices).shape).toEqualTypeOf<readonly number[]>()
  })

  test('reverseSequence', () => {
    expectTypeOf(reverseSequence(x, lengths)).toEqualTypeOf<Tensor<[B, 5, 3], 'float64'>>()
    expectTypeOf(reverseSequence(bytes, lengths, { axis: 2 })).toEqualTypeOf<Tensor<[B, 5, 3], 'uint8'>>()
  })

  test('mistakes', () => {
    // @ts-expect-error: indices are whole numbers
    gather(table, reals)
    // @ts-expect-error: no such axis
    gather(table, words, { axis: 2 })
    // @ts-expect-error: another rank
    takeAlongAxis(x, words)
    // @ts-expect-error: 5 against 1 is no broadcast of 4
    takeAlongAxis(x, one as Tensor<[B, 1, 4], 'int32'>, { axis: 1 })
    // @ts-expect-error: lengths are whole numbers
    reverseSequence(x, reals)
  })
})
