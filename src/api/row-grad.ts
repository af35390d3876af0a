import { followRows } from '../batching/rows'
import { GraphError } from '../ir/errors'
import { checkFlags } from '../ir/names-of'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { broadcastT } from '../ops/broadcast'
import { scalarConstant } from '../ops/leaf'
import { checkGradientOptions, type GradientOptions, pulled } from './gradient'
import { checkOutputs } from './jvp'

/** Options of `rowGrad`. */
export interface RowGradOptions extends GradientOptions {
  /**
   * Looks whether each row of y is computed from its row of x alone, and refuses what mixes rows or cannot be seen to keep
   * them apart. On by default. Without it, rows that do mix get the sum of the derivatives of all of y.
   */
  readonly check?: boolean
}

/**
 * Derivatives of a function that is applied row by row: for y of one number a row, `[n]` or `[n, 1]`, computed from the rows
 * of x, `[n, ...]`, row i of the result is the gradient of y[i] by x[i], in the shape of x. It is one vector-Jacobian
 * product whatever n is, and may be differentiated again: so derivatives of any order for differential equations.
 *
 *     const slope = rowGrad(u, x)                                  // u [n, 1] of x [n, 2]: [n, 2]
 *     const curvature = rowGrad(slice(slope, [{}, { end: 1 }]), x)  // second derivatives by the first coordinate and each
 *
 * Throws a GraphError where y has several numbers a row, where rows mix, and as `grad` does.
 */
export function rowGrad<X extends Tensor>(
  y: Tensor,
  x: X,
  options: RowGradOptions = {},
): Tensor<X['shape'], X['dtype']> {
  checkGradientOptions('rowGrad', options, ['check'])
  checkFlags('rowGrad', options, ['check'])
  requireTensor('rowGrad', x)
  checkOutputs('rowGrad', [y])
  const [rows] = x.shape
  if (rows === undefined) throw new GraphError(`rowGrad: ${describe(x)} is a scalar and has no rows`)
  if (y.shape[0] !== rows)
    throw new GraphError(`rowGrad: ${describe(y)} must have a row for each of the ${rows} rows of ${describe(x)}`)
  if (sizeOf(y.shape.slice(1)) !== 1)
    throw new GraphError(
      `rowGrad: ${describe(y)} has ${sizeOf(y.shape.slice(1))} numbers a row; take one of them by slice, ` +
        `or all derivatives of a function of one row by vmap of jacobian`,
    )
  if (options.check ?? true) checkRows(y, x)
  const ones = broadcastT(scalarConstant(1, y.dtype), y.shape)
  return pulled('rowGrad', [y], [ones], [x], options)[0]!
}

function checkRows(y: Tensor, x: Tensor): void {
  const found = followRows([y], new Map([[x, 0]]))
  if ('axes' in found && (found.axes[0] ?? 0) === 0) return
  const at = 'mixed' in found ? found.mixed : y
  throw new GraphError(
    `rowGrad: the rows of ${describe(x)} may mix in ${describe(at)}; each row of y must be computed from its row of x alone ` +
      `(pass { check: false } if it is)`,
  )
}
