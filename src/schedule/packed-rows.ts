import { coefficient } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import { bytesOf, sizeOf } from '../ir/type'
import { LINE_BYTES } from './cache'
import type { Tile } from './choose-tile'
import { type FlatKernel, mapKernel, productOf } from './flat'
import { type Panel, packPanel, panelElement, panelIndex, slotOf } from './panel'
import { vectorLoop } from './vector-nest'

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
  const param: Param = {
    buffer: { ...buffer, name: `${buffer.name}_rows`, shape: [count], size: count, region: 'panel', offset },
    access: 'update',
  }
  const panel: Panel = { param, of: left, width: ROWS, reduceAxes: kernel.reduceAxes }
  const slot = slotOf(panel, rows)
  const packed = panelElement(panel, left, panelIndex(panel, 0, slot), 1)
  const points = { from: 0, to: rows.extent, step: ROWS }
  return {
    before: vectorLoop(rows, [], points, lanes, {
      before: packPanel(kernel, panel, rows, { count: ROWS, lanes, slot }),
    }),
    kernel: mapKernel(kernel, (s) => (s === left ? packed : undefined)),
    tile: { ...tile, isSideBySide: true },
  }
}
