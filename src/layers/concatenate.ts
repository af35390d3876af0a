import { concat } from '../api/arrange'
import { fill } from '../api/leaf'
import { cast } from '../api/math'
import { broadcastTo } from '../api/shape'
import { any } from '../api/statistics'
import { GraphError } from '../ir/errors'
import { describe } from '../ir/tensor'
import { normalizeAxis } from '../ops/axes'
import { defineLayer } from './layer'
import { maskOver } from './mask-over'
import { axis as axisOption } from './option'

/**
 * Its inputs one after another along an axis; other extents are equal. A step counts where a feature of it counts in one of
 * them, and an input without a mask counts everywhere.
 */
export const concatenate = defineLayer({
  className: 'Concatenate',
  name: 'concatenate',
  options: { axis: axisOption(-1) },
  arity: { least: 1, most: Infinity },
  mask(masks, inputs, _, { axis }) {
    if (masks.every((mask) => mask === undefined)) return undefined
    const whole = inputs.map((x, i) =>
      masks[i] ? broadcastTo(maskOver(masks[i], x), x.shape) : cast(fill(x.shape, 1), 'bool'),
    )
    return any(concat(whole, { axis }), { axis: -1 })
  },
  call(inputs, { axis }) {
    const [first] = inputs
    const along = normalizeAxis('Concatenate', axis, first!.shape)
    if (
      inputs.some(
        (x) => x.shape.length !== first!.shape.length || x.shape.some((d, i) => i !== along && d !== first!.shape[i]),
      )
    )
      // prettier-ignore
      throw new GraphError(
        `Concatenate: inputs have equal shapes but for axis ${along}, got ${inputs.map(describe).join(' and ')}`,
      )
    return concat(inputs, { axis: along })
  },
})
