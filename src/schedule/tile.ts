import type { Affine, Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import type { Ahead } from './ahead'
import type { FlatKernel } from './flat'
import type { Hints } from './hints'
import { loop, type Span, split } from './loops'
import { makePanel, type Panel, packPanel, slotOf } from './panel'
import { movesWith, type Tile } from './choose-tile'
import { TileWriter } from './tile-body'
import { canCutStores, vectorLoop, vectorSpans } from './vector-nest'
import type { VectorLanes } from './vectorize'

/** Columns from one to another, `count` vectors or `count` single ones at once. */
interface ColumnSpan {
  readonly from: number
  readonly to: number
  readonly count: number
  readonly lanes: 1 | VectorLanes
}

/**
 * Register tiles: a block of results is accumulated in locals while one pass runs over the reduced axes, so that each
 * operand loaded is used several times. Remainders are tiles of half the size, down to one; columns that do not fill a
 * vector are one vector more that is cut when it is stored, or are taken one by one.
 */
export function tiledReduction(kernel: FlatKernel, tile: Tile, hints: Hints, ahead?: Ahead): Stmt[] {
  const { rows, columns, size, lanes = 1, packs = false, rowsOutside = false, isFirst = false, isAhead = false } = tile
  const isBefore = isFirst || isAhead
  const isWhole = rowsOutside || isBefore
  const spans = columns ? columnSpans(columns.extent, lanes, size[1], canCutStores(kernel)) : []
  const width = size[1] * lanes
  const whole = Math.ceil((columns?.extent ?? 0) / width) + spans.length
  const panel = packs ? makePanel(kernel, tile, width, isWhole ? whole : 1, isAhead ? ahead : undefined) : undefined
  // The columns are packed where what moves them has turned.
  const others = kernel.axes.filter((a) => a !== rows && a !== columns)
  const movers = panel && isFirst ? others.filter((axis) => movesWith(panel.of, axis)) : []
  const outer = [...movers, ...others.filter((axis) => !movers.includes(axis))]
  const inner = [columns, rows].flatMap((axis) => axis ?? [])
  const order = [...outer, ...(rowsOutside ? inner.reverse() : inner)]
  const writer = new TileWriter(kernel, hints, order, lanes > 1, panel)
  const slotIn = (span: ColumnSpan): Affine | undefined =>
    panel && isWhole ? slotFor(panel, columns!, spans, span) : undefined
  const overRows = (body: (count: number) => Stmt[]): Stmt[] =>
    rows ? rowSpans(rows.extent, size[0], lanes).flatMap((span) => [loop(rows, body(span.step), span)]) : body(1)
  const pack = (span: ColumnSpan): Stmt[] => {
    if (!panel || span.lanes === 1) return []
    const count = Math.min(span.to - span.from, span.count * span.lanes)
    return packPanel(kernel, panel, columns!, { count, lanes: span.lanes, slot: slotIn(span) ?? slotOf(panel, 0) })
  }
  const overColumns = (span: ColumnSpan, body: readonly Stmt[], before: readonly Stmt[]): Stmt[] => {
    const { from, to, count, lanes } = span
    const points = { from, to, step: count * lanes }
    return lanes === 1
      ? [loop(columns!, [...before, ...body], points)]
      : vectorLoop(columns!, body, points, lanes, { before })
  }
  const tileOf = ({ lanes }: Pick<ColumnSpan, 'lanes'>): Tile => ({ ...tile, lanes })

  const packAll = (): Stmt[] => spans.flatMap((span) => overColumns(span, [], pack(span)))
  if (panel && isAhead) ahead!.pack(panel.of.from, panel.param, packAll())
  const columnsOutside = (): Stmt[] =>
    spans.flatMap((span) => {
      const body = overRows((count) => writer.body(tileOf(span), count, span.count, slotIn(span)))
      return overColumns(span, [...writer.take(outer.length + 1), ...body], isBefore ? [] : pack(span))
    })
  const columnsInside = (): Stmt[] => [
    ...(isBefore ? [] : packAll()),
    ...overRows((count) => {
      const inside = spans.flatMap((span) =>
        overColumns(span, writer.body(tileOf(span), count, span.count, slotIn(span)), []),
      )
      return [...writer.take(outer.length + 1), ...inside]
    }),
  ]
  let body = columns
    ? rowsOutside
      ? columnsInside()
      : columnsOutside()
    : overRows((count) => writer.body(tile, count, 1))
  const packed = (d: number): Stmt[] => (isFirst && d === movers.length ? packAll() : [])
  for (let d = outer.length; d >= 1; d--) body = [loop(outer[d - 1]!, [...packed(d), ...writer.take(d), ...body])]
  return [...packed(0), ...writer.take(0), ...body]
}

/**
 * Whole tiles first. In vectors of which few fill the registers, tiles of one row or two wait for their sums: what is left of
 * tiles of four is taken in threes, of whole tiles too.
 */
function rowSpans(extent: number, size: number, lanes: 1 | VectorLanes): Span[] {
  const left = extent % 4
  if (lanes === 1 || size !== 4 || left === 0 || extent < 3) return split(extent, size)
  const threes = left === 2 ? 2 : 1
  const twos = left === 1 ? 1 : 0
  const main = extent - 3 * threes - 2 * twos
  const behind = main + 3 * threes
  const spans = [
    { from: 0, to: main, step: 4 },
    { from: main, to: behind, step: 3 },
    { from: behind, to: extent, step: 2 },
  ]
  return spans.filter(({ from, to }) => to > from)
}

/** Whole tiles first, then vectors, one more that is cut, and what is left one by one. */
function columnSpans(extent: number, lanes: 1 | VectorLanes, size: number, canCut: boolean): ColumnSpan[] {
  const { main, tail } = lanes === 1 ? { main: 0, tail: 0 } : vectorSpans(extent, lanes, canCut)
  const start = main + tail
  return [
    ...split(main / lanes, size).map(({ from, to, step }) => ({
      from: from * lanes,
      to: to * lanes,
      count: step,
      lanes,
    })),
    ...(tail > 0 ? [{ from: main, to: start, count: 1, lanes }] : []),
    ...split(extent - start, size).map(({ from, to, step }): ColumnSpan => ({
      from: start + from,
      to: start + to,
      count: step,
      lanes: 1,
    })),
  ]
}

/** Where the columns of a span are packed when all are: whole tiles by their place, each of the others in a slot behind. */
function slotFor(panel: Panel, columns: Axis, spans: readonly ColumnSpan[], span: ColumnSpan): Affine {
  const isWhole = span.count * span.lanes === panel.width
  return slotOf(panel, isWhole ? columns : Math.ceil(columns.extent / panel.width) + spans.indexOf(span))
}
