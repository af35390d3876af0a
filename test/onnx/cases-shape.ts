import type { Case } from './cases'
import { bool, byte, float, held, int, tensorOf, whole, wholes } from './made'

// Forms of ops on shapes and pieces that the suite of ONNX, opset 17 and below, has not.

// The largest int64, which stands for the end, as a double below it.
const END = 2 ** 63 - 1024

// prettier-ignore
export const SHAPES: readonly Case[] = [
  { op: 'Identity', note: 'of an input that is a result', operands: [float([2], 1, 2)], expected: [float([2], 1, 2)] },
  { op: 'Constant', opset: 12, attributes: { value_float: { f: 1.5 } }, expected: [float([], 1.5)] },
  { op: 'Constant', opset: 12, attributes: { value_floats: { f: [1.5, 2] } }, expected: [float([2], 1.5, 2)] },
  { op: 'Constant', opset: 12, attributes: { value_int: 3 }, expected: [int([], 3)] },
  { op: 'Constant', opset: 12, attributes: { value_ints: [3, -4] }, expected: [int([2], 3, -4)] },
  { op: 'Constant', opset: 7, attributes: { value: bool([2], 1, 0) }, expected: [bool([2], 1, 0)] },
  { op: 'ConstantOfShape', opset: 9, operands: [wholes(2)], expected: [float([2], 0, 0)] },
  { op: 'ConstantOfShape', opset: 20, note: 'a scalar', attributes: { value: int([1], 7) }, operands: [held(int([0]))], expected: [int([], 7)] },
  { op: 'Shape', opset: 13, operands: [float([2, 1], 1, 2)], expected: [int([2], 2, 1)] },
  { op: 'Shape', opset: 15, attributes: { start: -1 }, operands: [float([2, 1], 1, 2)], expected: [int([1], 1)] },
  { op: 'Size', operands: [float([2, 1], 1, 2)], expected: [int([], 2)] },
  { op: 'Range', opset: 11, note: 'down', operands: [whole(5), whole(0), whole(-2)], expected: [int([3], 5, 3, 1)] },
  { op: 'Range', opset: 11, note: 'none', operands: [whole(5), whole(0), whole(2)], expected: [int([0])] },
  { op: 'EyeLike', attributes: { k: 1, dtype: 7 }, operands: [float([2, 3], 0, 0, 0, 0, 0, 0)], expected: [int([2, 3], 0, 1, 0, 0, 0, 1)] },
  { op: 'Trilu', opset: 14, note: 'bool', operands: [bool([2, 2], 1, 1, 1, 1), whole(1)], expected: [bool([2, 2], 0, 1, 0, 0)] },
  { op: 'Squeeze', opset: 7, attributes: { axes: [0] }, operands: [float([1, 1, 2], 1, 2)], expected: [float([1, 2], 1, 2)] },
  { op: 'Squeeze', opset: 11, note: 'all', operands: [float([1, 1, 2], 1, 2)], expected: [float([2], 1, 2)] },
  { op: 'Unsqueeze', opset: 7, attributes: { axes: [0, 2] }, operands: [float([2], 1, 2)], expected: [float([1, 2, 1], 1, 2)] },
  { op: 'Unsqueeze', opset: 11, attributes: { axes: [-1] }, operands: [float([2], 1, 2)], expected: [float([2, 1], 1, 2)] },
  { op: 'Flatten', opset: 9, attributes: { axis: 0 }, operands: [int([2, 1], 1, 2)], expected: [int([1, 2], 1, 2)] },
  { op: 'Reshape', opset: 7, operands: [float([2, 3], 1, 2, 3, 4, 5, 6), wholes(0, -1, 1)], expected: [float([2, 3, 1], 1, 2, 3, 4, 5, 6)] },
  { op: 'Expand', opset: 8, note: 'extents of 1 on either side', operands: [float([2, 1], 1, 2), wholes(2, 1, 2)], expected: [float([2, 2, 2], 1, 1, 2, 2, 1, 1, 2, 2)] },
  { op: 'Tile', opset: 7, operands: [int([2], 1, 2), wholes(2)], expected: [int([4], 1, 2, 1, 2)] },
  { op: 'Concat', opset: 7, note: 'bool', attributes: { axis: 0 }, operands: [bool([1], 1), bool([2], 0, 1)], expected: [bool([3], 1, 0, 1)] },
  { op: 'Split', opset: 7, attributes: { split: [1, 2] }, operands: [float([3], 1, 2, 3)], outputs: 2, expected: [float([1], 1), float([2], 2, 3)] },
  { op: 'Split', opset: 11, attributes: { axis: -1 }, operands: [int([1, 2], 1, 2)], outputs: 2, expected: [int([1, 1], 1), int([1, 1], 2)] },
  { op: 'Split', opset: 18, attributes: { num_outputs: 3 }, operands: [int([7], 1, 2, 3, 4, 5, 6, 7)], outputs: 3, expected: [int([3], 1, 2, 3), int([3], 4, 5, 6), int([1], 7)] },
  { op: 'Split', opset: 18, note: 'extents', operands: [int([3], 1, 2, 3), wholes(0, 3)], outputs: 2, expected: [int([0]), int([3], 1, 2, 3)] },
  { op: 'Slice', opset: 7, attributes: { starts: [1], ends: [END] }, operands: [float([3], 1, 2, 3)], expected: [float([2], 2, 3)] },
  { op: 'Slice', opset: 9, attributes: { starts: [-2], ends: [-1], axes: [1] }, operands: [int([1, 3], 1, 2, 3)], expected: [int([1, 1], 2)] },
  { op: 'Slice', opset: 10, note: 'backwards to the start', operands: [int([4], 1, 2, 3, 4), wholes(-1), wholes(-(2 ** 31)), wholes(0), wholes(-2)], expected: [int([2], 4, 2)] },
  { op: 'Pad', opset: 7, attributes: { pads: [1, 0], value: { f: 9 } }, operands: [float([2], 1, 2)], expected: [float([3], 9, 1, 2)] },
  { op: 'Pad', opset: 11, note: 'negative widths', operands: [float([4], 1, 2, 3, 4), wholes(-1, 2), held(float([], 5))], expected: [float([5], 2, 3, 4, 5, 5)] },
  { op: 'Pad', opset: 18, note: 'some axes', operands: [int([2, 1], 1, 2), wholes(1, 0), undefined, wholes(-1)], expected: [int([2, 2], 0, 1, 0, 2)] },
  { op: 'Pad', opset: 19, note: 'around', attributes: { mode: 'wrap' }, operands: [int([3], 1, 2, 3), wholes(4, 2)], expected: [int([9], 3, 1, 2, 3, 1, 2, 3, 1, 2)] },
  { op: 'Pad', opset: 11, note: 'mirrored', attributes: { mode: 'reflect' }, operands: [int([3], 1, 2, 3), wholes(2, 1)], expected: [int([6], 3, 2, 1, 2, 3, 2)] },
  { op: 'Transpose', opset: 7, operands: [byte([1, 2], 1, 2)], expected: [byte([2, 1], 1, 2)] },
  { op: 'DepthToSpace', opset: 7, attributes: { blocksize: 2 }, operands: [int([1, 4, 1, 1], 1, 2, 3, 4)], expected: [int([1, 1, 2, 2], 1, 2, 3, 4)] },
  { op: 'SpaceToDepth', opset: 7, attributes: { blocksize: 2 }, operands: [int([1, 1, 2, 2], 1, 2, 3, 4)], expected: [int([1, 4, 1, 1], 1, 2, 3, 4)] },
  { op: 'HannWindow', attributes: { periodic: 0, output_datatype: 11 }, operands: [whole(3)], expected: [tensorOf('float64', [3], [0, 1, 0])] },
  { op: 'HammingWindow', operands: [whole(2)], expected: [float([2], 2 / 23, 1)] },
  { op: 'BlackmanWindow', operands: [whole(2)], expected: [float([2], 0, 1)] },
]
