import type { Case } from './cases'
import { bool, float } from './made'

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
]
