import type { Tensor } from '../../ir/tensor'
import { sameShape } from '../../ir/type'
import { zerosT } from '../../ops/broadcast'
import { constantValue } from '../../ops/leaf'
import { concatT, type PadAttrs } from '../../ops/pieces'
import type { Rule } from '../rewrite'

/** Parts along one axis, with zeros between them. */
interface Parts {
  readonly axis: number
  readonly parts: readonly { readonly start: number; readonly x: Tensor }[]
}

/**
 * A sum of tensors that are zero where the others are not is a join, as where the gradients of slices meet. At most the sign of
 * a zero differs.
 */
export const joinParts: Rule = (t, shared) => {
  const [a, b] = t.inputs as [Tensor, Tensor]
  if (!sameShape(a.shape, b.shape) || shared.has(a) || shared.has(b)) return undefined
  const [p, q] = [partsOf(a), partsOf(b)]
  if (!p || !q || p.axis !== q.axis) return undefined
  const { axis } = p
  const all = [...p.parts, ...q.parts].sort((x, y) => x.start - y.start)
  const made: Tensor[] = []
  let end = 0
  const fill = (to: number): void => {
    if (to > end) made.push(zerosT({ dtype: t.dtype, shape: t.shape.with(axis, to - end) }))
  }
  for (const { start, x } of all) {
    if (start < end) return undefined
    fill(start)
    made.push(x)
    end = start + x.shape[axis]!
  }
  fill(t.shape[axis]!)
  return concatT(made, axis)
}

function partsOf(t: Tensor): Parts | undefined {
  if (t.op.name === 'pad') {
    const { before, after, value } = t.attrs as PadAttrs
    const axes = before.flatMap((n, i) => (n > 0 || after[i]! > 0 ? [i] : []))
    const [axis] = axes
    return value === 0 && axes.length === 1
      ? { axis: axis!, parts: [{ start: before[axis!]!, x: t.inputs[0]! }] }
      : undefined
  }
  if (t.op.name !== 'concat') return undefined
  const { axis } = t.attrs as { readonly axis: number }
  const parts: { start: number; x: Tensor }[] = []
  let start = 0
  for (const x of t.inputs) {
    if (!isZero(x)) parts.push({ start, x })
    start += x.shape[axis]!
  }
  return parts.length < t.inputs.length ? { axis, parts } : undefined
}

const isZero = (x: Tensor): boolean => constantValue(x.op.name === 'broadcastTo' ? x.inputs[0]! : x) === 0
