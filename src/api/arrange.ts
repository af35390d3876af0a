import { GraphError } from '../ir/errors'
import { checkKeys, checkOneOf, valueText } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { expandDimsT, padBorderOp, repeatOp, rollOp, squeezeOp, stackOp, tileOp } from '../ops/arrange'
import { axisList, normalizeAxes, normalizeAxis } from '../ops/axes'
import { checkValues } from '../ops/leaf'
import { concatT, padT, partT, sliceT } from '../ops/pieces'
import { promote } from '../ops/promote'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'

type Axes = number | readonly number[]
const isCount = (v: unknown): v is number => Number.isInteger(v) && (v as number) >= 0

/** New axes of extent 1 at the given positions of the result; negative ones count from its end. */
export function expandDims<X extends Tensor>(x: X, axis: Axes): Tensor<Shape, X['dtype']> {
  requireTensor('expandDims', x)
  const axes: readonly number[] = Array.isArray(axis) ? axis : [axis]
  const result = [...x.shape, ...axes.map(() => 1)]
  const rank = result.length
  const outside = axes.find((a) => Number.isInteger(a) && (a < -rank || a >= rank))
  if (outside !== undefined)
    throw explained('expandDims', `axis ${outside} is out of range for the ${rank} axes of the result (legal are ${-rank} to ${rank - 1})`, [x]) // prettier-ignore
  return expandDimsT(x, normalizeAxes('expandDims', axis, result))
}

/** Without axes of extent 1: the given ones, or all of them. */
export function squeeze<X extends Tensor>(x: X, axis?: Axes): Tensor<Shape, X['dtype']> {
  requireTensor('squeeze', x)
  const axes =
    axis === undefined ? x.shape.flatMap((d, i) => (d === 1 ? [i] : [])) : normalizeAxes('squeeze', axis, x.shape)
  return axes.length === 0 ? x : apply(squeezeOp, [x], { axes })
}

/** What is taken along an axis: one position, or positions from `start` up to `end` (not `end`) in steps. */
export type Range = number | null | { readonly start?: number; readonly end?: number; readonly step?: number }

/**
 * A part of x, one range an axis, missing ones taken whole, as `x[...]` in NumPy: `null` is a whole axis, a number one
 * position whose axis goes away, negative positions count from the end, and a negative step walks backwards. Bounds
 * beyond the extent are cut to it; a single position beyond it is an error.
 */
export function slice<X extends Tensor>(x: X, ranges: readonly Range[]): Tensor<Shape, X['dtype']> {
  requireTensor('slice', x)
  if (!Array.isArray(ranges)) throw explained('slice', `an array of ranges is needed, it is ${typeof ranges}`, [x])
  if (ranges.length > x.shape.length)
    throw explained('slice', `${ranges.length} ranges for the ${x.shape.length} axes of ${showShape(x.shape)}`, [x])
  const parts = x.shape.map((extent, i) => positions(x, i, ranges[i] ?? null, extent))
  const part = sliceT(x, {
    start: parts.map((p) => p.start),
    step: parts.map((p) => p.step),
    size: parts.map((p) => p.size),
  })
  const single = ranges.flatMap((r, i) => (typeof r === 'number' ? [i] : []))
  return (single.length === 0 ? part : reshapeT(part, part.shape.filter((_, i) => !single.includes(i)))) // prettier-ignore
}

function positions(x: Tensor, axis: number, range: Range, extent: number) {
  if (typeof range === 'number') return { start: normalizePosition(x, axis, range, extent), step: 1, size: 1 }
  const { start, end, step = 1, ...others } = range ?? {}
  if (typeof (range ?? {}) !== 'object' || Array.isArray(range) || Object.keys(others).length > 0)
    throw explained('slice', `axis ${axis}: a range is a position, null or { start, end, step }, it is ${JSON.stringify(range)}`, [x]) // prettier-ignore
  for (const bound of [start, end, step])
    if (bound !== undefined && !Number.isInteger(bound))
      throw explained('slice', `axis ${axis}: bounds and steps are whole numbers, got ${bound}`, [x])
  if (step === 0) throw explained('slice', `axis ${axis}: a step of 0 goes nowhere`, [x])
  const cut = (p: number): number => {
    const from = p < 0 ? p + extent : p
    return step > 0 ? Math.min(Math.max(from, 0), extent) : Math.min(Math.max(from, -1), extent - 1)
  }
  const first = start === undefined ? (step > 0 ? 0 : extent - 1) : cut(start)
  const stop = end === undefined ? (step > 0 ? extent : -1) : cut(end)
  const size = Math.max(0, Math.ceil((stop - first) / step))
  return { start: size === 0 ? 0 : first, step, size }
}

function normalizePosition(x: Tensor, axis: number, position: number, extent: number): number {
  const at = position < 0 ? position + extent : position
  if (!Number.isInteger(position) || at < 0 || at >= extent)
    throw explained(
      'slice',
      `position ${position} of axis ${axis} is out of range (legal are ${-extent} to ${extent - 1})`,
      [x],
    )
  return at
}

/** Options of `pad`. */
export interface PadOptions {
  /** `constant` (the default) writes `value`, `reflect` mirrors without the edge, `edge` repeats the edge. */
  readonly mode?: 'constant' | 'reflect' | 'edge'
  /** The value of the border, 0 by default. */
  readonly value?: number
}

