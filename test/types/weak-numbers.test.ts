import { add, cast, type DType, div, fill, maximum, mul, type Shape, type Tensor, where } from 'gradloom'
import { describe, expect, it } from 'vitest'

const [f32, f64] = [fill([2], 1), fill([2], 1, { dtype: 'float64' })]
const [i32, u8] = [fill([2], 1, { dtype: 'int32' }), fill([2], 1, { dtype: 'uint8' })]
const bool = fill([2], 1, { dtype: 'bool' })
const [any, any2]: readonly number[] = [0.5, 2]

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never
/** A tensor whose type says one dtype, or all that may come of any number, and what it is. */
const says = <D extends DType>(x: Tensor<Shape, D>) => ({
  is: <const E extends readonly DType[]>(
    dtype: D,
    ..._others: E & Same<D, E[number] | (E extends readonly [] ? D : never)>
  ) => [x.dtype, dtype] as const,
})

describe('a number beside a tensor has in types the dtype that it has', () => {
  it.each([
    ['a float', says(add(f32, 0.5)).is('float32')],
    ['a wide float', says(add(f64, 2)).is('float64')],
    ['int32 and a fraction', says(mul(i32, 0.5)).is('float32')],
    ['a fraction and int32', says(add(-0.5, i32)).is('float32')],
    ['int32 and a small fraction', says(add(i32, 1e-7)).is('float32')],
    ['int32 and a whole number', says(add(i32, -3)).is('int32')],
    ['bool and a fraction', says(add(bool, 0.5)).is('float32')],
    ['bool and a whole number', says(add(bool, 2)).is('int32')],
    ['uint8 and a byte', says(maximum(u8, 255)).is('uint8')],
    ['uint8 and a digit', says(add(u8, 7)).is('uint8')],
    ['uint8 and two digits', says(add(u8, 42)).is('uint8')],
    ['uint8 and 249', says(add(u8, 249)).is('uint8')],
    ['uint8 and 256', says(add(u8, 256)).is('int32')],
    ['uint8 and 300', says(add(u8, 300)).is('int32')],
    ['uint8 and -1', says(add(u8, -1)).is('int32')],
    ['uint8 and a fraction', says(mul(0.5, u8)).is('float32')],
    ['a quotient', says(div(i32, 2)).is('float32')],
    ['a choice of int32 and a fraction', says(where(bool, i32, 0.5)).is('float32')],
    ['a choice of bool and 2', says(where(bool, bool, 2)).is('int32')],
    ['what is made of it', says(add(mul(i32, 0.5), f32)).is('float32')],
  ] as const)('%s', (_, [is, says]) => expect(is).toBe(says))

  it('any number may be a fraction or none', () => {
    const [sum, bytes, quotient] = [add(i32, any!), add(u8, any2!), div(i32, any!)]
    const dtypes: readonly ['float32' | 'int32', 'float32' | 'int32' | 'uint8', 'float32'] = [sum.dtype, bytes.dtype, quotient.dtype] // prettier-ignore
    expect(dtypes).toEqual(['float32', 'uint8', 'float32'])
    // @ts-expect-error: it may be float32
    const whole: 'int32' = sum.dtype
    // @ts-expect-error: it may be int32
    const real: 'float32' = sum.dtype
    expect(whole).toBe(real)
  })

  it('what was promoted to float32 does not mix with float64', () => {
    // @ts-expect-error: float32 and float64 do not mix
    expect(() => add(mul(i32, 0.5), f64)).toThrow('cast')
    expect(add(cast(mul(i32, 0.5), 'float64'), f64).dtype).toBe('float64')
  })

  it('conditions are bool', () => {
    // @ts-expect-error: the condition must be bool
    expect(() => where(f32, f32, 0)).toThrow('bool')
    const unknown: Tensor = bool
    expect(where(unknown, f32, 0).dtype).toBe('float32')
  })
})
