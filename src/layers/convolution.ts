import { conv1d as over1, conv2d as over2, conv3d as over3 } from '../api/conv'
import type { ConvOptions } from '../api/conv-options'
import { add } from '../api/math'
import { reshape } from '../api/shape'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { channelsOf, type DataFormat } from '../ops/window'
import { defineLayer } from './layer'
import { choice, integer, type Option, required } from './option'
import { activation, biasWeight, kernelOptions, kernelWeight } from './part-options'
import { requireRank } from './rank'
import { padding, windowOptions } from './window-options'

/** A bias [channels] added to each channel. */
export const addBias = (y: Tensor, bias: Tensor, format: DataFormat): Tensor =>
  add(y, format === 'channelsLast' ? bias : reshape(bias, [bias.shape[0]!, ...y.shape.slice(2).map(() => 1)]))

type Convolve = (x: Tensor, kernel: Tensor, options: ConvOptions) => Tensor

/** activation(convolution(x, kernel) + bias), kernel [...kernelSize, channels / groups, filters], bias [filters]. */
const convolution = <P extends 'valid' | 'same' | 'causal'>(
  rank: 1 | 2 | 3,
  paddings: Option<P, P, false>,
  convolve: Convolve,
) =>
  defineLayer({
    className: `Conv${rank}D`,
    name: `conv${rank}d`,
    options: {
      filters: required(integer()),
      ...windowOptions(rank),
      padding: paddings,
      groups: integer(1),
      activation: activation('linear'),
      ...kernelOptions,
    },
    check({ filters, groups }, where) {
      if (filters % groups !== 0)
        throw new GraphError(`${where}: filters must be a multiple of groups, they are ${filters} and ${groups}`)
    },
    call([x], o, at) {
      requireRank(`Conv${rank}D`, x!, rank + 2)
      const { filters, groups, strides, dataFormat } = o
      const channels = channelsOf(x!.shape, dataFormat)
      if (channels % groups !== 0)
        throw new GraphError(
          `Conv${rank}D: ${channels} channels are no multiple of ${groups} groups, got ${describe(x!)}`,
        )
      const kernel = at.weight('kernel', [...o.kernelSize, channels / groups, filters], kernelWeight(o))
      const options = { strides, groups, dataFormat, padding: o.padding, dilations: o.dilationRate }
      const y = convolve(x!, kernel, options as ConvOptions)
      return o.activation(o.useBias ? addBias(y, at.weight('bias', [filters], biasWeight(o)), dataFormat) : y)
    },
  })

/** Convolution over the steps of sequences, see `conv1d`; `causal` padding lets no step see later ones. */
export const conv1d = convolution(1, choice(['valid', 'same', 'causal'], 'valid'), over1 as Convolve)
/** Convolution over images, see `conv2d`. */
export const conv2d = convolution(2, padding(), over2 as Convolve)
/** Convolution over volumes, see `conv3d`. */
export const conv3d = convolution(3, padding(), over3 as Convolve)
