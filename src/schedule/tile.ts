import { type Axis, coefficient, type Shift, shiftIndex } from '../ir/affine'
import type { Accumulator } from '../ir/block'
import type { Local, Stmt } from '../ir/loop'
import { call, mapScalars, type Scalar, walk } from '../ir/scalar'
import { internScalars, scalarInterner } from '../lower/intern'
import { type FlatKernel, localValue, makeLocal, productOf, shiftScalars } from './flat'
import { type Placed, placeLets } from './lets'
import { accumulate, guardedLoads, loop, split, storeOf } from './loops'
import type { Hints } from './hints'
import { accumulateAll, accumulatorLocals, declare } from './nest'
import { roomForStore } from './width'
import { withPointers } from './pointers'
import { vectorLoop } from './vectorize'

/** Axes of a register tile; a missing one makes a tile of one row or one column. */
export interface Tile {
  readonly rows: Axis | undefined
  readonly columns: Axis | undefined
  readonly size: readonly [rows: number, columns: number]
  /** Neighbouring points in one column of the tile, 1 by default: 4 where the target has vectors. */
  readonly lanes?: 1 | 4
}

/**
 * Register tiles: a block of results is accumulated in locals while one pass runs over the reduced axes, so that each
 * operand loaded is used several times. Remainders are tiles of half the size, down to one; columns that do not fill a
 * vector are taken one by one.
 */
export function tiledReduction(kernel: FlatKernel, tile: Tile, hints: Hints): Stmt[] {
  const { rows, columns, size, lanes = 1 } = tile
  const outer = kernel.axes.filter((a) => a !== rows && a !== columns)
  // Columns outside: a panel of the right operand stays in cache while the rows pass by.
  const writer = new TileWriter(kernel, hints, [...outer, ...(columns ? [columns] : []), ...(rows ? [rows] : [])])
  const overRows = (part: Tile, columnCount: number): Stmt[] => {
    if (!rows) return writer.body(part, 1, columnCount)
    return split(rows.extent, size[0]).map((span) => loop(rows, writer.body(part, span.step, columnCount), span))
  }
  const overColumns = (): Stmt[] => {
    if (!columns) return overRows(tile, 1)
    const vectors = lanes === 1 ? 0 : Math.floor(columns.extent / lanes)
    const start = vectors * lanes
    const body = (part: 1 | 4, count: number): Stmt[] => {
      const inside = overRows({ ...tile, lanes: part }, count)
      return [...writer.take(outer.length + 1), ...inside]
    }
    return [
      ...split(vectors, size[1]).map(({ from, to, step }) =>
        vectorLoop(columns, body(4, step), { from: from * lanes, to: to * lanes, step: step * lanes }),
      ),
      ...split(columns.extent - start, size[1]).map(({ from, to, step }) =>
        loop(columns, body(1, step), { from: start + from, to: start + to, step }),
      ),
    ]
  }
  let inner = overColumns()
  for (let d = outer.length; d >= 1; d--) inner = [loop(outer[d - 1]!, [...writer.take(d), ...inner])]
  return [...writer.take(0), ...inner]
}

class TileWriter {
  private readonly intern = scalarInterner()
  private readonly placed: Placed = new Map()
  private readonly depths = new Map<Scalar, number>()
  private readonly outside: Stmt[][]

  constructor(
    private readonly kernel: FlatKernel,
    private readonly hints: Hints,
    /** Spatial loops, outermost first. */
    private readonly order: readonly Axis[],
  ) {
    this.outside = [...order, undefined].map(() => [])
  }

  /** Locals that were hoisted to a loop of this depth; they are out of scope for what is written afterwards. */
  take(depth: number): Stmt[] {
    for (const [s, d] of this.depths) if (d >= depth) this.forget(s)
    return this.outside[depth]!.splice(0)
  }

  private forget(s: Scalar): void {
    this.depths.delete(s)
    this.placed.delete(s)
  }

