import {
  averagePool2d,
  cast,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dTranspose,
  conv3d,
  fill,
  glorotUniform,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type Name,
  type Tensor,
  variable,
} from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
type F<S extends readonly number[]> = Tensor<S, 'float32'>
declare const x: F<[B, 28, 28, 3]>
declare const first: F<[B, 3, 28, 28]>
declare const line: F<[B, 100, 4]>
declare const space: F<[B, 8, 8, 8, 2]>
declare const bytes: Tensor<[B, 28, 28, 3], 'uint8'>
declare const any: Tensor
const W = variable('W', [3, 3, 3, 16], glorotUniform())
const U = variable('U', [3, 3, 8, 3], glorotUniform())
const V = variable('V', [5, 4, 7], glorotUniform())

describe('convolution and pooling', () => {
  test('keep the batch and give channels; how many windows fit is not in the types', () => {
    expectTypeOf(conv2d(x, W)).toEqualTypeOf<F<[B, number, number, 16]>>()
    expectTypeOf(conv2d(x, W, { strides: 2, padding: 'same' })).toEqualTypeOf<F<[B, number, number, 16]>>()
    expectTypeOf(conv2d(first, W, { dataFormat: 'channelsFirst' })).toEqualTypeOf<F<[B, 16, number, number]>>()
    expectTypeOf(conv1d(line, V, { padding: 'causal' })).toEqualTypeOf<F<[B, number, 7]>>()
    expectTypeOf(conv3d(space, fill([2, 2, 2, 2, 5], 1))).toEqualTypeOf<F<[B, number, number, number, 5]>>()
    expectTypeOf(conv2d(x, fill([3, 3, 1, 6], 1), { groups: 3 })).toEqualTypeOf<F<[B, number, number, 6]>>()
  })

  test('transposed, the kernel gives channels by its last dimension but one', () => {
    expectTypeOf(conv2dTranspose(x, U, { strides: 2 })).toEqualTypeOf<F<[B, number, number, 8]>>()
    expectTypeOf(conv1dTranspose(line, fill([3, 2, 4], 1))).toEqualTypeOf<F<[B, number, 2]>>()
  })

  test('pooling keeps channels and dtype; a mean of integers is float32', () => {
    expectTypeOf(maxPool2d(x)).toEqualTypeOf<F<[B, number, number, 3]>>()
    expectTypeOf(maxPool2d(first, { dataFormat: 'channelsFirst' })).toEqualTypeOf<F<[B, 3, number, number]>>()
    expectTypeOf(maxPool2d(bytes)).toEqualTypeOf<Tensor<[B, number, number, 3], 'uint8'>>()
    expectTypeOf(averagePool2d(bytes, { countIncludePad: true })).toEqualTypeOf<F<[B, number, number, 3]>>()
    expectTypeOf(maxPool1d(line)).toEqualTypeOf<F<[B, number, 4]>>()
    expectTypeOf(maxPool3d(space)).toEqualTypeOf<F<[B, number, number, number, 2]>>()
  })

  test('take what has no known shape', () => {
    // Whatever goes together with float32 gives it.
    expectTypeOf(conv2d(any, W).dtype).toEqualTypeOf<'float32'>()
    expectTypeOf(conv2d(any, any).dtype).toEqualTypeOf<Tensor['dtype']>()
    expectTypeOf(conv1d(cast(line, 'uint8'), V).dtype).toEqualTypeOf<'float32'>()
    void [conv2d(x, any), maxPool2d(any), conv2dTranspose(any, any)]
  })

  test('mistakes', () => {
    // @ts-expect-error: a line has no rows
    conv2d(line, W)
    // @ts-expect-error: conv1d: float32 and float64 do not mix; cast one of them
    conv1d(line, cast(V, 'float64'))
    // @ts-expect-error: a kernel of three dimensions
    conv2d(x, V)
    // @ts-expect-error: 3 channels against 28
    conv2d(x, W, { dataFormat: 'channelsFirst' })
    // @ts-expect-error: 8 channels against 3
    conv2d(x, U)
    // @ts-expect-error: 16 channels against 3
    conv2dTranspose(x, W)
    // @ts-expect-error: a plane is no line
    maxPool1d(x)
    // @ts-expect-error: padding of another name
    conv2d(x, W, { padding: 'SAME' })
    // @ts-expect-error: causal is for lines
    conv2d(x, W, { padding: 'causal' })
    // @ts-expect-error: an unknown format
    maxPool2d(x, { dataFormat: 'NHWC' })
    // @ts-expect-error: only averages count padding
    maxPool2d(x, { countIncludePad: true })
    // @ts-expect-error: transposed convolution has an output padding
    conv2d(x, W, { outputPadding: 1 })
  })

  test('the message is the type of the parameter at fault', () => {
    type First<F extends (...args: never[]) => unknown> = Parameters<F>[0]
    type Second<F extends (...args: never[]) => unknown> = Parameters<F>[1]
    expectTypeOf<
      Second<typeof conv2d<F<[B, 28, 28, 3]>, F<[3, 3, 4, 16]>>>
    >().toEqualTypeOf<'conv2d: the kernel [3, 3, 4, 16] does not take the channels of [B, 28, 28, 3]'>()
    expectTypeOf<
      First<typeof maxPool2d<F<[B, 8, 3]>>>
    >().toEqualTypeOf<'maxPool2d: needs 4 dimensions, got [B, 8, 3]'>()
  })
})
