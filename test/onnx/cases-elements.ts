import type { Case } from './cases'
import { bool, byte, float, int, whole, wholes } from './made'

// Forms of reductions, indices and order that the suite of ONNX, opset 17 and below, has not.

const TWO_BY_THREE = float([2, 3], 1, 2, 3, 4, 5, 6)

// prettier-ignore
export const ELEMENTS: readonly Case[] = [
  { op: 'ReduceSum', opset: 11, attributes: { axes: [1], keepdims: 0 }, operands: [TWO_BY_THREE], expected: [float([2], 6, 15)] },
  { op: 'ReduceSum', opset: 13, note: 'no axes are all', operands: [TWO_BY_THREE, wholes()], expected: [float([1, 1], 21)] },
  { op: 'ReduceMean', opset: 18, operands: [TWO_BY_THREE, wholes(-2)], expected: [float([1, 3], 2.5, 3.5, 4.5)] },
  { op: 'ReduceMean', opset: 18, note: 'over none', attributes: { noop_with_empty_axes: 1 }, operands: [TWO_BY_THREE], expected: [TWO_BY_THREE] },
  { op: 'ReduceMean', opset: 11, note: 'whole numbers towards 0', operands: [int([2], -3, 0)], expected: [int([1], -1)] },
  { op: 'ReduceMax', opset: 18, attributes: { keepdims: 0 }, operands: [byte([2, 2], 1, 255, 3, 4), wholes(0)], expected: [byte([2], 3, 255)] },
  { op: 'ReduceMax', opset: 20, note: 'bool', operands: [bool([2, 2], 0, 1, 0, 0), wholes(1)], expected: [bool([2, 1], 1, 0)] },
  { op: 'ReduceMin', opset: 20, note: 'bool', operands: [bool([2, 2], 1, 1, 0, 1), wholes(1)], expected: [bool([2, 1], 1, 0)] },
  { op: 'ReduceProd', opset: 18, operands: [int([3], 2, 3, -4), wholes(0)], expected: [int([1], -24)] },
  { op: 'ReduceL1', opset: 18, operands: [int([3], 2, 3, -4), wholes(0)], expected: [int([1], 9)] },
  { op: 'ReduceL2', opset: 18, operands: [float([2], 3, -4), wholes(0)], expected: [float([1], 5)] },
  { op: 'ReduceSumSquare', opset: 18, operands: [int([3], 2, 3, -4), wholes(0)], expected: [int([1], 29)] },
  { op: 'ReduceLogSum', opset: 18, operands: [float([2], 3, 4), wholes(0)], expected: [float([1], Math.log(7))] },
  { op: 'ReduceLogSumExp', opset: 18, operands: [float([2], 1000, 1000), wholes(0)], expected: [float([1], 1000 + Math.LN2)] },
  { op: 'ArgMax', opset: 7, attributes: { axis: 1 }, operands: [float([1, 3], 1, 3, 3)], expected: [int([1, 1], 1)] },
  { op: 'ArgMin', opset: 12, note: 'the last', attributes: { axis: -1, keepdims: 0, select_last_index: 1 }, operands: [int([2, 3], 1, 1, 3, 0, 2, 0)], expected: [int([2], 1, 2)] },
  { op: 'TopK', opset: 7, attributes: { k: 2 }, operands: [float([3], 1, 3, 2)], outputs: 2, expected: [float([2], 3, 2), int([2], 1, 2)] },
  { op: 'TopK', opset: 10, attributes: { axis: 0 }, operands: [float([3, 1], 1, 3, 3), wholes(2)], outputs: 2, expected: [float([2, 1], 3, 3), int([2, 1], 1, 2)] },
  { op: 'TopK', opset: 11, note: 'the smallest', attributes: { largest: 0, sorted: 0 }, operands: [int([4], 3, -(2 ** 31), 3, 1), wholes(3)], outputs: 2, expected: [int([3], -(2 ** 31), 1, 3), int([3], 1, 3, 0)] },
  { op: 'CumSum', opset: 11, attributes: { exclusive: 1, reverse: 1 }, operands: [int([3], 1, 2, 3), whole(-1)], expected: [int([3], 5, 3, 0)] },
  { op: 'Gather', opset: 7, operands: [float([3], 1, 2, 3), whole(2)], expected: [float([], 3)] },
  { op: 'Gather', note: 'from the end', attributes: { axis: 1 }, operands: [TWO_BY_THREE, int([2], -1, 0)], expected: [float([2, 2], 3, 1, 6, 4)] },
  { op: 'Gather', note: 'held, from the end', operands: [TWO_BY_THREE, wholes(-2)], expected: [float([1, 3], 1, 2, 3)] },
  { op: 'GatherElements', note: 'shorter indices', attributes: { axis: 1 }, operands: [TWO_BY_THREE, int([1, 2], -1, 1)], expected: [float([1, 2], 3, 2)] },
  { op: 'GatherND', opset: 11, operands: [TWO_BY_THREE, int([2, 2], 1, -1, -2, 0)], expected: [float([2], 6, 1)] },
  { op: 'GatherND', opset: 12, note: 'in batches', attributes: { batch_dims: 1 }, operands: [float([2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8), int([2, 1], -1, 0)], expected: [float([2, 2], 3, 4, 5, 6)] },
  { op: 'Scatter', opset: 9, attributes: { axis: 1 }, operands: [TWO_BY_THREE, int([2, 1], 2, 0), float([2, 1], 9, 8)], expected: [float([2, 3], 1, 2, 9, 8, 5, 6)] },
  { op: 'ScatterElements', note: 'shorter indices', attributes: { axis: 1 }, operands: [TWO_BY_THREE, int([1, 2], -1, 0), float([1, 2], 9, 8)], expected: [float([2, 3], 8, 2, 9, 4, 5, 6)] },
  { op: 'ScatterElements', opset: 16, attributes: { reduction: 'add' }, operands: [float([3], 1, 2, 3), int([3], 1, 1, -1), float([3], 10, 20, 5)], expected: [float([3], 1, 32, 8)] },
  { op: 'ScatterElements', opset: 16, attributes: { reduction: 'mul', axis: 1 }, operands: [TWO_BY_THREE, int([2, 2], 1, 1, 0, -1), float([2, 2], 2, 3, 5, 7)], expected: [float([2, 3], 1, 12, 3, 20, 5, 42)] },
  { op: 'ScatterElements', opset: 18, attributes: { reduction: 'max' }, operands: [int([3], 1, 2, 3), int([3], 0, 0, 2), int([3], -1, 5, 2)], expected: [int([3], 5, 2, 3)] },
  { op: 'ScatterElements', opset: 18, attributes: { reduction: 'min' }, operands: [int([3], 1, 2, 3), int([3], 0, 0, 2), int([3], -1, 5, 2)], expected: [int([3], -1, 2, 2)] },
  { op: 'ScatterND', opset: 11, operands: [TWO_BY_THREE, int([1, 1], -1), float([1, 3], 7, 8, 9)], expected: [float([2, 3], 1, 2, 3, 7, 8, 9)] },
  { op: 'ScatterND', opset: 16, note: 'products of points', attributes: { reduction: 'mul' }, operands: [TWO_BY_THREE, int([3, 2], 0, -1, 0, 2, 1, 0), float([3], 2, 3, 5)], expected: [float([2, 3], 1, 2, 18, 20, 5, 6)] },
  { op: 'ScatterND', opset: 18, attributes: { reduction: 'max' }, operands: [int([2], 1, 9), int([2, 1], 0, 1), int([2], 5, 5)], expected: [int([2], 5, 9)] },
  { op: 'ScatterND', opset: 18, attributes: { reduction: 'min' }, operands: [int([2], 1, 9), int([2, 1], 0, 1), int([2], 5, 5)], expected: [int([2], 1, 5)] },
  { op: 'OneHot', opset: 9, note: 'floats, beyond, from the end', attributes: { axis: 0 }, operands: [float([3], 1, -1, 5), whole(2), int([2], 3, 4)], expected: [int([2, 3], 3, 3, 3, 4, 4, 3)] },
  { op: 'NonZero', note: 'of a scalar', operands: [whole(3)], expected: [int([0, 1])] },
  { op: 'Compress', note: 'a shorter condition', attributes: { axis: 1 }, operands: [TWO_BY_THREE, { held: bool([2], 0, 1) }], expected: [float([2, 1], 2, 5)] },
  { op: 'Unique', note: 'slices of an axis', attributes: { axis: 1 }, operands: [{ held: int([2, 4], 2, 1, 2, 1, 0, 5, 0, 4) }], outputs: 4, expected: [int([2, 3], 1, 1, 2, 4, 5, 0), int([3], 3, 1, 0), int([4], 2, 1, 2, 0), int([3], 1, 1, 2)] },
  { op: 'ReverseSequence', attributes: { time_axis: 1, batch_axis: 0 }, operands: [TWO_BY_THREE, int([2], 2, 3)], expected: [float([2, 3], 2, 1, 3, 6, 5, 4)] },
  { op: 'Einsum', attributes: { equation: ' ij , jk -> ik ' }, operands: [int([1, 2], 1, 2), int([2, 1], 3, 4)], expected: [int([1, 1], 11)] },
  { op: 'Det', operands: [float([2, 2, 2], 1, 2, 3, 4, 2, 0, 0, 2)], expected: [float([2], -2, 4)] },
  { op: 'ai.onnx.preview.training.Adam', note: 'the first step, and decay after it', attributes: { alpha: { f: 0.5 }, beta: { f: 0.75 }, epsilon: { f: 0 }, norm_coefficient_post: { f: 0.5 } }, operands: [float([], 1), int([], 0), float([1], 3), float([1], 2), float([1], 0), float([1], 0)], outputs: 3, expected: [float([1], 1), float([1], 1), float([1], 1)] },
]
