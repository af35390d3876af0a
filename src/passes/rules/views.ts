import { apply, type Tensor } from '../../ir/tensor'
import { isEmpty } from '../../ir/type'
import { type BroadcastAttrs, broadcastT } from '../../ops/broadcast'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { concatT, type PadAttrs, padT, type SliceAttrs, sliceT } from '../../ops/pieces'
import { type FlipAttrs, flipOp, type TransposeAttrs, transposeT } from '../../ops/view'
import type { Rule } from '../rewrite'

// Slices sink to what they read from, so that what they do not take is never looked at.

const inner = (t: Tensor): Tensor => t.inputs[0]!

/** The lowest and the highest position that is taken along an axis. */
function spanOf({ start, step, size }: SliceAttrs, axis: number): readonly [number, number] {
  const first = start[axis]!
  const last = first + step[axis]! * (size[axis]! - 1)
  return first < last ? [first, last] : [last, first]
}

export const mergeSlices: Rule = (t) => {
  const attrs = t.attrs as SliceAttrs
  const x = inner(t)
  const whole = sliceT(x, attrs)
  if (whole === x) return x
  return isEmpty(t) ? undefined : SLICES[x.op.name]?.(x, attrs)
}

/** A slice of x, by the op of x. */
const SLICES: Readonly<Record<string, (x: Tensor, attrs: SliceAttrs) => Tensor | undefined>> = {
  slice: (x, { start, step, size }) => {
    const below = x.attrs as SliceAttrs
    return sliceT(inner(x), {
      start: start.map((s, i) => below.start[i]! + below.step[i]! * s),
      step: step.map((s, i) => below.step[i]! * s),
      size,
    })
  },
  flip: (x, { start, step, size }) => {
    const { axes } = x.attrs as FlipAttrs
    return sliceT(inner(x), {
      start: start.map((s, i) => (axes.includes(i) ? x.shape[i]! - 1 - s : s)),
      step: step.map((s, i) => (axes.includes(i) ? -s : s)),
      size,
    })
  },
  transpose: (x, { start, step, size }) => {
    const { permutation } = x.attrs as TransposeAttrs
    const under = (list: readonly number[]): number[] => permutation.map((_, i) => list[permutation.indexOf(i)]!)
    const part = sliceT(inner(x), { start: under(start), step: under(step), size: under(size) })
    return transposeT(part, permutation)
  },
  broadcastTo: (x, { start, step, size }) => {
    const { shape } = inner(x)
    const lead = (x.attrs as BroadcastAttrs).shape.length - shape.length
    const under = (list: readonly number[], single: number): number[] =>
      shape.map((d, i) => (d === 1 ? single : list[lead + i]!))
    const part = sliceT(inner(x), { start: under(start, 0), step: under(step, 1), size: under(size, 1) })
    return broadcastT(part, size)
  },
  concat: (x, attrs) => {
    const { axis } = x.attrs as { readonly axis: number }
    const [low, high] = spanOf(attrs, axis)
    let from = 0
    for (const part of x.inputs) {
      const end = from + part.shape[axis]!
      if (low < end)
        return high < end ? sliceT(part, { ...attrs, start: attrs.start.with(axis, attrs.start[axis]! - from) }) : undefined // prettier-ignore
      from = end
    }
    return undefined
  },
  pad: sliceOfPad,
}

