import { apply, type Tensor } from '../../ir/tensor'
import { sameShape } from '../../ir/type'
import { concatT, sliceT } from '../../ops/pieces'
import { axesWithin, reshapeT } from '../../ops/view'
import { windowProductOp } from '../../ops/window-product'
import type { Rule, Shared } from '../rewrite'

/*
 * Gradients of strided convolutions, and transposed ones, are products for each phase of the stride, laid side by side;
 * grouped ones have an axis of groups. What follows point by point is done before they are joined, where each product takes
 * it while its sums are in registers.
 */

/** How deep an expression is followed to products. */
const MAX_DEPTH = 8

/** Whether nothing but a product, or several side by side, and what was done at their points is in x; each for it alone. */
function isFresh(x: Tensor, shared: Shared, depth = MAX_DEPTH): boolean {
  if (x.op === windowProductOp) return true
  if (depth === 0) return false
  const follow = (part: Tensor): boolean => !shared.has(part) && isFresh(part, shared, depth - 1)
  if (x.op.name === 'reshape') return follow(x.inputs[0]!)
  if (x.op.name === 'concat') return x.inputs.every(follow)
  return x.op.pointwise === true && x.inputs.some((part) => sameShape(part.shape, x.shape) && follow(part))
}

/** A pointwise op of a tensor in another shape, or of one that is joined, is done in that shape, or at each part. */
export const movePointwise: Rule = (t, shared) => {
  if (!t.op.pointwise) return undefined
  const isMoved = (x: Tensor): boolean =>
    (x.op.name === 'reshape' || x.op.name === 'concat') && sameShape(x.shape, t.shape) && !shared.has(x)
  const at = t.inputs.findIndex((x) => isMoved(x) && isFresh(x, shared))
  if (at < 0) return undefined
  const x = t.inputs[at]!
  return x.op.name === 'reshape' ? beforeReshape(t, at, x.inputs[0]!) : beforeJoin(t, at, x)
}

function beforeReshape(t: Tensor, at: number, x: Tensor): Tensor | undefined {
  const split = axesWithin(t.shape, x.shape)?.map((axes) => axes.map((axis) => x.shape[axis]!))
  // Extents of 1 keep nothing apart.
  const isApart = split?.some((own) => own.filter((d) => d !== 1).length > 1) || x.op.name === 'concat'
  if (!split || !isApart) return undefined
  const inputs = t.inputs.map((y, i) => {
    if (i === at) return x
    const lead = t.shape.length - y.shape.length
    const own = y.shape.flatMap((d, j) => (d === 1 ? split[lead + j]!.map(() => 1) : split[lead + j]!))
    return reshapeT(y, own)
  })
  return reshapeT(apply<unknown>(t.op, inputs, t.attrs), t.shape)
}

function beforeJoin(t: Tensor, at: number, joined: Tensor): Tensor {
  const { axis } = joined.attrs as { readonly axis: number }
  let from = 0
  const parts = joined.inputs.map((part) => {
    const inputs = t.inputs.map((y, i) => {
      if (i === at) return part
      const own = axis - (t.shape.length - y.shape.length)
      if (own < 0 || y.shape[own] === 1) return y
      const size = y.shape.with(own, part.shape[axis]!)
      return sliceT(y, { start: y.shape.map((_, j) => (j === own ? from : 0)), step: y.shape.map(() => 1), size })
    })
    from += part.shape[axis]!
    return apply<unknown>(t.op, inputs, t.attrs)
  })
  return concatT(parts, axis)
}
