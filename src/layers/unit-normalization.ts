import { l2Normalize } from '../api/statistics'
import { defineLayer } from './layer'
import { axes } from './option'

/** x / max(|x|, 1e-12), the length taken over an axis or several, same shape. */
export const unitNormalization = defineLayer({
  className: 'UnitNormalization',
  name: 'unit_normalization',
  options: { axis: axes(-1) },
  mask: 'pass',
  call: ([x], { axis }) => l2Normalize(x!, { axis, epsilon: 1e-24 }),
})
