import { l1l2 } from '../parts/regularizers'
import { activityPenalty } from './activity'
import { defineLayer } from './layer'
import { number } from './option'

/** Its input as it is; l1 sum(|x|) + l2 sum(x²), over the batch divided by its size, is added to the loss. */
export const activityRegularization = defineLayer({
  className: 'ActivityRegularization',
  name: 'activity_regularization',
  options: { l1: number(0, 0), l2: number(0, 0) },
  mask: 'pass',
  call([x], o, at) {
    at.loss(activityPenalty(x!, l1l2(o)))
    return x!
  },
})