  /** The body of the innermost spatial loop for tiles of one size. */
  body({ rows, columns, lanes = 1 }: Tile, rowCount: number, columnCount: number): Stmt[] {
    const { kernel, hints } = this
    const cells: Cell[] = []
    const named = [...accumulatorLocals(kernel.accumulators, kernel, hints)]
    for (let r = 0; r < rowCount; r++) {
      for (let c = 0; c < columnCount; c++) {
        const shift = new Map<Axis, number>()
        if (rows && r > 0) shift.set(rows, r)
        if (columns && c > 0) shift.set(columns, c * lanes)
        const suffix =
          rowCount * columnCount === 1 ? '' : rowCount === 1 ? `${c}` : columnCount === 1 ? `${r}` : `${r}${c}`
        const locals = new Map(named.map(([a, l]) => [a, makeLocal(suffix === '' ? l.hint : `s${suffix}`, l.dtype)]))
        cells.push({ shift, locals })
      }
    }
    const product = this.kernel.reduceAxes.length > 0 ? productOf(this.kernel) : undefined
    const before =
      product && isOuter(product, { rows, columns })
        ? this.product(product, cells, { rows, columns, lanes }, rowCount, columnCount)
        : this.reduction(cells)
    const after = this.stores(cells)
    for (const [s, d] of this.depths) if (d >= this.order.length) this.forget(s)
    return [...before, ...after]
  }

  /**
   * A sum of products: the operands of a row and of a column are loaded once each. What the general form below would find
   * by comparing scalars is known here beforehand.
   */
  private product(
    [a, b]: readonly [Element, Element],
    cells: readonly Cell[],
    { rows, columns, lanes }: Required<Pick<Tile, 'rows' | 'columns' | 'lanes'>>,
    rowCount: number,
    columnCount: number,
  ): Stmt[] {
    const { accumulators, reduceAxes } = this.kernel
    const accumulator = accumulators[0]!
    const innermost = reduceAxes.at(-1)!
    const uses = (e: Element, axis: Axis | undefined): boolean => !!axis && coefficient(e.at.index, axis) !== 0
    const [left, right] = uses(a, rows) || uses(b, columns) ? [a, b] : [b, a]
    const shiftBy = (e: Element, axis: Axis | undefined, by: number): Scalar =>
      axis && by > 0 ? { ...e, at: { index: shiftIndex(e.at.index, new Map([[axis, by]])) } } : e
    const raw = [
      ...Array.from({ length: rowCount }, (_, r) => shiftBy(left, rows, r)),
      ...Array.from({ length: columnCount }, (_, c) => shiftBy(right, columns, c * lanes)),
    ]
    const { roots, inductions } = withPointers(raw, innermost)
    const body: Stmt[] = []
    // A value used once is written where it is used.
    const bind = (value: Scalar, hint: string, uses: number): (() => Scalar) => {
      if (uses === 1) return () => value
      const local = makeLocal(hint, value.dtype)
      let isSet = false
      return () => {
        if (!isSet) body.push({ kind: 'let', local, value })
        isSet = true
        return localValue(local)
      }
    }
    const lefts = roots.slice(0, rowCount).map((v, r) => bind(v, `a${r}`, columnCount))
    const rights = roots.slice(rowCount).map((v, c) => bind(v, `b${c}`, rowCount))
    const locals = cells.map((cell) => cell.locals.get(accumulator)!)
    // Columns first: measured 8 to 13 % faster than loading them between the products.
    for (const right of rights) right()
    locals.forEach((local, i) => {
      const value = call('mul', lefts[Math.floor(i / columnCount)]!(), rights[i % columnCount]!())
      body.push(...accumulate('add', local, value))
    })
    let inner: Stmt[] = [loop(innermost, body, undefined, inductions)]
    for (const axis of reduceAxes.slice(0, -1).reverse()) inner = [loop(axis, inner)]
    return [...locals.map((local) => declare(accumulator, local)), ...inner]
  }

