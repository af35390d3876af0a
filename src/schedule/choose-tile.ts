import { type Axis, coefficient } from '../ir/affine'
import { type Element, walk } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import type { Ahead } from './ahead'
import { LINE_BYTES } from './cache'
import { type FlatKernel, productOf } from './flat'
import { canCutStores } from './vector-nest'
import { type VectorLanes, vectorLanes } from './vectorize'

/** Axes of a register tile; a missing one makes a tile of one row or one column. */
export interface Tile {
  readonly rows: Axis | undefined
  readonly columns: Axis | undefined
  readonly size: readonly [rows: number, columns: number]
  /** Neighbouring points in one column of the tile, 1 by default; more where the target has vectors. */
  readonly lanes?: 1 | VectorLanes
  /** Copies the columns of the right operand side by side before the rows pass over them. */
  readonly packs?: boolean
  /** All columns of a row pass before the next row: then every column is packed beforehand. */
  readonly rowsOutside?: boolean
  /** Every column is packed before all loops but those that move the columns, which are the outermost. */
  readonly isFirst?: boolean
  /** Every column is packed before the loop around the kernel. */
  readonly isAhead?: boolean
  /** The rows of a tile lie side by side in a copy of the left operand. */
  readonly isSideBySide?: boolean
}

/** Rows and columns of a register tile in JavaScript: sixteen float64 accumulators. */
const JS_TILE = 4
/** Sums of columns beyond which single columns are as fast in JavaScript. */
const JS_SUMS = 2
/** Rows and column vectors in WebAssembly: 8 accumulators, their 6 operands and one product fill 15 of 16 registers. */
const WASM_TILE = [4, 2] as const
/** Column vectors of a single row. */
const WASM_ROW = 4
/** Elements from one row of an operand to the next from which on its columns are copied side by side. */
const FAR = 64
/** Rows that have to share the copy of a panel, before it pays. */
const MANY_ROWS = 16

/** So many rows of results, a line of cache each, do not stay in the first cache until the next columns pass. */
const TALL = 256
/** Bytes of packed columns that stay in the second cache. */
const NEAR_BYTES = 2 ** 19
/** Bytes of packed columns that are kept while the outer loops run: otherwise they are packed at each of their turns. */
const KEPT_BYTES = 2 ** 24

/** Whether an element lies elsewhere at another point of an axis. */
export const movesWith = (e: Element, axis: Axis): boolean =>
  coefficient(e.at.index, axis) !== 0 || isScattered(e, axis)

/** Whether what is computed of a position changes along an axis, so that neighbours may lie anywhere. */
const isScattered = ({ at }: Element, axis: Axis): boolean =>
  at.offset !== undefined && walk([at.offset]).some((s) => s.kind === 'element' && movesWith(s, axis))

/** Axes that move one operand only: the last ones, of the first and of the second. */
function freeAxes(
  kernel: FlatKernel,
  [a, b]: readonly [Element, Element],
): readonly [Axis | undefined, Axis | undefined] {
  const only = (mine: Element, other: Element): Axis | undefined =>
    kernel.axes.findLast((axis) => movesWith(mine, axis) && !movesWith(other, axis))
  return [only(a, b), only(b, a)]
}

/** A sum over rows walks all columns at once: its results lie side by side in memory, its terms do not. */
function columnsOfSum({ axes, reduceAxes, accumulators }: FlatKernel): Axis | undefined {
  const columns = axes.at(-1)
  const innermost = reduceAxes.at(-1)
  if (!columns || !innermost) return undefined
  const positions = walk(accumulators.map((a) => a.body)).flatMap((s) => (s.kind === 'element' ? [s.at.index] : []))
  const isSideBySide = positions.some((p) => coefficient(p, columns) === 1 && coefficient(p, innermost) > 1)
  return isSideBySide ? columns : undefined
}

/** A tile pays where an operand loaded once serves several results, or where results lie side by side in memory. */
export function scalarTile(kernel: FlatKernel): Tile | undefined {
  const operands = productOf(kernel)
  const [rows, columns] = operands ? freeAxes(kernel, operands) : []
  if (rows || columns) return { rows, columns, size: scalarSize(rows, columns) }
  const sum = kernel.accumulators.length <= JS_SUMS ? columnsOfSum(kernel) : undefined
  return sum && { rows: undefined, columns: sum, size: [1, JS_TILE] }
}

/**
 * Few columns that come out even in fives, as ten classes do, are tiles of 2 by 5: remainders of half the size would make
 * more code than the columns before them.
 */
function scalarSize(rows: Axis | undefined, columns: Axis | undefined): Tile['size'] {
  const isFew = rows && columns && columns.extent <= 20 && columns.extent % JS_TILE !== 0 && columns.extent % 5 === 0
  return isFew ? [2, 5] : [JS_TILE, JS_TILE]
}

/**
 * The same with vectors along the axis whose results lie side by side. The operand that moves with it is copied into a
 * panel where its own elements do not, or where they lie in rows far apart that many rows of the tile read again.
 */
