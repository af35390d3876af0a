import { addScaled, type Affine, type Axis, constIndex, substitute } from '../ir/affine'
import type { Local, Stmt } from '../ir/loop'
import { call, type Element, type Scalar } from '../ir/scalar'
import type { ReducePart } from './blocks'
import { movesWith, type Tile } from './choose-tile'
import { localValue, makeLocal, productOf, shiftAlong, withOffset } from './flat'
import { accumulate, loop } from './loops'
import { declare } from './nest'
import { type Panel, panelElement, panelIndex } from './panel'
import { withPointers } from './pointers'

/** Declarations of accumulators, and the loops that fill them. */
export interface Written {
  readonly before: readonly Stmt[]
  readonly inner: readonly Stmt[]
}

/** One tile: its axes, how many rows and columns of cells it has, and where its columns are packed. */
interface TileCells extends Required<Pick<Tile, 'rows' | 'columns' | 'lanes' | 'isSideBySide'>> {
  readonly rowCount: number
  readonly columnCount: number
  readonly panel: Panel | undefined
  readonly slot: Affine
}

/**
 * A sum of products in a tile: the operands of a row and of a column are loaded once each. What the general form of a
 * reduction would find by comparing scalars is known here beforehand. `locals` are the accumulators, row by row.
 */
export function tileProduct(
  { accumulators, reduceAxes, map }: ReducePart,
  locals: readonly Local[],
  tile: TileCells,
): Written {
  const accumulator = accumulators[0]!
  const innermost = reduceAxes.at(-1)!
  const { lefts, rights, factorsOf } = operandsOf(productOf({ accumulators })!, tile, (a) => substitute(a, map))
  const { roots: pointed, inductions } = withPointers([...lefts, ...rights], innermost)
  const body: Stmt[] = []
  const roots = sharedOffsets(pointed, body)
  const values = roots.map((value, i): (() => Scalar) => {
    const isLeft = i < lefts.length
    const uses = locals.length / (isLeft ? lefts.length : rights.length)
    // A value used once is written where it is used.
    if (uses === 1) return () => value
    const local = makeLocal(isLeft ? `a${i}` : `b${i - lefts.length}`, value.dtype)
    let isSet = false
    return () => {
      if (!isSet) body.push({ kind: 'let', local, value })
      isSet = true
      return localValue(local)
    }
  })
  // Columns first: measured 8 to 13 % faster than loading them between the products.
  if (rights.length < locals.length) for (const right of values.slice(lefts.length)) right()
  locals.forEach((local, cell) => {
    const [l, r] = factorsOf(cell)
    body.push(...accumulate('add', local, call('mul', values[l]!(), values[lefts.length + r]!())))
  })
  let inner: Stmt[] = [loop(innermost, body, undefined, inductions)]
  for (const axis of reduceAxes.slice(0, -1).reverse()) inner = [loop(axis, inner)]
  return { before: locals.map((local) => declare(accumulator, local)), inner }
}

interface Operands {
  readonly lefts: readonly Element[]
  readonly rights: readonly Element[]
  /** Which of them a cell multiplies. */
  factorsOf(cell: number): readonly [left: number, right: number]
}

/** What the cells of a tile multiply: one operand a row by one a column; or, where both axes move one operand, all by the other. */
function operandsOf(
  [a, b]: readonly [Element, Element],
  { rows, columns, lanes, isSideBySide, rowCount, columnCount, panel, slot }: TileCells,
  moved: (index: Affine) => Affine,
): Operands {
  const uses = (e: Element, axis: Axis | undefined): boolean => !!axis && movesWith(e, axis)
  const isShared = [a, b].some((e) => uses(e, rows) && uses(e, columns))
  const isTurned = isShared ? uses(a, rows) : !(uses(a, rows) || uses(b, columns))
  const [left, right] = isTurned ? [b, a] : [a, b]
  const down = (e: Element): Element[] => Array.from({ length: rowCount }, (_, r) => shiftAlong(e, rows, r))
  const across = (e: Element): Element[] =>
    Array.from({ length: columnCount }, (_, c) => shiftAlong(e, columns, c * lanes))
  if (isShared) return { lefts: [left], rights: down(right).flatMap(across), factorsOf: (cell) => [0, cell] }
  const packed = (p: Panel): Element[] =>
    Array.from({ length: columnCount }, (_, c) => panelElement(p, right, moved(panelIndex(p, c * lanes, slot)), lanes))
  const beside = (e: Element, by: number): Element => ({
    ...e,
    at: { index: addScaled(e.at.index, constIndex(1), by) },
  })
  return {
    lefts: isSideBySide ? Array.from({ length: rowCount }, (_, r) => beside(left, r)) : down(left),
    rights: panel ? packed(panel) : across(right),
    factorsOf: (cell) => [Math.floor(cell / columnCount), cell % columnCount],
  }
}

/** What is computed of a position is computed once in a body. */
function sharedOffsets(roots: readonly Scalar[], body: Stmt[]): Scalar[] {
  const known = new Map<Scalar, Scalar>()
  return roots.map((s) => (s.kind === 'element' && s.at.offset ? withOffset(s, s.at.offset, known, body) : s))
}
