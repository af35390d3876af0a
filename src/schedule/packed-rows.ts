import { addScaled, type Affine, axisIndex, coefficient, constIndex, substitute } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import type { Element } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import type { Tile } from './choose-tile'
import { type FlatKernel, mapKernel, productOf } from './flat'
import { loop } from './loops'
import { vectorLoop } from './vector-nest'

const LINE_BYTES = 64
/** Rows of a tile, and of a vector. */
const ROWS = 4
/** Tiles that have to read a copy, before it pays. */
const MANY_TILES = 8
/** Terms from which on lines of cache are not found again. */
const MANY_TERMS = 64
/** Bytes that may be spent on a copy, which every thread has for itself. */
const MOST_BYTES = 2 ** 20

/**
 * A sum of products whose left operand is read a line of cache a term, of which a tile of rows uses a part: gradients of
 * weights over many samples. The rows of each tile are copied side by side, in the order in which it reads them, before the
 * columns pass over them. Undefined where that does not pay.
 */
export function packRows(
  kernel: FlatKernel,
  tile: Tile,
): { readonly before: readonly Stmt[]; readonly kernel: FlatKernel; readonly tile: Tile } | undefined {
  const { rows, columns, lanes, size } = tile
  const operands = productOf(kernel)
  const reach = kernel.reduceAxes.at(-1)
  if (!rows || !columns || !operands || !reach || lanes !== ROWS || size[0] !== ROWS) return undefined
  const isPlain = kernel.axes.length === 2 && kernel.accumulators[0]!.dtype === 'float32'
  if (!isPlain || rows.extent % ROWS !== 0 || columns.extent < MANY_TILES * size[1] * lanes) return undefined
  const left = operands.find((e) => coefficient(e.at.index, rows) !== 0)!
  const bytes = bytesOf(left.dtype)
  const step = Math.abs(coefficient(left.at.index, reach)) * bytes
  const terms = sizeOf(kernel.reduceAxes.map((a) => a.extent))
  const isWasteful = coefficient(left.at.index, rows) === 1 && step >= LINE_BYTES && terms >= MANY_TERMS
  if (!isWasteful || bytes !== 4 || left.at.offset || rows.extent * terms * bytes > MOST_BYTES) return undefined

  const { buffer } = left.from
  const count = rows.extent * terms
  // Behind the columns that are packed, all of them at the most.
  const width = size[1] * lanes
  const offset = aligned(terms * bytes * (tile.rowsOutside ? columns.extent + 4 * width : width))
  const to: Param = {
    buffer: { ...buffer, name: `${buffer.name}_rows`, shape: [count], size: count, region: 'panel', offset },
    access: 'update',
  }
  // Rows move by whole tiles: those within one lie side by side.
  let index: Affine = constIndex(0)
  for (const axis of kernel.reduceAxes) index = addScaled(axisIndex(axis), index, axis.extent)
  index = addScaled(addScaled(constIndex(0), axisIndex(rows), terms), index, ROWS)
  const packed: Element = { ...left, from: to, at: { index } }

  const own = new Map(kernel.reduceAxes.map((axis) => [axis, { ...axis }]))
  const map = new Map([...own].map(([axis, copy]) => [axis, axisIndex(copy)]))
  const value: Element = { ...left, at: { index: substitute(left.at.index, map) }, lanes }
  let copy: Stmt[] = [{ kind: 'store', to, at: { index: substitute(index, map) }, value, lanes }]
  for (const axis of [...own.values()].reverse()) copy = [loop(axis, copy)]
  const points = { from: 0, to: rows.extent, step: ROWS }
  return {
    before: vectorLoop(rows, [], points, lanes, { before: copy }),
    kernel: mapKernel(kernel, (s) => (s === left ? packed : undefined)),
    tile: { ...tile, isSideBySide: true },
  }
}
