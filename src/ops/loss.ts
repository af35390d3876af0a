import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply } from '../ir/tensor'
import { sameShape, showShape } from '../ir/type'
import { floatOnly, squareOp, subT } from './arith'
import { meanT } from './reduce'

/** mean((prediction - target)²) over all elements; the shapes must be equal, since broadcasting here is always a slip. */
export const meanSquaredErrorOp: Op<'meanSquaredError', Record<never, never>> = {
  name: 'meanSquaredError',
  kind: 'composite',
  infer: ([p, t]) => {
    if (!sameShape(p!.shape, t!.shape)) {
      throw new GraphError(
        `prediction ${showShape(p!.shape)} and target ${showShape(t!.shape)} must have equal shapes; ` +
          `write reshape(target, ${showShape(p!.shape)}) if the elements correspond, or broadcastTo to repeat on purpose`,
      )
    }
    return { dtype: floatOnly(p!.dtype, 'cast it to a float'), shape: [] }
  },
  vjp: 'expand',
  expand: ([p, t]) => meanT(apply(squareOp, [subT(p!, t!)], {}), { axes: p!.shape.map((_, i) => i), keepDims: false }),
}
