import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { countTo } from '../ir/count-to'
import { spliced } from './axes'
import { floatOnly } from './arith'
import { bandT, divisor, type Row, transposed } from './band'
import { sumT } from './broadcast'
import { dataConstant } from './leaf'
import { argMaxOp, LOWEST, maxT, meanT, refuseEmpty } from './reduce'
import { equalOp, maximumOp, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'

/** Pools to given extents: window i of `to` along an axis of n runs from floor(i n / to) up to ceil((i + 1) n / to). */
export interface AdaptiveAttrs {
  readonly axes: readonly number[]
  /** The new extent of each of the axes. */
  readonly size: readonly number[]
}
const startOf = (i: number, from: number, to: number): number => Math.floor((i * from) / to)
const endOf = (i: number, from: number, to: number): number => Math.ceil(((i + 1) * from) / to)
/** Windows that part their axes are blocks: all such axes in one reduction. */
function overBlocks(x: Tensor, { axes, size }: AdaptiveAttrs, reduce: (x: Tensor, axes: number[]) => Tensor): Tensor {
  const blockOf = (axis: number): number[] => {
    const to = size[axes.indexOf(axis)]
    return to !== undefined && x.shape[axis]! % to === 0 && to !== x.shape[axis] ? [to, x.shape[axis]! / to] : []
  }
  const blocks = x.shape.map((d, i) => (blockOf(i).length === 0 ? [d] : blockOf(i)))
  const reduced = blocks.flatMap((b, i) => (b.length === 2 ? [blocks.slice(0, i).flat().length + 1] : []))
  return reduced.length === 0 ? x : reduce(reshapeT(x, blocks.flat()), reduced)
}

/** Means of windows. Source: PyTorch AdaptiveAvgPool. */
export const adaptiveAveragePoolOp: Op<'adaptiveAveragePool', AdaptiveAttrs> = {
  name: 'adaptiveAveragePool',
  kind: 'composite',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes, 'mean')
    return { dtype: floatOnly(x!.dtype, 'cast it to a float'), shape: pooledShape(x!.shape, attrs) }
  },
  vjp: ({ inputs: [x], cotangent, attrs: { axes, size } }) => [
    axes.reduce(
      (g, axis, i) => bandT(g, axis, transposed(meansOf(x!.shape[axis]!, size[i]!), x!.shape[axis]!)),
      cotangent,
    ),
  ],
  expand: ([x], attrs) => {
    const blocked = overBlocks(x!, attrs, (b, axes) => meanT(b, { axes, keepDims: false }))
    return attrs.axes.reduce((now, axis, i) => {
      const [from, to] = [now.shape[axis]!, attrs.size[i]!]
      return from === to ? now : bandT(now, axis, meansOf(from, to))
    }, blocked)
  },
}
const meansOf = (from: number, to: number): Row[] =>
  countTo(to).map((o) => {
    const [start, end] = [startOf(o, from, to), endOf(o, from, to)]
    return { start, weights: countTo(end - start).map(() => 1 / (end - start)) }
  })
const pooledShape = (shape: readonly number[], { axes, size }: AdaptiveAttrs): number[] =>
  shape.map((d, i) => size[axes.indexOf(i)] ?? d)

/** Largest elements of windows. The first of equal ones in row-major order takes the gradient. Source: PyTorch AdaptiveMaxPool. */
export const adaptiveMaxPoolOp: Op<'adaptiveMaxPool', AdaptiveAttrs> = {
  name: 'adaptiveMaxPool',
  kind: 'composite',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes)
    return { dtype: x!.dtype, shape: pooledShape(x!.shape, attrs) }
  },
  vjp: ({ inputs: [x], cotangent, attrs: { axes, size } }) => {
    // Axis by axis from the last: the first of the largest rows, and in it the first of the largest, is first in all.
    const stages = axes.map((axis, i) => ({ axis, to: size[i]! })).sort((a, b) => b.axis - a.axis)
    const operands = [x!]
    for (const { axis, to } of stages) operands.push(largestAlong(operands.at(-1)!, axis, to))
    return [stages.reduceRight((g, { axis }, i) => toFirst(operands[i]!, axis, g), cotangent)]
  },
  expand: ([x], attrs) => {
    const blocked = overBlocks(x!, attrs, (b, axes) => maxT(b, { axes, keepDims: false }))
    return attrs.axes.reduce((now, axis, i) => largestAlong(now, axis, attrs.size[i]!), blocked)
  },
}

/**
 * An axis of n in as many equal parts as windows and elements share, [parts, windows, elements]: windows lie at the same
 * places of each. What a window does not hold is as low as can be.
 */
function windowsOf(x: Tensor, axis: number, to: number): Tensor {
  const { parts, windows, length } = partsOf(x.shape[axis]!, to)
  const split = reshapeT(x, spliced(x.shape, axis, 1, parts, 1, length))
  if (windows === 1) return split
  const holds = countTo(windows).flatMap((i) =>
    countTo(length).map((t) => Number(t >= startOf(i, length, windows) && t < endOf(i, length, windows))),
  )
  const rest = x.shape.slice(axis + 1).map(() => 1)
  const mask = dataConstant(Uint8Array.from(holds), { dtype: 'bool', shape: [windows, length, ...rest] })
  return whereT(mask, split, like(LOWEST[x.dtype], x))
}
function partsOf(from: number, to: number) {
  const parts = divisor(from, to)
  return { parts, windows: to / parts, length: from / parts }
}

function largestAlong(x: Tensor, axis: number, to: number): Tensor {
  if (x.shape[axis] === to) return x
  const largest = maxT(windowsOf(x, axis, to), { axes: [axis + 2], keepDims: false })
  return reshapeT(largest, spliced(x.shape, axis, 1, to))
}

/** The cotangents of windows along an axis, each at the first of the largest elements. */
function toFirst(x: Tensor, axis: number, g: Tensor): Tensor {
  const to = g.shape[axis]!
  if (x.shape[axis] === to) return g
  const { parts, windows, length } = partsOf(x.shape[axis]!, to)
  const rest = x.shape.slice(axis + 1).map(() => 1)
  const indices = (values: readonly number[], shape: readonly number[]): Tensor =>
    dataConstant(Int32Array.from(values), { dtype: 'int32', shape })
  const found = apply(argMaxOp, [windowsOf(x, axis, to)], { axes: [axis + 2], keepDims: true })
  // Where all of a window is as low as can be, what lies before it is no smaller.
  const starts = countTo(windows).map((i) => startOf(i, length, windows))
  const at = windows === 1 ? found : apply(maximumOp, [found, indices(starts, [windows, 1, ...rest])], {})
  const hit = apply(equalOp, [at, indices(countTo(length), [length, ...rest])], {})
  const spread = whereT(hit, reshapeT(g, spliced(x.shape, axis, 1, parts, windows, 1)), like(0, g))
  return reshapeT(windows === 1 ? spread : sumT(spread, { axes: [axis + 1], keepDims: false }), x.shape)
}
