import { addScaled, constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, indexF } from '../ir/formula'
import type { Op } from '../ir/op'
import { call, indexValue, int, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { showShape, showType } from '../ir/type'
import { flipOp, reshapeT } from './view'

// Slices, pads and joins are each other's gradients, so they share a file.

export interface SliceAttrs {
  /** The first position along each axis. */
  readonly start: readonly number[]
  /** How far apart positions lie; negative ones walk backwards. */
  readonly step: readonly number[]
  /** How many positions are taken. */
  readonly size: readonly number[]
}

/** Evenly spaced positions along each axis. */
export const sliceOp: Op<'slice', SliceAttrs> = {
  name: 'slice',
  kind: 'point',
  movesGradient: true,
  infer: ([x], { start, step, size }) => {
    x!.shape.forEach((extent, i) => {
      const last = start[i]! + step[i]! * (size[i]! - 1)
      const inside = (p: number): boolean => p >= 0 && p < extent
      if (size[i]! > 0 && !(inside(start[i]!) && inside(last)))
        throw new GraphError(`positions ${start[i]} to ${last} of axis ${i} lie outside ${showShape(x!.shape)}`)
    })
    return { dtype: x!.dtype, shape: size }
  },
  vjp: ({ inputs: [x], cotangent, attrs }) => [spreadT(cotangent, attrs, x!.shape)],
  lower: ({ index, attrs: { start, step }, read }) => ({
    value: read(
      0,
      index.map((a, i) => addScaled(constIndex(start[i]!), a, step[i]!)),
    ),
  }),
  formula: ([x], { start, step, size }) =>
    indexF(
      x!,
      start.map((from, i) => ({ kind: 'range', from, to: from + step[i]! * size[i]!, step: step[i]! })),
    ),
}

export function sliceT(x: Tensor, attrs: SliceAttrs): Tensor {
  const isWhole = x.shape.every((d, i) => attrs.size[i] === d && attrs.step[i] === 1)
  return isWhole ? x : apply(sliceOp, [x], attrs)
}

/** The first elements along each axis. */
export const firstT = (x: Tensor, size: readonly number[]): Tensor =>
  sliceT(x, { start: x.shape.map(() => 0), step: x.shape.map(() => 1), size })

/** `count` neighbours from a position along one axis. */
export const partT = (x: Tensor, axis: number, from: number, count: number): Tensor =>
  sliceT(x, {
    start: x.shape.map((_, i) => (i === axis ? from : 0)),
    step: x.shape.map(() => 1),
    size: x.shape.map((d, i) => (i === axis ? count : d)),
  })

/** Elements back at the places that a slice took them from, zeros elsewhere. */
export function spreadT(g: Tensor, { start, step, size }: SliceAttrs, shape: readonly number[]): Tensor {
  const backwards = step.flatMap((s, i) => (s < 0 ? [i] : []))
  let now = backwards.length > 0 ? apply(flipOp, [g], { axes: backwards }) : g
  // Steps become gaps: an axis of n is n groups of a step each, whose other places are zero.
  const gap = step.map(Math.abs)
  if (gap.some((s, i) => s > 1 && size[i]! > 1)) {
    const grouped = now.shape.flatMap((d) => [d, 1])
    const after = gap.flatMap((s) => [0, s - 1])
    const wide = padT(reshapeT(now, grouped), grouped.map(() => 0), after, 0) // prettier-ignore
    now = reshapeT(wide, now.shape.map((d, i) => d * gap[i]!)) // prettier-ignore
    now = firstT(now, now.shape.map((d, i) => (d === 0 ? 0 : d - gap[i]! + 1))) // prettier-ignore
  }
  const first = start.map((s, i) => (step[i]! < 0 ? s + step[i]! * (size[i]! - 1) : s))
  const before = first.map((s, i) => (size[i] === 0 ? 0 : s))
  return padT(
    now,
    before,
    shape.map((d, i) => d - before[i]! - now.shape[i]!),
    0,
  )
}

export interface PadAttrs {
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly value: number
}

/** A border of one value. */
export const padOp: Op<'pad', PadAttrs> = {
  name: 'pad',
  kind: 'point',
  movesGradient: true,
  infer: ([x], { before, after }) => {
    if ([...before, ...after].some((n) => !Number.isInteger(n) || n < 0))
      throw new GraphError(
        `a border is a whole number from 0 on each side, it is ${showShape(before)} and ${showShape(after)}`,
      )
    return { dtype: x!.dtype, shape: x!.shape.map((d, i) => before[i]! + d + after[i]!) }
  },
  vjp: ({ inputs: [x], cotangent, attrs: { before } }) => [
    sliceT(cotangent, { start: before, step: before.map(() => 1), size: x!.shape }),
  ],
  lower: ({ inputs: [x], output, index, attrs: { before, after, value }, read }) => {
    const inside = x!.shape.flatMap((d, i) => [
      ...(before[i]! > 0 ? [call('le', int(before[i]!), indexValue(index[i]!))] : []),
      ...(after[i]! > 0 ? [call('lt', indexValue(index[i]!), int(before[i]! + d))] : []),
    ])
    const border = literal(value, output.dtype)
    if (x!.shape.includes(0)) return { value: border }
    const from = read(
      0,
      index.map((a, i) => (x!.shape[i] === 1 ? constIndex(0) : addScaled(a, constIndex(before[i]!), -1))),
    )
    if (inside.length === 0) return { value: from }
    return { value: choose(inside.reduce((p, q) => call('and', p, q)), from, border) } // prettier-ignore
  },
  formula: ([x], { before, after, value }) => callF('pad', [x!], before, after, value),
}

const choose = (condition: Scalar, a: Scalar, b: Scalar): Scalar => call('select', condition, a, b)

export function padT(x: Tensor, before: readonly number[], after: readonly number[], value: number): Tensor {
  return [...before, ...after].every((n) => n === 0) ? x : apply(padOp, [x], { before, after, value })
}

/** Tensors one after another along an axis. */
export const concatOp: Op<'concat', { readonly axis: number }> = {
  name: 'concat',
  kind: 'point',
  infer: (inputs, { axis }) => {
    const [first, ...rest] = inputs
    for (const x of rest) {
      const fits =
        x.shape.length === first!.shape.length && x.shape.every((d, i) => i === axis || d === first!.shape[i])
      if (!fits || x.dtype !== first!.dtype)
        throw new GraphError(
          `${showType(first!)} and ${showType(x)} do not join along axis ${axis}: all other extents and the dtypes must be equal`,
        )
    }
    const total = inputs.reduce((sum, x) => sum + x.shape[axis]!, 0)
    return { dtype: first!.dtype, shape: first!.shape.map((d, i) => (i === axis ? total : d)) }
  },
  vjp: ({ inputs, cotangent, attrs: { axis } }) => {
    let from = 0
    return inputs.map((x) => {
      const part = partT(cotangent, axis, from, x.shape[axis]!)
      from += x.shape[axis]!
      return part
    })
  },
  lower: ({ inputs, index, attrs: { axis }, read }) => {
    const ends: number[] = []
    for (const x of inputs) ends.push((ends.at(-1) ?? 0) + x.shape[axis]!)
    const at = indexValue(index[axis]!)
    const part = (k: number): Scalar => {
      const from = ends[k]! - inputs[k]!.shape[axis]!
      const place = inputs[k]!.shape[axis] === 1 ? constIndex(0) : addScaled(index[axis]!, constIndex(from), -1)
      return read(
        k,
        index.map((a, i) => (i === axis ? place : a)),
      )
    }
    // What is empty has no elements to read.
    const full = inputs.flatMap((x, k) => (x.shape[axis] === 0 ? [] : [k]))
    const last = full.at(-1)
    if (last === undefined) return { value: part(0) }
    return {
      value: full
        .slice(0, -1)
        .reduceRight((rest, k) => choose(call('lt', at, int(ends[k]!)), part(k), rest), part(last)),
    }
  },
}
export const concatT = (parts: readonly Tensor[], axis: number): Tensor =>
  parts.length === 1 ? parts[0]! : apply(concatOp, parts, { axis })
