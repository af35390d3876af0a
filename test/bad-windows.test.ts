import * as loom from 'gradloom'
import { GraphError, type Tensor } from 'gradloom'
import { describe, test } from 'vitest'
import { makeInput } from '../src/ops/leaf'
import { expectFault } from './fault'

const input = (name: string, shape: readonly number[], dtype: loom.DType = 'float32'): Tensor =>
  makeInput(name, { shape, dtype })
const image = input('image', [2, 8, 8, 4])
const line = input('line', [2, 8, 4])
const kernel = input('kernel', [3, 3, 4, 6])
const taps = input('taps', [3, 4, 6])
const back = input('back', [3, 3, 6, 4])

/** A call that must fail, and what the message has to name. */
type Row = readonly [what: string, call: () => unknown, ...parts: readonly string[]]
// prettier-ignore
const CONVOLUTIONS: readonly Row[] = [
  ['a line for a plane', () => loom.conv2d(line, kernel), 'conv2d', '4 dimensions', '"line" float32[2, 8, 4]'],
  ['a plane for a line', () => loom.conv1d(image, taps), 'conv1d', '3 dimensions', '"image" float32[2, 8, 8, 4]'],
  ['a plane for space', () => loom.conv3d(image, kernel), 'conv3d', '5 dimensions', '"image"'],
  ['a kernel of another rank', () => loom.conv2d(image, taps), 'conv2d', 'kernel', '4 dimensions', '"taps" float32[3, 4, 6]'],
  ['channels that do not match', () => loom.conv2d(image, input('odd', [3, 3, 5, 6])), 'conv2d', '5 channels', 'has 4', '"odd" float32[3, 3, 5, 6]', '"image"'],
  ['channels of the other format', () => loom.conv2d(image, kernel, { dataFormat: 'channelsFirst' }), 'conv2d', '4 channels', 'has 8', 'channelsFirst'],
  ['a kernel larger than x', () => loom.conv2d(image, input('wide', [9, 3, 4, 6])), 'conv2d', 'size 9', 'input size 8', '"wide"'],
  ['a kernel larger than x by its gaps', () => loom.conv2d(image, kernel, { dilations: 4 }), 'conv2d', 'size 3', 'dilation 4', 'reach 9', 'input size 8'],
  ['a kernel without taps', () => loom.conv2d(image, input('none', [0, 3, 4, 6])), 'conv2d', 'no taps', '"none"'],
  ['padding of an unknown name', () => loom.conv2d(image, kernel, { padding: 'SAME' as never }), 'conv2d', 'padding', "'valid', 'same'", '"SAME"'],
  ['causal padding of a plane', () => loom.conv2d(image, kernel, { padding: 'causal' as never }), 'conv2d', 'causal', 'one spatial dimension'],
  ['padding for three dimensions', () => loom.conv2d(image, kernel, { padding: [1, 1, 1] }), 'conv2d', 'padding', '2 spatial', '[1,1,1]'],
  ['negative padding', () => loom.conv2d(image, kernel, { padding: -1 }), 'conv2d', 'padding', 'from 0', '-1'],
  ['padding by halves', () => loom.conv2d(image, kernel, { padding: [[0.5, 1], 0] }), 'conv2d', 'padding', '[0.5,1]'],
  ['strides of 0', () => loom.conv2d(image, kernel, { strides: 0 }), 'conv2d', 'strides', 'from 1', '0'],
  ['three strides', () => loom.conv2d(image, kernel, { strides: [1, 1, 1] }), 'conv2d', 'strides', '2 of them', '[1,1,1]'],
  ['dilations of 1.5', () => loom.conv2d(image, kernel, { dilations: 1.5 }), 'conv2d', 'dilations', '1.5'],
  ['groups that do not divide what comes out', () => loom.conv2d(image, input('g', [3, 3, 1, 6]), { groups: 4 }), 'conv2d', '6 channels', '4 groups'],
  ['groups whose kernel takes too much', () => loom.conv2d(image, kernel, { groups: 2 }), 'conv2d', '4 channels', '2 groups', 'has 4'],
  ['groups of 0', () => loom.conv2d(image, kernel, { groups: 0 }), 'conv2d', 'groups', 'whole number from 1'],
  ['an unknown format', () => loom.conv2d(image, kernel, { dataFormat: 'NHWC' as 'channelsLast' }), 'conv2d', 'dataFormat', "'channelsFirst'", '"NHWC"'],
  ['bools', () => loom.conv1d(input('flags', [2, 8, 4], 'bool'), input('w', [3, 4, 6], 'bool')), 'conv1d', 'bool', 'cast', '"flags"'],
  ['float32 with float64', () => loom.conv1d(line, input('double', [3, 4, 6], 'float64')), 'conv1d', '"line" float32', '"double" float64', 'cast'],
  ['no tensor', () => loom.conv1d([[1]] as never, taps), 'conv1d', 'expected a tensor', 'an array'],
  ['no kernel', () => loom.conv1d(line, undefined as never), 'conv1d', 'expected a tensor', 'undefined'],
  ['a depthwise kernel for other channels', () => loom.depthwiseConv2d(image, input('deep', [3, 3, 5, 2])), 'depthwiseConv2d', '5 channels', 'has 4', '"deep"'],
  ['a pointwise kernel of three taps', () => loom.separableConv1d(line, input('deep', [3, 4, 2]), input('wide', [3, 8, 5])), 'separableConv1d', 'one tap', '"wide"'],
]
// prettier-ignore
const TRANSPOSED: readonly Row[] = [
  ['a kernel for other channels', () => loom.conv2dTranspose(image, kernel), 'conv2dTranspose', 'has 6 channels', '"kernel"', '"image"'],
  ['output padding of a stride', () => loom.conv2dTranspose(image, back, { strides: 2, outputPadding: 2 }), 'conv2dTranspose', 'outputPadding', 'below', '2'],
  ['output padding below 0', () => loom.conv2dTranspose(image, back, { outputPadding: -1 }), 'conv2dTranspose', 'outputPadding', '-1'],
  ['padding that leaves nothing', () => loom.conv2dTranspose(image, back, { padding: 5 }), 'conv2dTranspose', 'padding', 'size [0,0]', '"image"'],
  ['causal padding', () => loom.conv1dTranspose(line, input('w', [3, 6, 4]), { padding: 'causal' as never }), 'conv1dTranspose', 'padding', '"causal"'],
  ['groups that do not divide', () => loom.conv2dTranspose(image, back, { groups: 3 }), 'conv2dTranspose', '4 channels', '3 groups'],
]
// prettier-ignore
const POOLINGS: readonly Row[] = [
  ['a line for a plane', () => loom.maxPool2d(line), 'maxPool2d', '4 dimensions', '"line" float32[2, 8, 4]'],
  ['a window larger than x', () => loom.maxPool2d(image, { size: [2, 9] }), 'maxPool2d', 'size 9', 'input size 8', '"image"'],
  ['a window of size 0', () => loom.averagePool1d(line, { size: 0 }), 'averagePool1d', 'size', 'from 1', '0'],
  ['strides of 0', () => loom.averagePool2d(image, { strides: [1, 0] }), 'averagePool2d', 'strides', '[1,0]'],
  ['a window of padding only', () => loom.maxPool1d(line, { size: 2, padding: 2 }), 'maxPool1d', 'size 2', 'nothing but padding', '"line"'],
  ['a window whose taps all fall on padding', () => loom.averagePool1d(input('dot', [1, 1, 1]), { size: 2, dilations: 2, strides: 1, padding: 1 }), 'averagePool1d', 'nothing but padding', '"dot"'],
  ['bools', () => loom.maxPool1d(input('flags', [2, 8, 4], 'bool')), 'maxPool1d', 'bool', 'cast', '"flags"'],
  ['bools to average', () => loom.averagePool1d(input('flags', [2, 8, 4], 'bool')), 'averagePool1d', 'bool', 'cast', '"flags"'],
  ['no spatial dimensions', () => loom.globalMaxPool(input('flat', [2, 3])), 'globalMaxPool', 'spatial', '"flat" float32[2, 3]'],
  ['nothing to average over', () => loom.globalAveragePool(input('empty', [2, 0, 3])), 'globalAveragePool', '"empty" float32[2, 0, 3]'],
  ['padding of an unknown name', () => loom.maxPool1d(line, { padding: 'full' as never }), 'maxPool1d', 'padding', '"full"'],
  ['no tensor', () => loom.maxPool1d(3 as never), 'maxPool1d', 'expected a tensor', 'number'],
]

describe('bad windows are errors when the graph is built, which name the op, its operands and what would be right', () => {
  const rows = [...CONVOLUTIONS, ...TRANSPOSED, ...POOLINGS].map(([what, call, ...parts]) => ({ what, call, parts }))
  test.each(rows)('$what', ({ call, parts }) => {
    expectFault(call, GraphError, ...parts)
  })
})
