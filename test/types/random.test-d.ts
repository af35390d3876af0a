import { bernoulli, dropout, entry, type Name, normal, permutation, randint, shuffle, tensor, uniform } from 'gradloom'
import { expectTypeOf, test } from 'vitest'

test('draws have the shape and dtype they are asked for', () => {
  entry({ x: tensor(['B', 4], 'uint8') }, ({ x }) => {
    expectTypeOf(uniform([2, 3]).shape).toEqualTypeOf<[2, 3]>()
    expectTypeOf(uniform(['B', 3]).shape).toEqualTypeOf<[Name<'B'>, 3]>()
    expectTypeOf(uniform([2], { dtype: 'float64' }).dtype).toEqualTypeOf<'float64'>()
    expectTypeOf(normal([2]).dtype).toEqualTypeOf<'float32'>()
    expectTypeOf(bernoulli([2, 2]).dtype).toEqualTypeOf<'bool'>()
    expectTypeOf(randint([5], 0, 6).dtype).toEqualTypeOf<'int32'>()
    expectTypeOf(permutation('B').shape).toEqualTypeOf<[Name<'B'>]>()
    expectTypeOf(permutation(3).shape).toEqualTypeOf<[3]>()
    expectTypeOf(shuffle(x).dtype).toEqualTypeOf<'uint8'>()
    expectTypeOf(dropout(x, 0.5).dtype).toEqualTypeOf<'float32'>()
    expectTypeOf(dropout(x, 0.5).shape).toEqualTypeOf<[Name<'B'>, 4]>()
    // @ts-expect-error a draw is a float
    uniform([2], { dtype: 'int32' })
    return { outputs: {} }
  })
})
