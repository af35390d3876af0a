import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'

/**
 * The first operand, as soon as the second is finished; a view, which costs nothing. What is computed from it a second time
 * is not taken for what was computed before, and does not run before it is needed.
 */
export const barrierOp: Op<'barrier', Record<never, never>> = {
  name: 'barrier',
  kind: 'point',
  infer: ([x]) => ({ dtype: x!.dtype, shape: x!.shape }),
  vjp: ({ cotangent }) => [cotangent, null],
  movesGradient: true,
  waitsFor: [1],
  lower: ({ index, read }) => ({ value: read(0, index) }),
  formula: ([x]) => x!,
}
export const barrierT = (x: Tensor, after: Tensor): Tensor => apply(barrierOp, [x, after], {})
