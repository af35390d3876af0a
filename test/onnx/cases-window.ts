import type { Case } from './cases'
import { bool, float, held, int, whole, wholes } from './made'

// Ops of which the suite has no test that is read here: those it has are of opset 6 and below, or there is none.

const near = (variance: number): number => Math.sqrt(variance + Math.fround(1e-5))

// prettier-ignore
export const UNTESTED: readonly Case[] = [
  { op: 'Not', opset: 1, operands: [bool([2], 1, 0)], expected: [bool([2], 0, 1)] },
  { op: 'Elu', opset: 6, attributes: { alpha: { f: 2 } }, operands: [float([3], -1, 0, 3)], expected: [float([3], 2 * Math.expm1(-1), 0, 3)] },
  { op: 'Softplus', operands: [float([3], -1, 0, 100)], expected: [float([3], Math.log1p(Math.exp(-1)), Math.LN2, 100)] },
  { op: 'Softsign', operands: [float([3], -1, 0, 3)], expected: [float([3], -0.5, 0, 0.75)] },
  { op: 'GlobalAveragePool', operands: [float([1, 2, 2, 1], 1, 3, 5, 9)], expected: [float([1, 2, 1, 1], 2, 7)] },
  { op: 'GlobalMaxPool', operands: [float([1, 2, 2, 1], 1, 3, 9, 5)], expected: [float([1, 2, 1, 1], 3, 9)] },
  { op: 'GlobalLpPool', operands: [float([1, 1, 2, 1], 3, -4)], expected: [float([1, 1, 1, 1], 5)] },
  { op: 'LpPool', opset: 18, attributes: { kernel_shape: [2], p: 1 }, operands: [float([1, 1, 3], 1, -2, 3)], expected: [float([1, 1, 2], 3, 5)] },
  { op: 'InstanceNormalization', operands: [float([1, 1, 2], 1, 3), float([1], 2), float([1], 1)], expected: [float([1, 1, 2], 1 - 2 / near(1), 1 + 2 / near(1))] },
  { op: 'GroupNormalization', opset: 18, note: 'a scale for each group', attributes: { num_groups: 1 }, operands: [float([1, 2, 1], 1, 3), float([1], 2), float([1], 1)], expected: [float([1, 2, 1], 1 - 2 / near(1), 1 + 2 / near(1))] },
  { op: 'GroupNormalization', opset: 21, note: 'a scale for each channel', attributes: { num_groups: 1 }, operands: [float([1, 2, 1], 1, 3), float([2], 2, 3), float([2], 1, 0)], expected: [float([1, 2, 1], 1 - 2 / near(1), 3 / near(1))] },
  { op: 'LpNormalization', opset: 7, operands: [float([1, 2], 3, -4)], expected: [float([1, 2], 0.6, -0.8)] },
  { op: 'LpNormalization', opset: 7, attributes: { p: 1, axis: 0 }, operands: [float([2, 1], 1, -3)], expected: [float([2, 1], 0.25, -0.75)] },
  { op: 'DFT', opset: 20, note: 'one half', attributes: { onesided: 1 }, operands: [float([1, 4, 1], 1, 2, 3, 4)], expected: [float([1, 3, 2], 10, 0, -2, 2, -2, 0)] },
  { op: 'DFT', opset: 20, note: 'of a part, along an axis', operands: [float([4, 1, 1], 1, 2, 3, 4), whole(3), whole(0)], expected: [float([3, 1, 2], 6, 0, -1.5, Math.sqrt(3) / 2, -1.5, -Math.sqrt(3) / 2)] },
  { op: 'DFT', opset: 20, note: 'of more than there is', operands: [float([1, 2, 1], 1, 1), whole(4)], expected: [float([1, 4, 2], 2, 0, 1, -1, 0, 0, 1, 1)] },
  { op: 'DFT', opset: 17, attributes: { inverse: 1 }, operands: [float([1, 4, 2], 10, 0, -2, 2, -2, 0, -2, -2)], expected: [float([1, 4, 2], 1, 0, 2, 0, 3, 0, 4, 0)] },
  { op: 'GridSample', opset: 20, attributes: { mode: 'linear' }, operands: [float([1, 1, 2, 2], 1, 2, 3, 4), float([1, 1, 2, 2], 0, 0, -0.5, 0.5)], expected: [float([1, 1, 1, 2], 2.5, 3)] },
  { op: 'GridSample', opset: 20, attributes: { mode: 'cubic', align_corners: 1 }, operands: [float([1, 1, 2, 2], 1, 2, 3, 4), float([1, 1, 2, 2], -1, 1, 1, -1)], expected: [float([1, 1, 1, 2], 3, 2)] },
  { op: 'GridSample', opset: 20, note: 'in a room', operands: [float([1, 1, 2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8), float([1, 1, 1, 1, 3], 0, 0, 0)], expected: [float([1, 1, 1, 1, 1], 4.5)] },
  { op: 'GridSample', opset: 20, note: 'along a line, which is one element wide', attributes: { align_corners: 1, padding_mode: 'reflection' }, operands: [float([1, 1, 1], 7), float([1, 2, 1], -3, 0.5)], expected: [float([1, 1, 2], 7, 7)] },
  { op: 'NonMaxSuppression', note: 'nothing is wanted', operands: [held(float([1, 1, 4], 0, 0, 1, 1)), held(float([1, 1, 1], 1))], expected: [int([0, 3])] },
  { op: 'NonMaxSuppression', note: 'flat boxes share nothing', operands: [held(float([1, 2, 4], 0, 0, 0, 1, 0, 0, 0, 1)), held(float([1, 1, 2], 1, 2)), wholes(3), held(float([1], 0))], expected: [int([2, 3], 0, 0, 1, 0, 0, 0)] },
  { op: 'Slice', note: 'backwards from before the first element', operands: [float([3], 1, 2, 3), wholes(-10), wholes(-20), wholes(0), wholes(-1)], expected: [float([1], 1)] },
  { op: 'Slice', note: 'backwards over all', operands: [float([3], 1, 2, 3), wholes(10), wholes(-(2 ** 31)), wholes(0), wholes(-2)], expected: [float([2], 3, 1)] },
  { op: 'Slice', note: 'backwards up to an element', operands: [float([3], 1, 2, 3), wholes(-1), wholes(-3), wholes(0), wholes(-1)], expected: [float([2], 3, 2)] },
  { op: 'Resize', opset: 13, note: 'a product that is whole in float32', attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, operands: [float([1, 1, 1, 10], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), undefined, held(float([4], 1, 1, 1, 0.7))], expected: [float([1, 1, 1, 7], 0, 1, 2, 4, 5, 7, 8)] },
  { op: 'Resize', opset: 13, note: 'a quotient that is whole in float32', attributes: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, operands: [float([1, 1, 1, 10], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), undefined, held(float([4], 1, 1, 1, 0.6))], expected: [float([1, 1, 1, 6], 0, 1, 3, 5, 6, 8)] },
]
