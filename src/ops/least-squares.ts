import { GraphError } from '../ir/errors'
import type { Check, Op } from '../ir/op'
import { apply, describe, type Tensor } from '../ir/tensor'
import { sameShape, showType } from '../ir/type'
import { mulT, subT } from './arith'
import { columnsOf, matricesWhereT, isNotPositive, mirrorT, requireMatrices, rowsOf, timesT } from './matrix'
import { diagonalOp } from './products'
import { qrT } from './qr'
import { maxT } from './reduce'
import { absOp } from './rounding'
import { triangularSolveT } from './triangular'
import { like } from './unary'

/** The X of least |A X - B|, and of these the least, for matrices of full rank. */
export const leastSquaresOp: Op<'leastSquares', Record<never, never>> = {
  name: 'leastSquares',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a, b]) => {
    const dtype = requireMatrices(a!)
    const isFit = b!.shape.length === a!.shape.length && sameShape(b!.shape.slice(0, -1), a!.shape.slice(0, -1))
    if (!isFit || b!.dtype !== dtype) {
      const rows = [...a!.shape.slice(0, -1), 'k'].join(', ')
      throw new GraphError(`right-hand sides must be ${dtype}[${rows}], got ${showType(b!)}`)
    }
    return { dtype, shape: [...a!.shape.slice(0, -2), columnsOf(a!), columnsOf(b!)] }
  },
  vjp: 'expand',
  checks: ({ inputs: [a] }): Check[] => {
    if (Math.min(rowsOf(a!), columnsOf(a!)) === 0) return []
    const { r } = qrT(isWide(a!) ? mirrorT(a!) : a!)
    const sizes = apply(absOp, [apply(diagonalOp, [r], { offset: 0 })], {})
    const largest = maxT(sizes, { axes: [sizes.shape.length - 1], keepDims: true })
    const epsilon = a!.dtype === 'float32' ? 2 ** -23 : 2 ** -52
    const noise = mulT(largest, like(epsilon * Math.max(rowsOf(a!), columnsOf(a!)), a!))
    return [
      {
        count: matricesWhereT(isNotPositive(subT(sizes, noise))),
        message: `leastSquares: ${describe(a!)} is not of full rank`,
      },
    ]
  },
  expand: ([a, b]) => {
    const { q, r } = qrT(isWide(a!) ? mirrorT(a!) : a!)
    return isWide(a!)
      ? timesT(q, triangularSolveT(r, b!, { upper: true, transpose: true }))
      : triangularSolveT(r, timesT(mirrorT(q), b!), { upper: true })
  },
}
const isWide = (a: Tensor): boolean => rowsOf(a) < columnsOf(a)
export const leastSquaresT = (a: Tensor, b: Tensor): Tensor => apply(leastSquaresOp, [a, b], {})
