import type { DType } from '../../src/ir/type'
import { float, type MadeNode, tensorOf } from './made'

/** A node whose result is random, with what its values are like. */
export interface Draw extends MadeNode {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly mean: number
  readonly variance: number
}

const COUNT = 20_000
const fair = (value: number): readonly number[] => new Array<number>(COUNT).fill(value)

// prettier-ignore
export const DRAWS: readonly Draw[] = [
  { op: 'RandomUniform', attributes: { shape: [2, COUNT], low: { f: -1 }, high: { f: 3 }, seed: { f: 1 } }, dtype: 'float32', shape: [2, COUNT], mean: 1, variance: 16 / 12 },
  { op: 'RandomUniformLike', attributes: { dtype: 11 }, operands: [float([COUNT], ...fair(0))], dtype: 'float64', shape: [COUNT], mean: 0.5, variance: 1 / 12 },
  { op: 'RandomNormal', attributes: { shape: [COUNT], mean: { f: 2 }, scale: { f: 3 } }, dtype: 'float32', shape: [COUNT], mean: 2, variance: 9 },
  { op: 'RandomNormalLike', operands: [tensorOf('float64', [COUNT], fair(0))], dtype: 'float64', shape: [COUNT], mean: 0, variance: 1 },
  { op: 'Bernoulli', operands: [float([COUNT], ...fair(0.25))], dtype: 'float32', shape: [COUNT], mean: 0.25, variance: 3 / 16 },
  { op: 'Bernoulli', attributes: { dtype: 9, seed: { f: 2 } }, operands: [float([COUNT], ...fair(0.75))], dtype: 'bool', shape: [COUNT], mean: 0.75, variance: 3 / 16 },
  { op: 'Multinomial', attributes: { sample_size: COUNT }, operands: [float([1, 2], Math.log(3), 0)], dtype: 'int32', shape: [1, COUNT], mean: 0.25, variance: 3 / 16 },
]
