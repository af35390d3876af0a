import { groupNorm } from '../api/normalize'
import { GraphError } from '../ir/errors'
import { normalizeAxis } from '../ops/axes'
import { defineLayer } from './layer'
import { affineOptions, affineWeights } from './norm-options'
import { axis, positive } from './option'

/**
 * For each element of the batch and each of `groups` groups of neighbouring channels (x - mean) / sqrt(variance + epsilon)
 * over the group and all other axes, times gamma and plus beta [channels], same shape; -1 groups are as many as channels.
 * Throws where the groups do not divide the channels. Source: Wu and He 2018, arXiv:1803.08494.
 */
export const groupNormalization = defineLayer({
  className: 'GroupNormalization',
  name: 'group_normalization',
  options: { groups: axis(32), axis: axis(-1), epsilon: positive(1e-3), ...affineOptions },
  mask: 'pass',
  check({ groups }, where) {
    if (groups !== -1 && groups < 1)
      throw new GraphError(`${where}: groups must be a whole number from 1, or -1 for one a channel; it is ${groups}`)
  },
  call([x], o, at) {
    const channels = normalizeAxis('GroupNormalization', o.axis, x!.shape)
    const extent = x!.shape[channels]!
    const affine = affineWeights(o, at, [extent])
    const groups = o.groups === -1 ? extent : o.groups
    return groupNorm(x!, { groups, axis: channels, epsilon: o.epsilon, ...affine })
  },
})
