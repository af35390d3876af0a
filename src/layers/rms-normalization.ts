import { ones } from '../init/initializers'
import { rmsNorm } from '../api/normalize'
import { normalizeAxes } from '../ops/axes'
import { defineLayer } from './layer'
import { axes, positive } from './option'

/**
 * x / sqrt(mean(x²) + epsilon) over an axis or several, times `scale` of the extents of those axes, same shape.
 * Source: Zhang and Sennrich 2019, arXiv:1910.07467.
 */
export const rmsNormalization = defineLayer({
  className: 'RMSNormalization',
  name: 'rms_normalization',
  options: { axis: axes(-1), epsilon: positive(1e-6) },
  mask: 'pass',
  call([x], o, at) {
    const along = normalizeAxes('RMSNormalization', o.axis, x!.shape)
    const shape = along.map((i) => x!.shape[i]!)
    const gamma = at.weight('scale', shape, { initializer: ones() })
    return rmsNorm(x!, { axis: along, epsilon: o.epsilon, gamma })
  },
})
