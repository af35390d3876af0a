import { divNoNan } from '../api/special-values'
import type { Tensor } from '../ir/tensor'

/** The penalty of a result, for one sample of its batch: what it adds to the loss does not grow with the batch. As Keras. */
export const activityPenalty = (y: Tensor, penalty: (y: Tensor) => Tensor): Tensor =>
  y.shape.length === 0 ? penalty(y) : divNoNan(penalty(y), y.shape[0]!)
