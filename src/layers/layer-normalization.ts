import { layerNorm } from '../api/normalize'
import { GraphError } from '../ir/errors'
import { normalizeAxes } from '../ops/axes'
import { defineLayer } from './layer'
import { affineOptions, affineWeights } from './norm-options'
import { axes, flag, number } from './option'

/**
 * (x - mean) / sqrt(variance + epsilon) over an axis or several, times gamma and plus beta of the extents of those axes,
 * same shape. Source: Ba et al. 2016, arXiv:1607.06450.
 */
export const layerNormalization = defineLayer({
  className: 'LayerNormalization',
  name: 'layer_normalization',
  options: { axis: axes(-1), epsilon: number(1e-3, 0), ...affineOptions, rmsScaling: flag(false) },
  mask: 'pass',
  check({ rmsScaling }, where) {
    if (rmsScaling) throw new GraphError(`${where}: rmsScaling: true has a layer of its own, RMSNormalization`)
  },
  call([x], o, at) {
    const along = normalizeAxes('LayerNormalization', o.axis, x!.shape)
    const affine = affineWeights(o, at, along.map((i) => x!.shape[i]!)) // prettier-ignore
    return layerNorm(x!, { axis: along, epsilon: o.epsilon, ...affine })
  },
})
