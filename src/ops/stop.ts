import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'

/** The same value, through which no gradient flows. Gone after differentiation. */
export const stopGradientOp: Op<'stopGradient', Record<never, never>> = {
  name: 'stopGradient',
  kind: 'composite',
  infer: ([x]) => x!,
  vjp: null,
  expand: ([x]) => x!,
}
export const stopT = (x: Tensor): Tensor => apply(stopGradientOp, [x], {})
