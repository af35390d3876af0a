import { cast, compile, constant, entry, type Tensor, tensor } from 'gradloom'
import { describe, it } from 'vitest'
import * as layers from '../../src/layers/index'
import type { AnyLayer } from '../../src/layers/layer'
import { expectFault } from '../fault'

describe('what does not fit', () => {
  const on =
    (layer: AnyLayer, ...shapes: readonly (readonly number[])[]) =>
    () =>
      compile(
        entry(Object.fromEntries(shapes.map((shape, i) => [`x${i}`, tensor([...shape])])), (feeds) => {
          const xs = Object.values(feeds) as unknown as readonly Tensor[]
          return { outputs: { y: layer(shapes.length === 1 ? xs[0]! : xs) as Tensor } }
        }),
      )
  const BAD: readonly (readonly [string, () => unknown, readonly string[]])[] = [
    [
      'an equation',
      () => layers.einsumDense({ equation: 'ab->ab', outputShape: 3 }),
      ['EinsumDense', 'ab->ab', 'ab,bc->ac'],
    ],
    [
      'an axis that nothing says',
      () => layers.einsumDense({ equation: 'ab,bz->a', outputShape: [] }),
      ['axis "z"', 'kernel only'],
    ],
    [
      'a bias of no axis',
      () => layers.einsumDense({ equation: 'ab,bc->ac', outputShape: 3, biasAxes: 'b' }),
      ['biasAxes', '"b"'],
    ],
    [
      'extents that differ',
      on(layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [5, 2] }), [2, 3, 4]),
      ['axis "b"', '3', '5'],
    ],
    [
      'extents that are missing',
      on(layers.einsumDense({ equation: 'abc,cd->abd', outputShape: 2 }), [2, 3, 4]),
      ['outputShape must have 2 extents'],
    ],
    [
      'an open axis of the kernel',
      on(layers.einsumDense({ equation: 'ab,bc->ac', outputShape: [null] }), [2, 3]),
      ['must say the extent of axis "c"'],
    ],
    [
      'axes that are not named',
      on(layers.einsumDense({ equation: 'ab,bc->ac', outputShape: 3 }), [2, 3, 4]),
      ['3 axes do not fit the 2'],
    ],
    ['shared axes', on(layers.pReLU({ sharedAxes: [3] }), [2, 3, 4]), ['PReLU', 'to 2', 'has no 3']],
    ['slopes', () => layers.leakyReLU({ negativeSlope: -1 }), ['negativeSlope', 'from 0', '-1']],
    ['an unknown option', () => layers.reLU({ alpha: 1 } as never), ['ReLU: unknown option "alpha"', 'negativeSlope']],
    ['batches', on(layers.add(), [2, 3], [4, 3]), ['Add', 'the same batch', 'float32[2, 3]', 'float32[4, 3]']],
    ['shapes', on(layers.multiply(), [2, 3], [2, 4]), ['mul', '3', '4']],
    ['how many', on(layers.subtract(), [2, 3], [2, 3], [2, 3]), ['takes 2 inputs, got 3']],
    [
      'what is joined',
      on(layers.concatenate({ axis: 1 }), [2, 3, 4], [2, 3, 5]),
      ['Concatenate', 'axis 1', '[2, 3, 5]'],
    ],
    ['an axis of the batch', on(layers.dot({ axes: 0 }), [2, 3], [2, 3]), ['Dot', 'batch is not summed']],
    ['extents of a product', on(layers.dot({ axes: 1 }), [2, 3], [2, 4]), ['extents 3 and 4 differ']],
    ['two open extents', () => layers.reshape({ targetShape: [-1, -1] }), ['one -1']],
    ['a size', on(layers.reshape({ targetShape: [5] }), [2, 3]), ['reshape', '[2, 3] has 6 elements, [2, 5] has 10']],
    ['an order', () => layers.permute({ dims: [1, 3] }), ['each of 1 to 2 once']],
    ['a rank', on(layers.permute({ dims: [2, 1] }), [2, 3]), ['Permute', '3 axes', 'float32[2, 3]']],
    ['a vector', on(layers.repeatVector({ n: 2 }), [2, 3, 4]), ['RepeatVector', '2 axes']],
    [
      'all that is cut',
      on(layers.cropping1d({ cropping: [2, 1] }), [2, 3, 4]),
      ['Cropping1D', '[[2,1]]', 'leaves nothing'],
    ],
    [
      'a border',
      () => layers.zeroPadding2d({ padding: [1, [2, -1]] }),
      ['ZeroPadding2D: padding must be', 'for each of 2 axes', '-1'],
    ],
    [
      'an interpolation',
      () => layers.upSampling2d({ interpolation: 'area' as never }),
      ["'nearest' or 'bilinear'", 'area'],
    ],
    ['a format', () => layers.flatten({ dataFormat: 'last' as never }), ["'channelsLast' or 'channelsFirst'", 'last']],
    ['a function in a config', () => layers.lambda({ function: (x) => x }).getConfig(), ['Lambda', 'cannot be saved']],
    ['no function', () => layers.lambda({ function: 3 as never }), ['Lambda: function must be a function']],
    [
      'a mask',
      on(
        layers.lambda({ function: (x) => layers.softmax()(x as Tensor, { mask: cast(constant([1, 0]), 'bool') }) }),
        [2, 3],
      ),
      ['Softmax: the mask', 'bool[2]', 'float32[2, 3]'],
    ],
    [
      'groups of filters',
      () => layers.conv2d({ filters: 3, kernelSize: 2, groups: 2 }),
      ['filters must be a multiple of groups'],
    ],
    [
      'groups of channels',
      on(layers.conv2d({ filters: 4, kernelSize: 2, groups: 2 }), [1, 5, 5, 3]),
      ['3 channels are no multiple of 2'],
    ],
    ['an image', on(layers.conv2d({ filters: 4, kernelSize: 2 }), [5, 5, 3]), ['Conv2D', '4 axes', 'float32[5, 5, 3]']],
    ['a window', on(layers.conv1d({ filters: 4, kernelSize: 9 }), [2, 5, 3]), ['conv1d']],
    [
      'causal images',
      () => layers.conv2d({ filters: 4, kernelSize: 2, padding: 'causal' as never }),
      ["'valid' or 'same'"],
    ],
    ['a kernel', () => layers.conv2d({ filters: 4, kernelSize: [1, 2, 3] }), ['kernelSize', '2 of them']],
    ['no kernel', () => layers.conv2d({ filters: 4 } as never), ['kernelSize is missing']],
    [
      'what is added behind',
      () => layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: [2, 1], outputPadding: 1 }),
      ['outputPadding must be below the strides'],
    ],
    ['a volume', on(layers.maxPooling3d(), [2, 4, 4, 4]), ['MaxPooling3D', '5 axes']],
    ['a size of pools', on(layers.averagePooling1d({ poolSize: 9 }), [2, 4, 4]), ['averagePool1d']],
    ['all of what', on(layers.globalMaxPooling2d(), [2, 4, 4]), ['GlobalMaxPooling2D', '4 axes']],
    ['windows of no size', () => layers.adaptiveMaxPooling2d({ outputSize: 0 }), ['outputSize', 'from 1']],
  ]
  it.each(BAD)('%s', (_, run, parts) => {
    expectFault(run, Error, ...parts)
  })
})
