import {
  adam,
  batchNorm,
  compile,
  entry,
  groupNorm,
  layerNorm,
  mean,
  type Name,
  rmsNorm,
  rotaryEmbedding,
  scaledDotProductAttention,
  spectralNorm,
  square,
  tensor,
  type Tensor,
  variable,
  weightNorm,
} from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
declare const x: Tensor<[B, 5, 4], 'float32'>
declare const k: Tensor<[B, 7, 4], 'float32'>
declare const v: Tensor<[B, 7, 9], 'float32'>
declare const bytes: Tensor<[3, 4], 'uint8'>
const gamma = variable('gamma', [4], 1)
const state = {
  mean: variable('mean', [4], 0, { trainable: false }),
  variance: variable('variance', [4], 1, { trainable: false }),
}
const _trained = () =>
  compile({
    train: entry({ x: tensor(['B', 4]) }, ({ x }) => {
      const { output, updates } = batchNorm(x, { ...state, gamma })
      const loss = mean(square(output))
      return { outputs: { loss, output }, updates: [...adam(loss, [gamma]), ...updates] }
    }),
  })
declare const net: ReturnType<typeof _trained>

describe('norms and attention', () => {
  test('keep shapes, and integers become float32', () => {
    expectTypeOf(layerNorm(x, { gamma })).toEqualTypeOf<Tensor<[B, 5, 4], 'float32'>>()
    expectTypeOf(groupNorm(bytes, { groups: 2 })).toEqualTypeOf<Tensor<[3, 4], 'float32'>>()
    expectTypeOf(rmsNorm(x).shape).toEqualTypeOf<[B, 5, 4]>()
    expectTypeOf(rotaryEmbedding(x).shape).toEqualTypeOf<[B, 5, 4]>()
    expectTypeOf(batchNorm(x, { track: false }).output.shape).toEqualTypeOf<[B, 5, 4]>()
  })

  test('attention has the features of the values', () => {
    expectTypeOf(scaledDotProductAttention(x, k, v)).toEqualTypeOf<Tensor<[B, 5, 9], 'float32'>>()
  })

  test('the state of what is updated is typed by name', () => {
    expectTypeOf(net.state.get('mean').shape).toEqualTypeOf<[4]>()
    expectTypeOf(net.train({ x: new Float32Array(8) }).output.shape).toEqualTypeOf<[B, 4]>()
    const u = variable('u', [10], 1)
    expectTypeOf(spectralNorm(variable('w', [3, 10], 1), { u }).updates[0]![0].name).toEqualTypeOf<'u'>()
    expectTypeOf(weightNorm(variable('w', [3, 10], 1), u).shape).toEqualTypeOf<[3, 10]>()
  })

  test('options are spelt right', () => {
    // @ts-expect-error: no such option
    batchNorm(x, { ...state, scale: gamma })
    // @ts-expect-error: no such rule
    batchNorm(x, { ...state, rule: 'torch' })
    // @ts-expect-error: groups are needed
    groupNorm(x, {})
  })
})
