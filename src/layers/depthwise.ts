import {
  depthwiseConv1d as own1,
  depthwiseConv2d as own2,
  separableConv1d as apart1,
  separableConv2d as apart2,
} from '../api/conv'
import type { DepthwiseOptions } from '../api/conv-options'
import type { Tensor } from '../ir/tensor'
import { channelsOf } from '../ops/window'
import { addBias } from './convolution'
import { defineLayer } from './layer'
import { integer, type Parsed, required } from './option'
import { activation, biasWeight, constraint, initializer, kernelOptions, regularizer } from './part-options'
import { requireRank } from './rank'
import type { WeightOptions } from './weight'
import { padding, windowOptions } from './window-options'

const { useBias, biasInitializer, biasRegularizer, biasConstraint } = kernelOptions
const depthwiseOptions = (rank: number) => ({
  ...windowOptions(rank),
  padding: padding(),
  depthMultiplier: integer(1),
  activation: activation('linear'),
  ...{ useBias, biasInitializer, biasRegularizer, biasConstraint },
  depthwiseInitializer: initializer('glorotUniform'),
  depthwiseRegularizer: regularizer(),
  depthwiseConstraint: constraint(),
})
type DepthwiseLayer = Parsed<ReturnType<typeof depthwiseOptions>>

const depthwiseWeight = (o: DepthwiseLayer): WeightOptions => ({
  initializer: o.depthwiseInitializer,
  regularizer: o.depthwiseRegularizer,
  constraint: o.depthwiseConstraint,
})
const windowsOf = ({ strides, dataFormat, padding, dilationRate }: DepthwiseLayer): DepthwiseOptions => ({
  ...{ strides, dataFormat, padding, dilations: dilationRate },
})

type Depthwise = (x: Tensor, kernel: Tensor, options: DepthwiseOptions) => Tensor

/** activation(depthwise(x, kernel) + bias), kernel [...kernelSize, channels, depthMultiplier], bias [channels * depthMultiplier]. */
const depthwise = (rank: 1 | 2, convolve: Depthwise) =>
  defineLayer({
    className: `DepthwiseConv${rank}D`,
    name: `depthwise_conv${rank}d`,
    options: depthwiseOptions(rank),
    call([x], o, at) {
      requireRank(`DepthwiseConv${rank}D`, x!, rank + 2)
      const channels = channelsOf(x!.shape, o.dataFormat)
      const kernel = at.weight('kernel', [...o.kernelSize, channels, o.depthMultiplier], depthwiseWeight(o))
      const y = convolve(x!, kernel, windowsOf(o))
      const bias = [channels * o.depthMultiplier]
      return o.activation(o.useBias ? addBias(y, at.weight('bias', bias, biasWeight(o)), o.dataFormat) : y)
    },
  })

/** Each channel of sequences by kernels of its own, see `depthwiseConv1d`. */
export const depthwiseConv1d = depthwise(1, own1)
/** Each channel of images by kernels of its own, see `depthwiseConv2d`. */
export const depthwiseConv2d = depthwise(2, own2)

type Separable = (x: Tensor, depthwise: Tensor, pointwise: Tensor, options: DepthwiseOptions) => Tensor

/**
 * activation(separable(x, depthwise_kernel, pointwise_kernel) + bias), kernels [...kernelSize, channels, depthMultiplier]
 * and [1, ..., channels * depthMultiplier, filters], bias [filters].
 */
const separable = (rank: 1 | 2, convolve: Separable) =>
  defineLayer({
    className: `SeparableConv${rank}D`,
    name: `separable_conv${rank}d`,
    options: {
      filters: required(integer()),
      ...depthwiseOptions(rank),
      pointwiseInitializer: initializer('glorotUniform'),
      pointwiseRegularizer: regularizer(),
      pointwiseConstraint: constraint(),
    },
    call([x], o, at) {
      requireRank(`SeparableConv${rank}D`, x!, rank + 2)
      const channels = channelsOf(x!.shape, o.dataFormat)
      const own = at.weight('depthwise_kernel', [...o.kernelSize, channels, o.depthMultiplier], depthwiseWeight(o))
      const ones = o.kernelSize.map(() => 1)
      const mixing = at.weight('pointwise_kernel', [...ones, channels * o.depthMultiplier, o.filters], {
        initializer: o.pointwiseInitializer,
        regularizer: o.pointwiseRegularizer,
        constraint: o.pointwiseConstraint,
      })
      const y = convolve(x!, own, mixing, windowsOf(o))
      return o.activation(o.useBias ? addBias(y, at.weight('bias', [o.filters], biasWeight(o)), o.dataFormat) : y)
    },
  })

/** Each channel of sequences by itself, then channels mixed, see `separableConv1d`. */
export const separableConv1d = separable(1, apart1)
/** Each channel of images by itself, then channels mixed, see `separableConv2d`. */
export const separableConv2d = separable(2, apart2)
