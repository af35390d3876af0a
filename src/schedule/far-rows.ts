import { addScaled, type Axis, axisIndex, coefficient } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import { type Element, walk } from '../ir/scalar'
import { bytesOf } from '../ir/type'
import { LINE_BYTES } from './cache'
import { evenPart, type FlatKernel, withAxes } from './flat'
import type { Hints } from './hints'
import { loop, split } from './loops'
import { plainNest } from './nest'
import { isLight, shiftStatements, UNROLL, vectorNest } from './vector-nest'

/** Bytes of a table from which on a row that is looked up is seldom found in a cache. */
const FAR = 8 << 20
/** Rows that are fetched together: as many waits as the processor can overlap, and all of them stay in the second cache. */
const [LEAST, MOST] = [64, 512]
/** Lines of a row; of a longer one the processor fetches the next lines by itself. */
const MOST_LINES = 16

/**
 * Rows looked up in a large table, some hundred at a time: first one element of each line of cache, where nothing but memory
 * is waited for and many waits overlap, then all of them, which are near by then, as are the lines they are stored to.
 * Vectors alone fill the queue of stores before the next rows have been asked for. Undefined where that does not pay.
 */
export function farRows(kernel: FlatKernel, hints: Hints): Stmt[] | undefined {
  const [rows, along, ...more] = kernel.axes
  if (!rows || !along || more.length > 0 || !isLight(kernel, along)) return undefined
  const part = evenPart(rows.extent, LEAST, MOST)
  const { to, value } = kernel.stores[0]!
  const elements = walk([value]).filter((s) => s.kind === 'element')
  // What is stored twice must be the same both times.
  if (part === undefined || elements.some(({ from }) => from.buffer === to.buffer)) return undefined
  const step = LINE_BYTES / bytesOf(to.buffer.dtype)
  const lines = Math.ceil(along.extent / step)
  if (lines < 2 || lines > MOST_LINES || !elements.some((e) => isFar(e, rows, along))) return undefined
  const group: Axis = { name: `${rows.name}s`, extent: rows.extent / part, kind: 'space' }
  const row: Axis = { ...rows, extent: part }
  const own: FlatKernel = {
    ...withAxes(kernel, new Map([[rows, addScaled(axisIndex(row), axisIndex(group), part)]])),
    axes: [row, along],
  }
  return [loop(group, [...firsts(plainNest(own, hints, new Set()), along, lines, step), ...vectorNest(own, hints)])]
}

/** A row of a large table, side by side, at a place that is computed for each row. */
function isFar({ from, at: { index, offset } }: Element, rows: Axis, along: Axis): boolean {
  const { size, dtype } = from.buffer
  if (!offset || size * bytesOf(dtype) < FAR || coefficient(index, along) !== 1) return false
  const moves = (axis: Axis): boolean =>
    walk([offset]).some((s) => (s.kind === 'element' ? coefficient(s.at.index, axis) !== 0 : s.kind === 'axis' && s.axis === axis)) // prettier-ignore
  return moves(rows) && !moves(along)
}

/** The loop over an axis at the first point of each line only. */
function firsts(body: readonly Stmt[], axis: Axis, lines: number, step: number): Stmt[] {
  return body.flatMap((s): Stmt[] => {
    if (s.kind !== 'for') return [s]
    if (s.axis !== axis) return [{ ...s, body: firsts(s.body, axis, lines, step) }]
    return split(lines, UNROLL).map((span) => ({
      ...s,
      ...{ from: span.from * step, to: span.to * step, step: span.step * step },
      body: Array.from({ length: span.step }, (_, u) => shiftStatements(s.body, axis, u * step)).flat(),
    }))
  })
}
