import { notEqual, where } from '../api/math'
import { any } from '../api/statistics'
import type { Tensor } from '../ir/tensor'
import { defineLayer } from './layer'
import { number } from './option'

const counts = (x: Tensor, value: number, keepDims: boolean): Tensor => any(notEqual(x, value), { axis: -1, keepDims })

/** Steps whose features are all `maskValue` do not count in the layers behind, and are 0: [..., n], same shape; mask [...]. */
export const masking = defineLayer({
  className: 'Masking',
  name: 'masking',
  options: { maskValue: number(0) },
  mask: (_masks, [x], _outputs, { maskValue }) => counts(x!, maskValue, false),
  call: ([x], { maskValue }) => where(counts(x!, maskValue, true), x!, 0),
})