  private reduction(cells: readonly Cell[]): Stmt[] {
    const { accumulators, reduceAxes } = this.kernel
    const space = this.order.length
    const moved = cells.flatMap(({ shift }) =>
      mapScalars(
        accumulators.map((a) => a.body),
        shiftScalars(shift),
      ),
    )
    const innermost = reduceAxes.at(-1)
    const { roots, inductions } = innermost ? withPointers(moved, innermost) : { roots: moved, inductions: [] }
    const bodies = internScalars(roots, this.intern)
    const keep = new Set([...sharedScalars(bodies), ...(accumulators.some((a) => a.combine !== 'add') ? bodies : [])])
    const pre: Stmt[] = []
    const levels: Stmt[][] = reduceAxes.map(() => [])
    cells.forEach(({ locals }, i) => {
      const mine = bodies.slice(i * accumulators.length, (i + 1) * accumulators.length)
      const { roots: values, lets } = this.place(mine, [...this.order, ...reduceAxes], keep)
      lets.forEach((list, d) => {
        if (d > space) levels[d - space - 1]!.push(...list)
        else if (d === space) pre.push(...list)
        else this.outside[d]!.push(...list)
      })
      const target = levels.at(-1) ?? pre
      target.push(...accumulateAll(accumulators, values, locals))
    })
    let inner: Stmt[] = []
    for (let d = reduceAxes.length - 1; d >= 0; d--) {
      const axis = reduceAxes[d]!
      inner = [loop(axis, [...levels[d]!, ...inner], undefined, axis === innermost ? inductions : [])]
    }
    const vars = cells.flatMap(({ locals }) => accumulators.map((a) => declare(a, locals.get(a)!)))
    // Without reduced axes (all of extent 1) the accumulation itself stands in `pre`, behind the declarations.
    return reduceAxes.length === 0 ? [...vars, ...pre] : [...pre, ...vars, ...inner]
  }

  private stores(cells: readonly Cell[]): Stmt[] {
    const { kernel, order, outside } = this
    const results = kernel.stores.map((s) => s.value)
    const finished = cells.map(({ shift, locals }) => {
      const move = shiftScalars(shift)
      return mapScalars(results, (s) => this.intern(s.kind === 'acc' ? localValue(locals.get(s.of)!) : (move(s) ?? s)))
    })
    const all = finished.flat()
    const guarded = new Set(finished.flatMap((values) => [...guardedLoads(kernel, values)]))
    const room = cells.flatMap(() => kernel.stores.map((s) => roomForStore(s, order.length)))
    const { roots, lets } = this.place(all, order, guarded, room)
    lets.slice(0, order.length).forEach((list, d) => outside[d]!.push(...list))
    const stores = cells.flatMap(({ shift }, i) =>
      kernel.stores.map((s, k) => storeOf({ ...s, at: shiftIndex(s.at, shift) }, roots[i * kernel.stores.length + k]!)),
    )
    return [...lets[order.length]!, ...stores]
  }

  private place(roots: readonly Scalar[], loops: readonly Axis[], keep: ReadonlySet<Scalar>, room?: readonly number[]) {
    const depthOf = (axis: Axis): number => loops.indexOf(axis) + 1
    const placement = { depthOf, depth: loops.length, hints: this.hints, keep, ...(room ? { room } : {}) }
    const result = placeLets(roots, placement, this.placed)
    for (const { scalar, depth } of result.made) this.depths.set(scalar, depth)
    return result
  }
}

type Element = Extract<Scalar, { kind: 'element' }>

/** Each axis of the tile moves one operand only, so that an operand loaded once serves a whole row or column. */
const isOuter = ([a, b]: readonly [Element, Element], { rows, columns }: Pick<Tile, 'rows' | 'columns'>): boolean =>
  [rows, columns].every((axis) => {
    const moves = [a, b].filter((e) => axis && coefficient(e.at.index, axis) !== 0)
    return !axis || moves.length === 1
  })

interface Cell {
  readonly shift: Shift
  readonly locals: ReadonlyMap<Accumulator, Local>
}

/** Loads and calls that more than one of the roots uses. */
function sharedScalars(roots: readonly Scalar[]): Scalar[] {
  const uses = new Map<Scalar, number>()
  for (const root of roots) for (const s of walk([root])) uses.set(s, (uses.get(s) ?? 0) + 1)
  return [...uses].filter(([s, n]) => n > 1 && (s.kind === 'element' || s.kind === 'call')).map(([s]) => s)
}