/** Border that is not taken is not made; undefined where steps jump over the edge of a border. */
function sliceOfPad(x: Tensor, attrs: SliceAttrs): Tensor | undefined {
  const { before, value } = x.attrs as PadAttrs
  const { shape } = inner(x)
  const axes = shape.map((d, i) => {
    const [low, high] = spanOf(attrs, i)
    const [first, end] = [before[i]!, before[i]! + d]
    const start = attrs.start[i]! - first
    if (first <= low && high < end) return { start, step: attrs.step[i]!, size: attrs.size[i]!, before: 0, after: 0 }
    if (high < first || end <= low) return 'border'
    if (attrs.step[i] !== 1) return undefined
    const [from, to] = [Math.max(low, first), Math.min(high + 1, end)]
    return { start: from - first, step: 1, size: to - from, before: from - low, after: high + 1 - to }
  })
  if (axes.includes('border')) return broadcastT(scalarConstant(value, x.dtype), attrs.size)
  const known = axes.filter((a) => typeof a === 'object')
  if (known.length < axes.length) return undefined
  const part = sliceT(inner(x), {
    start: known.map((a) => a.start),
    step: known.map((a) => a.step),
    size: known.map((a) => a.size),
  })
  return padT(part, known.map((a) => a.before), known.map((a) => a.after), value) // prettier-ignore
}

export const mergeFlips: Rule = (t) => {
  const { axes } = t.attrs as FlipAttrs
  const x = inner(t)
  if (x.op.name === 'flip') {
    const below = (x.attrs as FlipAttrs).axes
    const once = t.shape.flatMap((_, i) => (axes.includes(i) === below.includes(i) ? [] : [i]))
    return once.length === 0 ? inner(x) : apply(flipOp, [inner(x)], { axes: once })
  }
  if (x.op.name !== 'slice' || isEmpty(t)) return undefined
  const { start, step, size } = x.attrs as SliceAttrs
  return sliceT(inner(x), {
    start: start.map((s, i) => (axes.includes(i) ? s + step[i]! * (size[i]! - 1) : s)),
    step: step.map((s, i) => (axes.includes(i) ? -s : s)),
    size,
  })
}

export const mergePads: Rule = (t) => {
  const { before, after, value } = t.attrs as PadAttrs
  const x = inner(t)
  if (padT(x, before, after, value) === x) return x
  const filling = x.op.name === 'broadcastTo' ? inner(x) : x
  if (Object.is(constantValue(filling), constantValue(scalarConstant(value, t.dtype))))
    return broadcastT(filling, t.shape)
  if (x.op.name !== 'pad') return undefined
  const below = x.attrs as PadAttrs
  if (!Object.is(below.value, value)) return undefined
  return padT(inner(x), before.map((n, i) => n + below.before[i]!), after.map((n, i) => n + below.after[i]!), value) // prettier-ignore
}

// A join that grows part by part would else be copied at every part.
const MAX_PARTS = 64

export const mergeConcats: Rule = (t) => {
  const { axis } = t.attrs as { readonly axis: number }
  const parts: Tensor[] = []
  let merged = false
  const take = (x: Tensor): void => {
    const last = parts.at(-1)
    const joined = last && joinSlices(last, x, axis)
    if (joined) parts[parts.length - 1] = joined
    else parts.push(x)
    merged ||= joined !== undefined
  }
  for (const x of t.inputs) {
    const isSame = x.op.name === 'concat' && (x.attrs as { readonly axis: number }).axis === axis
    if (isSame && x.inputs.length + t.inputs.length <= MAX_PARTS) {
      merged = true
      x.inputs.forEach(take)
    } else if (x.shape[axis] === 0 && t.shape[axis] !== 0) merged = true
    else take(x)
  }
  return merged ? concatT(parts, axis) : undefined
}

/** Two slices of one tensor as one, where the second goes on along the axis where the first ends. */
function joinSlices(a: Tensor, b: Tensor, axis: number): Tensor | undefined {
  if (a.op.name !== 'slice' || b.op.name !== 'slice' || inner(a) !== inner(b)) return undefined
  if (isEmpty(a) || isEmpty(b)) return undefined
  const [p, q] = [a.attrs as SliceAttrs, b.attrs as SliceAttrs]
  const follows = a.shape.every((_, i) => {
    const next = i === axis ? p.start[i]! + p.step[i]! * p.size[i]! : p.start[i]!
    return q.start[i] === next && p.step[i] === q.step[i]
  })
  return follows ? sliceT(inner(a), { ...p, size: p.size.with(axis, p.size[axis]! + q.size[axis]!) }) : undefined
}