/** A border around x: `[before, after]` for each axis. */
export function pad<X extends Tensor>(
  x: X,
  widths: readonly (readonly [before: number, after: number])[],
  options: PadOptions = {},
): Tensor<Shape, X['dtype']> {
  requireTensor('pad', x)
  checkKeys('pad', options, ['mode', 'value'])
  const { mode = 'constant', value = 0 } = options
  checkOneOf('pad', 'mode', mode, ['constant', 'reflect', 'edge'])
  if (!Array.isArray(widths) || !widths.every((width) => Array.isArray(width) && width.length === 2))
    throw explained('pad', `expected a pair of widths for each axis, such as [[1, 1]], got ${valueText(widths)}`, [x])
  if (widths.length !== x.shape.length)
    throw explained('pad', `${widths.length} pairs of widths for the ${x.shape.length} axes of ${showShape(x.shape)}`, [
      x,
    ])
  for (const width of widths.flat())
    if (!isCount(width)) throw explained('pad', `a width is a whole number from 0, got ${valueText(width)}`, [x])
  const [before, after] = [widths.map((w) => w[0]), widths.map((w) => w[1])]
  if (mode === 'constant') {
    checkValues('pad: the value', [value], x.dtype)
    return padT(x, before, after, value)
  }
  return apply(padBorderOp, [x], { before, after, mode })
}

function joined(op: string, parts: readonly Tensor[]): Tensor[] {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new GraphError(`${op}: expected an array of at least one tensor`)
  return promote(op, parts)
}

/** Tensors one after another along an axis, the first by default; their other extents are equal. Dtypes are promoted. */
export function concat<X extends Tensor>(
  parts: readonly X[],
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']> {
  checkKeys('concat', options, ['axis'])
  const { axis = 0 } = options
  const tensors = joined('concat', parts)
  return concatT(tensors, normalizeAxis('concat', axis, tensors[0]!.shape))
}

/** Tensors of one shape side by side along a new axis, the first by default. Dtypes are promoted. */
export function stack<X extends Tensor>(
  parts: readonly X[],
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']> {
  checkKeys('stack', options, ['axis'])
  const { axis = 0 } = options
  const tensors = joined('stack', parts)
  const at = normalizeAxis('stack', axis, [...tensors[0]!.shape, 1])
  const shape = showShape(tensors[0]!.shape)
  if (tensors.some((t) => showShape(t.shape) !== shape)) throw explained('stack', 'the shapes must be equal', tensors)
  return apply(stackOp, tensors, { axis: at })
}

const equalParts = (extent: number, count: number): number[] => Array.from({ length: count }, () => extent / count)

/** Parts along an axis (the first by default): a number of equal ones, or the extents given. */
export function split<X extends Tensor>(
  x: X,
  parts: number | readonly number[],
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']>[] {
  requireTensor('split', x)
  checkKeys('split', options, ['axis'])
  const { axis = 0 } = options
  const at = normalizeAxis('split', axis, x.shape)
  const extent = x.shape[at]!
  const isList = Array.isArray(parts)
  const isEven = isCount(parts) && extent % parts === 0
  const sizes: readonly number[] = isList ? parts : isEven ? equalParts(extent, parts) : []
  if (sizes.length === 0 || !sizes.every(isCount) || sizes.reduce((a, b) => a + b, 0) !== extent)
    throw explained(
      'split',
      `axis ${at} of ${showShape(x.shape)} does not split into ${isList ? String(parts) : valueText(parts)}`,
      [x],
    )
  let from = 0
  return sizes.map((size) => partT(x, at, (from += size) - size, size))
}

/** The parts of extent 1 along an axis (the first by default), without that axis. */
export function unstack<X extends Tensor>(x: X, options: { readonly axis?: number } = {}): Tensor<Shape, X['dtype']>[] {
  requireTensor('unstack', x)
  checkKeys('unstack', options, ['axis'])
  const { axis = 0 } = options
  const at = normalizeAxis('unstack', axis, x.shape)
  const rest = x.shape.filter((_, i) => i !== at)
  return Array.from({ length: x.shape[at]! }, (_, k) => reshapeT(partT(x, at, k, 1), rest))
}

/** Copies side by side, so many along each axis; more numbers than axes add axes in front, as in NumPy. */
export function tile<X extends Tensor>(x: X, repeats: readonly number[]): Tensor<Shape, X['dtype']> {
  requireTensor('tile', x)
  if (!Array.isArray(repeats) || !repeats.every(isCount))
    throw explained('tile', `repeats are a list of whole numbers from 0, got ${JSON.stringify(repeats)}`, [x])
  const missing = Math.max(0, x.shape.length - repeats.length)
  const full = [...Array.from({ length: missing }, () => 1), ...repeats]
  return apply(tileOp, [x], { repeats: full })
}

/** Each element `count` times in a row along an axis, the last by default. */
export function repeat<X extends Tensor>(
  x: X,
  count: number,
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']> {
  requireTensor('repeat', x)
  checkKeys('repeat', options, ['axis'])
  const { axis = -1 } = options
  checkNumber('repeat', 'count', count, isCount, 'a whole number from 0')
  return apply(repeatOp, [x], { count, axis: normalizeAxis('repeat', axis, x.shape) })
}

/** Elements moved on by `shift` along axes; what leaves at the end comes back at the start. */
export function roll<X extends Tensor>(x: X, shift: Axes, axis: Axes): Tensor<X['shape'], X['dtype']> {
  requireTensor('roll', x)
  const by: readonly number[] = Array.isArray(shift) ? shift : [shift]
  const axes = axisList('roll', axis, x.shape)
  if (by.length !== axes.length || !by.every(Number.isInteger))
    throw explained('roll', `${axes.length} axes need as many whole numbers, got [${by.map(valueText).join(', ')}]`, [
      x,
    ])
  return apply(rollOp, [x], { shift: by, axes })
}