export function vectorTile(kernel: FlatKernel, ahead?: Ahead): Tile | undefined {
  const operands = productOf(kernel)
  const free = operands ? freeAxes(kernel, operands) : ([undefined, undefined] as const)
  for (const side of operands && (free[0] || free[1]) ? ([1, 0] as const) : []) {
    const [other, columns, right] = [free[1 - side], free[side], operands![side]]
    const rows = other ?? (columns && furtherRows(kernel, operands!, right, columns))
    const lanes = columns && results(kernel, columns)
    if (!lanes || !columns || columns.extent < 2 || isScattered(right, columns)) continue
    const [own, reach] = [coefficient(right.at.index, columns), kernel.reduceAxes.at(-1)]
    const rowCount = rows?.extent ?? 1
    // A panel is laid out along what is summed over, at positions that are known before: there must be something.
    const canPack = lanes === 4 && reach !== undefined && right.at.offset === undefined && canCutStores(kernel)
    if (own !== 1 && !(canPack && rowCount >= 4)) continue
    const far = own === 1 && reach !== undefined && coefficient(right.at.index, reach) > FAR && rowCount >= MANY_ROWS
    const packs = canPack && (own !== 1 || far)
    const panelBytes = 4 * columns.extent * sizeOf(kernel.reduceAxes.map((a) => a.extent))
    const rowsOutside = packs && rowCount > TALL && panelBytes <= NEAR_BYTES
    const others = kernel.axes.filter((axis) => axis !== rows && axis !== columns)
    const fixed = others.filter((axis) => !movesWith(right, axis))
    const isFixed = fixed.length === others.length && !(rows && movesWith(right, rows))
    const isAhead = canPack && rowCount > 1 && isFixed && ahead !== undefined && ahead.isFixed(right)
    const canBeOutermost = others.every((axis) => fixed.includes(axis) || inLines(kernel, operands![1 - side]!, axis))
    const isFirst =
      packs && other !== undefined && !isAhead && fixed.length > 0 && canBeOutermost && panelBytes <= KEPT_BYTES
    const size = vectorSize(rows, columns, lanes, !other)
    return { rows, columns, size, lanes, packs: packs || isAhead, rowsOutside, isFirst, isAhead }
  }
  const columns = columnsOfSum(kernel)
  const lanes = columns && vectorLanes(kernel, columns)
  if (!lanes) return undefined
  // As many accumulators together as a tile of a contraction has.
  const vectors = Math.floor((2 * WASM_ROW) / kernel.accumulators.length)
  return { rows: undefined, columns, size: [1, Math.max(1, Math.min(WASM_ROW, vectors))], lanes }
}

/** Whether a point of an axis has whole lines of an operand and of the results to itself, so that it may be done before the next. */
function inLines({ stores }: FlatKernel, operand: Element, axis: Axis): boolean {
  const steps = [operand.at.index, ...stores.map((s) => s.at)].map((at) => Math.abs(coefficient(at, axis)))
  return steps.every((step) => step === 0 || step * bytesOf('float32') >= LINE_BYTES)
}

/**
 * As many operands and accumulators as there are registers. Rows that come out even in twos only are tiles of two, if the
 * columns fill twice as many vectors; a single row takes up to six vectors, so many that none is left over.
 */
function vectorSize(rows: Axis | undefined, columns: Axis, lanes: VectorLanes, isShared: boolean): Tile['size'] {
  const vectors = columns.extent / lanes
  if (rows && isShared) return [Math.min(rows.extent, Math.floor(SHARED / Math.ceil(vectors))), Math.ceil(vectors)]
  if (!rows) return [1, [6, 5, 4].find((n) => vectors % n === 0) ?? WASM_ROW]
  const [tall, wide] = WASM_TILE
  return rows.extent % tall === 2 && vectors % (2 * wide) === 0 ? [2, 2 * wide] : WASM_TILE
}

/** Vectors of a tile whose cells share an operand. */
const SHARED = 6

/** A second axis that moves the operand of the columns alone, where they are few: more cells share what is loaded of the other. */
function furtherRows(
  kernel: FlatKernel,
  operands: readonly [Element, Element],
  right: Element,
  columns: Axis,
): Axis | undefined {
  if (right.at.offset === undefined || columns.extent > 4 * (SHARED / 2)) return undefined
  const left = operands.find((e) => e !== right)!
  return kernel.axes.findLast((axis) => axis !== columns && movesWith(right, axis) && !movesWith(left, axis))
}

/** Lanes of what follows a product along an axis; its operands are seen to by themselves. */
function results(kernel: FlatKernel, axis: Axis): VectorLanes | undefined {
  const [accumulator] = kernel.accumulators
  if (accumulator!.dtype !== 'float32' && accumulator!.dtype !== 'float64') return undefined
  const lanes = vectorLanes({ accumulators: [], stores: kernel.stores }, axis)
  const own = accumulator!.dtype === 'float64' ? 2 : 4
  return lanes === own && sizeOf(kernel.axes.map((a) => a.extent)) >= lanes ? lanes : undefined
}

/** Each axis of the tile moves one operand only, so that an operand loaded once serves a whole row or column. */
export const isOuter = (
  [a, b]: readonly [Element, Element],
  { rows, columns }: Pick<Tile, 'rows' | 'columns'>,
): boolean =>
  [rows, columns].every((axis) => {
    const moves = [a, b].filter((e) => axis && movesWith(e, axis))
    return !axis || moves.length === 1
  })
