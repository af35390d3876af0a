import type { ConvTransposeOptions } from '../api/conv-options'
import { conv1dTranspose as over1, conv2dTranspose as over2, conv3dTranspose as over3 } from '../api/conv-transpose'
import { GraphError } from '../ir/errors'
import { showShape } from '../ir/type'
import type { Tensor } from '../ir/tensor'
import { channelsOf } from '../ops/window'
import { addBias } from './convolution'
import { defineLayer } from './layer'
import { integer, optional, perAxis, required } from './option'
import { activation, biasWeight, kernelOptions, kernelWeight } from './part-options'
import { requireRank } from './rank'
import { padding, windowOptions } from './window-options'

type Transpose = (x: Tensor, kernel: Tensor, options: ConvTransposeOptions) => Tensor

/** activation(transposed convolution(x, kernel) + bias), kernel [...kernelSize, filters, channels], bias [filters]. */
const transposed = (rank: 1 | 2 | 3, convolve: Transpose) =>
  defineLayer({
    className: `Conv${rank}DTranspose`,
    name: `conv${rank}d_transpose`,
    options: {
      filters: required(integer()),
      ...windowOptions(rank),
      padding: padding(),
      outputPadding: optional(perAxis(rank, undefined, 0)),
      activation: activation('linear'),
      ...kernelOptions,
    },
    check({ outputPadding, strides }, where) {
      if (outputPadding?.some((n, i) => n >= strides[i]!))
        throw new GraphError(
          `${where}: outputPadding must be below the strides, they are ${showShape(outputPadding)} and ${showShape(strides)}`,
        )
    },
    call([x], o, at) {
      requireRank(`Conv${rank}DTranspose`, x!, rank + 2)
      const { filters, strides, dataFormat, outputPadding } = o
      const kernel = at.weight('kernel', [...o.kernelSize, filters, channelsOf(x!.shape, dataFormat)], kernelWeight(o))
      const y = convolve(x!, kernel, {
        ...{ strides, dataFormat, padding: o.padding, dilations: o.dilationRate },
        ...(outputPadding ? { outputPadding } : {}),
      })
      return o.activation(o.useBias ? addBias(y, at.weight('bias', [filters], biasWeight(o)), dataFormat) : y)
    },
  })

/** Transposed convolution of sequences: length * strides steps for `same` padding, see `conv1dTranspose`. */
export const conv1dTranspose = transposed(1, over1)
/** Transposed convolution of images, see `conv2dTranspose`. */
export const conv2dTranspose = transposed(2, over2)
/** Transposed convolution of volumes, see `conv3dTranspose`. */
export const conv3dTranspose = transposed(3, over3)
