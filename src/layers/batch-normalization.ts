import { batchNorm } from '../api/batch-norm'
import type { Variable } from '../ir/variable'
import { normalizeAxis } from '../ops/axes'
import { defineLayer } from './layer'
import { affineOptions, affineWeights } from './norm-options'
import { axis, flag, number, positive } from './option'
import { initializer } from './part-options'

/**
 * (x - mean) / sqrt(variance + epsilon) gamma + beta for each channel, same shape: in training by the statistics of the
 * batch where the mask is true, otherwise, and where the layer is frozen, by the running ones. `synchronized` is accepted
 * and says nothing: there is one replica. Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
 */
export const batchNormalization = defineLayer({
  className: 'BatchNormalization',
  name: 'batch_normalization',
  options: {
    axis: axis(-1),
    momentum: number(0.99, 0, 1),
    epsilon: positive(1e-3),
    ...affineOptions,
    movingMeanInitializer: initializer('zeros'),
    movingVarianceInitializer: initializer('ones'),
    synchronized: flag(false),
  },
  mask: 'pass',
  call([x], o, at) {
    const channels = [x!.shape[normalizeAxis('BatchNormalization', o.axis, x!.shape)]!]
    const affine = affineWeights(o, at, channels)
    const running = (name: string, initializer: typeof o.movingMeanInitializer): Variable =>
      at.weight(name, channels, { initializer, trainable: false }) as Variable
    const mean = running('moving_mean', o.movingMeanInitializer)
    const variance = running('moving_variance', o.movingVarianceInitializer)
    const [mask] = at.masks
    const { axis, momentum, epsilon } = o
    const { output, updates } = batchNorm(x!, {
      ...affine,
      ...{ axis, momentum, epsilon, mean, variance, training: at.training },
      ...(mask ? { mask } : {}),
    })
    at.update(updates)
    return output
  },
})
