import { addScaled, type Affine, type Axis, axisIndex, coefficient } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import { call, type Element, literal, mapScalar, type Scalar } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import type { Tile } from './choose-tile'
import { evenPart, type FlatKernel, type FlatStore, productOf, withAxes } from './flat'
import type { Hints } from './hints'
import { loop } from './loops'
import { tiledReduction } from './tile'
import { vectorNest } from './vector-nest'

/** Bytes of the first cache, and of a line of it. */
const FIRST_CACHE = 32_768
const LINE_BYTES = 64
/** Terms of a stretch, from the least that is worth a visit to the sums to the most whose operands stay in the first cache. */
const [LEAST, MOST] = [32, 256]
/** Stretches whose sums are added in float32. */
const MOST_STRETCHES = 64

/**
 * A long sum of products whose left operand is read a line of cache a term, of which a tile of rows uses a part: gradients of
 * weights over many samples. It is made a stretch of terms at a time for all rows of a few columns, whose sums stay near, so
 * that the next rows find the lines still there. Undefined where that does not pay.
 */
export function deepProduct(kernel: FlatKernel, tile: Tile, hints: Hints): Stmt[] | undefined {
  const { rows, columns, lanes, size, packs, isAhead, rowsOutside } = tile
  const [terms, ...more] = kernel.reduceAxes
  const operands = productOf(kernel)
  if (!rows || !columns || lanes !== 4 || !packs || isAhead || rowsOutside || !terms || more.length > 0 || !operands)
    return undefined
  // Whole lines of the right operand: the next columns find what the first have fetched.
  const width = Math.max(size[1] * lanes, LINE_BYTES / 4)
  const isPlain = kernel.axes.length === 2 && kernel.accumulators[0]!.dtype === 'float32'
  if (!isPlain || columns.extent % width !== 0) return undefined
  const left = operands.find((e) => coefficient(e.at.index, rows) !== 0)!
  const step = Math.abs(coefficient(left.at.index, terms)) * bytesOf(left.dtype)
  const isWasteful = step >= LINE_BYTES && Math.abs(coefficient(left.at.index, rows)) === 1
  const stretch = evenPart(terms.extent, LEAST, MOST)
  if (
    !isWasteful ||
    left.at.offset ||
    terms.extent * LINE_BYTES <= FIRST_CACHE ||
    !stretch ||
    terms.extent / stretch > MOST_STRETCHES
  )
    return undefined

  const group: Axis = { name: `${columns.name}s`, extent: columns.extent / width, kind: 'space' }
  const column: Axis = { ...columns, extent: width }
  const part: Axis = { name: `${terms.name}s`, extent: terms.extent / stretch, kind: 'reduce' }
  const term: Axis = { ...terms, extent: stretch }
  const map = new Map<Axis, Affine>([
    [columns, addScaled(axisIndex(column), axisIndex(group), width)],
    [terms, addScaled(axisIndex(term), axisIndex(part), stretch)],
  ])
  const own = withAxes(kernel, map)
  const sums = roomFor(kernel, sizeOf([rows.extent, width]), stretch * width)
  const at = addScaled(axisIndex(column), axisIndex(rows), width)
  const sum: Element = { kind: 'element', dtype: 'float32', from: sums, at: { index: at }, lanes: 1 }
  const storing = (value: Scalar): FlatStore => ({ tensor: kernel.stores[0]!.tensor, to: sums, at, value })
  const [accumulator] = own.accumulators
  const total: Scalar = { kind: 'acc', dtype: 'float32', of: accumulator! }
  const pointwise = { ...own, axes: [rows, column], reduceAxes: [], accumulators: [], values: [] }
  const adding: FlatKernel = {
    ...own,
    axes: [part, rows, column],
    reduceAxes: [term],
    values: [],
    stores: [storing(call('add', sum, total))],
  }
  const finished = (value: Scalar): Scalar => mapScalar(value, (s) => (s.kind === 'acc' ? sum : undefined))
  const last = own.stores.map((s) => ({ ...s, value: finished(s.value) }))
  return [
    loop(group, [
      ...vectorNest({ ...pointwise, stores: [storing(literal(0, 'float32'))] }, hints),
      ...tiledReduction(adding, { ...tile, columns: column }, hints),
      ...vectorNest({ ...pointwise, stores: last }, hints),
    ]),
  ]
}

/** Scratch of a thread, behind the panel that it packs. */
function roomFor({ stores }: FlatKernel, size: number, panel: number): Param {
  const { buffer } = stores[0]!.to
  const offset = aligned(panel * bytesOf('float32'))
  return {
    buffer: { ...buffer, name: 'sums', dtype: 'float32', shape: [size], size, region: 'panel', offset },
    access: 'update',
  }
}
