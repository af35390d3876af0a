import type { Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import type { FlatKernel } from './flat'
import type { Hints } from './hints'
import { loop, split } from './loops'
import { makePanel, packPanel } from './panel'
import type { Tile } from './choose-tile'
import { TileWriter } from './tile-body'
import { canCutStores, vectorLoop, vectorSpans } from './vector-nest'
import type { VectorLanes } from './vectorize'

/**
 * Register tiles: a block of results is accumulated in locals while one pass runs over the reduced axes, so that each
 * operand loaded is used several times. Remainders are tiles of half the size, down to one; columns that do not fill a
 * vector are one vector more that is cut when it is stored, or are taken one by one.
 */
export function tiledReduction(kernel: FlatKernel, tile: Tile, hints: Hints): Stmt[] {
  const { rows, columns, size, lanes = 1, packs = false } = tile
  const outer = kernel.axes.filter((a) => a !== rows && a !== columns)
  // Columns outside: a panel of the right operand stays in cache while the rows pass by.
  const order = [...outer, ...(columns ? [columns] : []), ...(rows ? [rows] : [])]
  const panel = packs ? makePanel(kernel, tile, size[1] * lanes) : undefined
  const writer = new TileWriter(kernel, hints, order, lanes > 1, panel)
  const overRows = (part: Tile, columnCount: number): Stmt[] => {
    if (!rows) return writer.body(part, 1, columnCount)
    return split(rows.extent, size[0]).map((span) => loop(rows, writer.body(part, span.step, columnCount), span))
  }
  const body = (part: 1 | VectorLanes, count: number): Stmt[] => {
    const inside = overRows({ ...tile, lanes: part }, count)
    return [...writer.take(outer.length + 1), ...inside]
  }
  const inVectors = (columns: Axis, vectorLanes: VectorLanes, from: number, to: number, count: number): Stmt[] => {
    const packed = panel ? packPanel(kernel, panel, columns, Math.min(to - from, count * vectorLanes), vectorLanes) : []
    const span = { from, to, step: count * vectorLanes }
    return vectorLoop(columns, body(vectorLanes, count), span, vectorLanes, { before: packed })
  }
  const overVectors = (
    columns: Axis,
    { lanes, main, tail }: { lanes: VectorLanes; main: number; tail: number },
  ): Stmt[] => [
    ...split(main / lanes, size[1]).flatMap(({ from, to, step }) =>
      inVectors(columns, lanes, from * lanes, to * lanes, step),
    ),
    ...(tail > 0 ? inVectors(columns, lanes, main, main + tail, 1) : []),
  ]
  const overColumns = (): Stmt[] => {
    if (!columns) return overRows(tile, 1)
    const vector = lanes === 1 ? undefined : { lanes, ...vectorSpans(columns.extent, lanes, canCutStores(kernel)) }
    const start = vector ? vector.main + vector.tail : 0
    return [
      ...(vector ? overVectors(columns, vector) : []),
      ...split(columns.extent - start, size[1]).map(({ from, to, step }) =>
        loop(columns, body(1, step), { from: start + from, to: start + to, step }),
      ),
    ]
  }
  let inner = overColumns()
  for (let d = outer.length; d >= 1; d--) inner = [loop(outer[d - 1]!, [...writer.take(d), ...inner])]
  return [...writer.take(0), ...inner]
}
