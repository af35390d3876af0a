import { addScaled, type Affine, type Axis, axisIndex, coefficient } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import { call, type Element, literal, mapScalar, type Scalar } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import { CHAIN } from './blocks'
import { FIRST_CACHE, LINE_BYTES } from './cache'
import type { Tile } from './choose-tile'
import { evenPart, type FlatKernel, type FlatStore, productOf, withAxes } from './flat'
import type { Hints } from './hints'
import { nest } from './loops'
import { tiledReduction } from './tile'
import { vectorNest } from './vector-nest'

/** Terms of a stretch, from the least that is worth a visit to the sums to the most whose operands stay in the first cache. */
const [LEAST, MOST] = [32, 256]
/** Rows that have to share what is copied of the columns. */
const MANY_ROWS = 16

/**
 * A long sum of products whose left operand is read a line of cache a term, of which a tile of rows uses a part: gradients of
 * weights over many samples or pixels. It is made a stretch of terms at a time for all rows of a few columns, whose sums stay
 * near, so that the next rows find the lines still there. Undefined where that does not pay.
 */
export function deepProduct(kernel: FlatKernel, tile: Tile, hints: Hints): Stmt[] | undefined {
  const { rows, columns, lanes, size, isAhead } = tile
  const reach = kernel.reduceAxes.at(-1)
  const operands = productOf(kernel)
  if (!rows || !columns || lanes !== 4 || isAhead || !reach || !operands) return undefined
  const left = operands.find((e) => coefficient(e.at.index, rows) !== 0)
  const right = operands.find((e) => coefficient(e.at.index, columns) !== 0)
  if (!left || !right || left === right || left.at.offset || right.at.offset) return undefined
  const isNarrow = kernel.accumulators[0]!.dtype === 'float32'
  const step = Math.abs(coefficient(left.at.index, reach)) * bytesOf(left.dtype)
  const isWasteful = step >= LINE_BYTES && Math.abs(coefficient(left.at.index, rows)) === 1
  const count = sizeOf(kernel.reduceAxes.map((a) => a.extent))
  const most = Math.max(2 * LEAST, Math.min(MOST, Math.floor(FIRST_CACHE / 2 / step)))
  const cut = cutOf(kernel.reduceAxes, most) ?? cutOf(kernel.reduceAxes, 2 * most) ?? cutOf(kernel.reduceAxes, MOST)
  // Whole lines of the right operand: the next columns find what the first have fetched.
  const width = Math.max(size[1] * lanes, LINE_BYTES / 4)
  if (!isNarrow || !isWasteful || !cut || rows.extent < MANY_ROWS || columns.extent % width !== 0) return undefined
  if (count * LINE_BYTES < FIRST_CACHE || sizeOf(cut.parts.map((a) => a.extent)) > CHAIN.product) return undefined

  const group: Axis = { name: `${columns.name}s`, extent: columns.extent / width, kind: 'space' }
  const column: Axis = { ...columns, extent: width }
  const map = new Map<Axis, Affine>([[columns, addScaled(axisIndex(column), axisIndex(group), width)], ...cut.map])
  const own = withAxes(kernel, map)
  const terms = sizeOf(cut.terms.map((a) => a.extent))
  const panel = aligned(terms * size[1] * lanes * bytesOf('float32'))
  const sums = roomFor(kernel, sizeOf([rows.extent, width]), panel)
  const at = addScaled(axisIndex(column), axisIndex(rows), width)
  const sum: Element = { kind: 'element', dtype: 'float32', from: sums, at: { index: at }, lanes: 1 }
  const storing = (value: Scalar): FlatStore => ({ tensor: kernel.stores[0]!.tensor, to: sums, at, value })
  const [accumulator] = own.accumulators
  const total: Scalar = { kind: 'acc', dtype: 'float32', of: accumulator! }
  const pointwise = { ...own, axes: [rows, column], reduceAxes: [], accumulators: [], values: [] }
  const adding: FlatKernel = {
    ...own,
    axes: [rows, column],
    reduceAxes: cut.terms,
    values: [],
    stores: [storing(call('add', sum, total))],
  }
  const near = { ...tile, columns: column, packs: true, rowsOutside: false, isFirst: false }
  const finished = (value: Scalar): Scalar => mapScalar(value, (s) => (s.kind === 'acc' ? sum : undefined))
  const last = own.stores.map((s) => ({ ...s, value: finished(s.value) }))
  const outer = kernel.axes.filter((a) => a !== rows && a !== columns)
  return nest(
    [...outer, group],
    [],
    [
      ...vectorNest({ ...pointwise, stores: [storing(literal(0, 'float32'))] }, hints),
      ...nest(cut.parts, [], tiledReduction(adding, near, hints)),
      ...vectorNest({ ...pointwise, stores: last }, hints),
    ],
  )
}

interface Cut {
  /** Loops over stretches, and the terms of one. */
  readonly parts: readonly Axis[]
  readonly terms: readonly Axis[]
  readonly map: readonly (readonly [Axis, Affine])[]
}

/** Reduced axes in stretches of terms: the innermost ones, and an even part of the next. */
function cutOf(axes: readonly Axis[], most: number): Cut | undefined {
  let count = 1
  for (let p = axes.length - 1; p >= 0; p--) {
    const axis = axes[p]!
    if (count * axis.extent <= most) {
      count *= axis.extent
      continue
    }
    const extent = evenPart(axis.extent, Math.ceil(LEAST / count), Math.floor(most / count))
    if (!extent) return undefined
    const [before, behind] = [axes.slice(0, p), axes.slice(p + 1)]
    if (extent === 1) return { parts: axes.slice(0, p + 1), terms: behind, map: [] }
    const part: Axis = { ...axis, name: `${axis.name}s`, extent: axis.extent / extent }
    const term: Axis = { ...axis, extent }
    const at = addScaled(axisIndex(term), axisIndex(part), extent)
    return { parts: [...before, part], terms: [term, ...behind], map: [[axis, at]] }
  }
  return undefined
}

/** Scratch of a thread, behind the panel that it packs. */
function roomFor({ stores }: FlatKernel, size: number, offset: number): Param {
  const { buffer } = stores[0]!.to
  return {
    buffer: { ...buffer, name: 'sums', dtype: 'float32', shape: [size], size, region: 'panel', offset },
    access: 'update',
  }
}
