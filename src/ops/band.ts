import { apply, type Tensor } from '../ir/tensor'
import { type DType, newData } from '../ir/type'
import { countTo } from '../ir/count-to'
import { spliced } from './axes'
import { padBorderOp } from './arrange'
import { addT, mulT } from './arith'
import { broadcastT, sumT } from './broadcast'
import { frameT } from './frame'
import { dataConstant } from './leaf'
import { padT, partT, sliceT } from './pieces'
import { castTensor } from './promote'
import { notEqualOp, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'

/** What a point of the result takes along an axis: neighbours from `start` on, one weight each. */
export interface Row {
  readonly start: number
  readonly weights: readonly number[]
}

/** The rows by which cotangents of the points come back to an axis of n; rows may not go backwards. */
export function transposed(rows: readonly Row[], n: number): Row[] {
  const taken = Array.from({ length: n }, () => new Map<number, number>())
  rows.forEach(({ start, weights }, o) =>
    weights.forEach((w, t) => {
      const at = taken[Math.min(Math.max(start + t, 0), n - 1)]!
      at.set(o, (at.get(o) ?? 0) + w)
    }),
  )
  let next = 0
  return taken.map((points) => {
    // Points come in order. What no point takes stands where it makes no window longer.
    const start = points.keys().next().value ?? next
    next = Math.max(start, ...points.keys())
    return {
      start,
      weights: Array.from({ length: points.size === 0 ? 0 : next - start + 1 }, (_, t) => points.get(start + t) ?? 0),
    }
  })
}

/** Above so many neighbours a loop runs over them; up to it each is a term of its own, which fuses with what is around. */
const MOST_TERMS = 4

/**
 * Weighted sums of neighbours along an axis, one row a point of the result; beyond its ends an axis repeats its edge.
 * Indices are affine, so points go in blocks: block i reads one window from step i on, and a table holds the weights of
 * each point of a block. What a point does not take is deselected, so that an infinity reaches its neighbours only. Rows
 * of one weight that is 1 move elements of any dtype.
 */
export function bandT(x: Tensor, axis: number, rows: readonly Row[]): Tensor {
  const layout = layoutOf(rows, x.shape[axis]!)
  const { first, step, size, count, block } = layout
  const extent = x.shape[axis]!
  const [before, after] = [Math.max(0, -first), Math.max(0, first + step * (count - 1) + size - extent)]
  const border = (n: number): number[] => x.shape.map((_, i) => (i === axis ? n : 0))
  // Zeros cost less than the edge, where only windows reach beyond the end and no row does.
  const isEdge = rows.some(({ start, weights }) => start < 0 || start + weights.length > extent)
  const wide =
    isEdge && before + after > 0
      ? apply(padBorderOp, [x], { before: border(before), after: border(after), mode: 'edge' })
      : padT(x, border(before), border(after), 0)
  const table = tableOf(rows, layout)
  const isMove = rows.every(({ weights }) => weights.length === 1 && weights[0] === 1)
  const from = first + before
  const y =
    size <= MOST_TERMS ? terms(wide, axis, from, layout, table, isMove) : loop(wide, axis, from, layout, table, isMove)
  return partT(reshapeT(y, spliced(x.shape, axis, 1, count * block)), axis, 0, rows.length)
}

interface Layout {
  /** Points of the result in a block, and blocks. */
  readonly block: number
  readonly count: number
  /** Where the window of the first block starts, how far apart windows start, how long one is. */
  readonly first: number
  readonly step: number
  readonly size: number
}

/** The blocks with the shortest windows. */
function layoutOf(rows: readonly Row[], extent: number): Layout {
  const total = rows.length
  const slope = total < 2 ? 1 : (rows.at(-1)!.start - rows[0]!.start) / (total - 1)
  // Where the ratio of the extents, or of their last positions, is one of small numbers, so is the period of the rows.
  const periods = [total / divisor(total, extent), (total - 1) / divisor(total - 1, extent - 1)]
  const blocks = [...Array.from({ length: Math.min(64, total) }, (_, i) => i + 1), ...periods, total]
  let best: Layout | undefined
  for (const block of blocks) {
    if (!(block >= 1)) continue
    for (const step of new Set([Math.floor(slope * block), Math.ceil(slope * block)])) {
      const found = windowsOf(rows, block, Math.max(1, step))
      if (!best || found.size < best.size) best = found
    }
  }
  return best!
}
/** The largest whole number that divides both. */
export const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

function windowsOf(rows: readonly Row[], block: number, step: number): Layout {
  let [first, end] = [Infinity, -Infinity]
  rows.forEach(({ start, weights }, o) => {
    if (weights.length === 0) return
    const from = start - step * Math.floor(o / block)
    first = Math.min(first, from)
    end = Math.max(end, from + weights.length)
  })
  return { block, step, count: Math.ceil(rows.length / block), first, size: end - first }
}

/** Weights by block, point and place in the window; blocks are 1 where all are equal. */
interface Table {
  readonly blocks: number
  readonly weight: (block: number, point: number, place: number) => number
}

function tableOf(rows: readonly Row[], { block, count, first, step }: Layout): Table {
  const weight = (i: number, r: number, t: number): number => {
    const row = rows[i * block + r]
    return row?.weights[first + step * i + t - row.start] ?? 0
  }
  const isEqual = rows.every(({ start, weights }, o) => {
    const like = rows[o % block]!
    if (weights.length === 0) return like.weights.length === 0
    const same = start - step * Math.floor(o / block) === like.start
    return same && weights.length === like.weights.length && weights.every((w, i) => w === like.weights[i])
  })
  return { blocks: isEqual ? 1 : count, weight }
}

/** A constant of weights, of rank 0 where all are equal. */
function constantOf(values: readonly number[], shape: readonly number[], dtype: DType, x: Tensor): Tensor {
  if (values.every((v) => v === values[0])) return castTensor(like(values[0]!, x), dtype)
  const data = newData(dtype, values.length)
  data.set(values)
  return dataConstant(data, { dtype, shape })
}

/** Place t of every window. Whole blocks are split off where they fit: cotangents then come back without gaps to fill. */
function places(wide: Tensor, axis: number, from: number, layout: Layout): (t: number) => Tensor {
  const { count, step, size } = layout
  const { shape } = wide
  const blocks = count + Math.ceil(size / step) - 1
  if (step > 1 && from + blocks * step <= shape[axis]!) {
    const split = reshapeT(partT(wide, axis, from, blocks * step), spliced(shape, axis, 1, blocks, step))
    return (t) => partT(partT(split, axis, Math.floor(t / step), count), axis + 1, t % step, 1)
  }
  return (t) => {
    const part = sliceT(wide, {
      start: shape.map((_, i) => (i === axis ? from + t : 0)),
      step: shape.map((_, i) => (i === axis ? step : 1)),
      size: spliced(shape, axis, 1, count),
    })
    return reshapeT(part, spliced(shape, axis, 1, count, 1))
  }
}

/** One term for each place in the window. */
function terms(wide: Tensor, axis: number, from: number, layout: Layout, table: Table, isMove: boolean): Tensor {
  const { block, count, size } = layout
  const rest = wide.shape.slice(axis + 1)
  const ones = rest.map(() => 1)
  const placed = places(wide, axis, from, layout)
  let total: Tensor | undefined
  for (const t of countTo(size)) {
    const x = placed(t)
    const weights = countTo(table.blocks).flatMap((i) => countTo(block).map((r) => table.weight(i, r, t)))
    if (weights.every((w) => w === 0)) continue
    const constant = (values: readonly number[], dtype: DType): Tensor =>
      constantOf(values, [table.blocks, block, ...ones], dtype, x)
    const taken = constant(weights.map((w) => Number(w !== 0)), 'bool') // prettier-ignore
    if (isMove) total = total ? whereT(taken, x, total) : x
    else {
      const product = weights.every((w) => w === 1) ? x : mulT(constant(weights, x.dtype), x)
      const term = weights.includes(0) ? whereT(taken, product, like(0, x)) : product
      total = total ? addT(total, term) : term
    }
  }
  return broadcastT(total!, spliced(wide.shape, axis, 1, count, block))
}

/** A loop over the window. */
function loop(wide: Tensor, axis: number, from: number, layout: Layout, table: Table, isMove: boolean): Tensor {
  const { block, count, step, size } = layout
  const { dtype } = wide
  const isSmall = dtype === 'bool' || dtype === 'uint8'
  const used = partT(wide, axis, from, step * (count - 1) + size)
  const windows = frameT(isSmall ? castTensor(used, 'int32') : used, { axis, size, step, count })
  const x = reshapeT(windows, spliced(wide.shape, axis, 1, count, 1, size))
  const values = countTo(table.blocks).flatMap((i) =>
    countTo(block).flatMap((r) => countTo(size).map((t) => table.weight(i, r, t))),
  )
  const shape = [table.blocks, block, size, ...wide.shape.slice(axis + 1).map(() => 1)]
  const weights = constantOf(values, shape, isMove ? 'bool' : dtype, x)
  const taken = isMove ? weights : apply(notEqualOp, [weights, like(0, weights)], {})
  const product = isMove ? x : mulT(weights, x)
  const term = values.includes(0) ? whereT(taken, product, like(0, product)) : product
  const full = broadcastT(term, spliced(wide.shape, axis, 1, count, block, size))
  return castTensor(sumT(full, { axes: [axis + 2], keepDims: false }), dtype)
}
