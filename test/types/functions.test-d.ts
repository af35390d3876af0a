import * as loom from 'gradloom'
import type { Name, Tensor } from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
declare const x: Tensor<[B, 4], 'float64'>
declare const bytes: Tensor<[3, 4], 'uint8'>
declare const image: Tensor<[B, 3, 8, 8], 'float32'>

describe('functions made of ops', () => {
  test('keep shapes, and make integers floats where they must', () => {
    expectTypeOf(loom.cbrt(x)).toEqualTypeOf<Tensor<[B, 4], 'float64'>>()
    expectTypeOf(loom.logit(bytes)).toEqualTypeOf<Tensor<[3, 4], 'float32'>>()
    expectTypeOf(loom.frac(bytes)).toEqualTypeOf<Tensor<[3, 4], 'uint8'>>()
    expectTypeOf(loom.signbit(x)).toEqualTypeOf<Tensor<[B, 4], 'bool'>>()
    expectTypeOf(loom.nanToNum(x, { nan: 1 })).toEqualTypeOf<Tensor<[B, 4], 'float64'>>()
    expectTypeOf(loom.tril(x)).toEqualTypeOf<Tensor<[B, 4], 'float64'>>()
  })
  test('broadcast', () => {
    expectTypeOf(loom.fmax(x, 0)).toEqualTypeOf<Tensor<[B, 4], 'float64'>>()
    expectTypeOf(loom.divNoNan(bytes, bytes)).toEqualTypeOf<Tensor<[3, 4], 'float32'>>()
    expectTypeOf(loom.gcd(bytes, bytes)).toEqualTypeOf<Tensor<[3, 4], 'uint8'>>()
    expectTypeOf(loom.select([loom.signbit(x)], [x])['dtype']).toEqualTypeOf<'float64'>()
    expectTypeOf(loom.select([loom.signbit(x)], [1])['dtype']).toEqualTypeOf<'float32'>()
  })
  test('reduce', () => {
    expectTypeOf(loom.ptp(bytes, { axis: 0 })).toEqualTypeOf<Tensor<[4], 'uint8'>>()
    expectTypeOf(loom.nanMean(bytes, { axis: 1, keepDims: true })).toEqualTypeOf<Tensor<[3, 1], 'float32'>>()
    expectTypeOf(loom.average(x, { axis: 1 })).toEqualTypeOf<Tensor<[B], 'float64'>>()
    expectTypeOf(loom.diff(x)['shape']['length']).toEqualTypeOf<2>()
  })
  test('create', () => {
    expectTypeOf(loom.range(0, 5)['dtype']).toEqualTypeOf<'int32'>()
    expectTypeOf(loom.linspace(0, 1, 5)).toEqualTypeOf<Tensor<[5], 'float32'>>()
    expectTypeOf(loom.zerosLike(bytes)).toEqualTypeOf<Tensor<[3, 4], 'uint8'>>()
    expectTypeOf(loom.fullLike(bytes, 0.5, { dtype: 'float32' })).toEqualTypeOf<Tensor<[3, 4], 'float32'>>()
    expectTypeOf(loom.eye(3, { dtype: 'bool' })['dtype']).toEqualTypeOf<'bool'>()
    expectTypeOf(loom.hannWindow(8)).toEqualTypeOf<Tensor<[8], 'float32'>>()
  })
  test('move', () => {
    expectTypeOf(loom.flatten(x)).toEqualTypeOf<Tensor<[number], 'float64'>>()
    expectTypeOf(loom.swapAxes(image, 0, 1)['shape']['length']).toEqualTypeOf<4>()
    expectTypeOf(loom.unfold(image, { size: 3 })).toEqualTypeOf<Tensor<[B, number, number], 'float32'>>()
  })
})
