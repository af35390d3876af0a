import { type Axis, constIndex, type Shift, shiftIndex } from '../ir/affine'
import type { Accumulator } from '../ir/block'
import type { Local, Stmt } from '../ir/loop'
import { literal, mapScalars, type Scalar } from '../ir/scalar'
import { internScalars, scalarInterner } from '../lower/intern'
import { addToTotal, CHAIN, finishTotal, makeTotal, reduceParts, type ReducePart, type Total, wrapPart } from './blocks'
import { type FlatKernel, localValue, makeLocal, productOf, shiftScalars } from './flat'
import type { Hints } from './hints'
import { type Placed, placeLets, sharedScalars } from './lets'
import { guardedLoads, loop, storeOf } from './loops'
import { accumulateAll, accumulatorLocals, declare } from './nest'
import type { Panel } from './panel'
import { withPointers } from './pointers'
import { isOuter, type Tile } from './choose-tile'
import { tileProduct, type Written } from './tile-product'
import { roomForStore } from './width'

/** Writes the bodies of the tiles of one kernel, and keeps what they have in common outside of their loops. */
export class TileWriter {
  private readonly intern = scalarInterner()
  private readonly placed: Placed = new Map()
  private readonly depths = new Map<Scalar, number>()
  private readonly outside: Stmt[][]

  constructor(
    private readonly kernel: FlatKernel,
    private readonly hints: Hints,
    /** Spatial loops, outermost first. */
    private readonly order: readonly Axis[],
    /** The target adds in float32: long sums are split. */
    private readonly isNarrow: boolean,
    private readonly panel: Panel | undefined,
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
  body(
    { rows, columns, lanes = 1, isSideBySide = false }: Tile,
    rowCount: number,
    columnCount: number,
    slot = constIndex(0),
  ): Stmt[] {
    const { kernel, hints } = this
    const cells: Cell[] = []
    const named = [...accumulatorLocals(kernel.accumulators, kernel, hints).values()]
    for (let r = 0; r < rowCount; r++) {
      for (let c = 0; c < columnCount; c++) {
        const shift = new Map<Axis, number>()
        if (rows && r > 0) shift.set(rows, r)
        if (columns && c > 0) shift.set(columns, c * lanes)
        const suffix =
          rowCount * columnCount === 1 ? '' : rowCount === 1 ? `${c}` : columnCount === 1 ? `${r}` : `${r}${c}`
        cells.push({ shift, locals: named.map((l) => makeLocal(suffix === '' ? l.hint : `s${suffix}`, l.dtype)) })
      }
    }
    const product = kernel.reduceAxes.length > 0 ? productOf(kernel) : undefined
    const isProduct = product !== undefined && isOuter(product, { rows, columns })
    const parts = this.isNarrow ? reduceParts(kernel, isProduct ? CHAIN.product : CHAIN.sum) : []
    const write = (part: ReducePart): Written =>
      isProduct
        ? tileProduct(
            part,
            cells.map((c) => c.locals[0]!),
            { rows, columns, lanes, isSideBySide, rowCount, columnCount, panel: this.panel, slot },
          )
        : this.reduction(part, cells)
    const before =
      parts.length === 0 || parts[0]!.around.length === 0 ? write({ ...kernel, around: [], map: new Map() }) : undefined
    const { statements, finals } = before
      ? { statements: before.before.concat(before.inner), finals: cells.map((c) => c.locals) }
      : this.total(parts, cells, write, isProduct)
    const after = this.stores(cells, finals)
    for (const [s, d] of this.depths) if (d >= this.order.length) this.forget(s)
    return [...statements, ...after]
  }

  /** The parts of a long sum, each added to a total. */
  private total(
    parts: readonly ReducePart[],
    cells: readonly Cell[],
    write: (part: ReducePart) => Written,
    isProduct: boolean,
  ): { readonly statements: Stmt[]; readonly finals: readonly (readonly Local[])[] } {
    const { accumulators } = this.kernel
    const totals = cells.map(({ locals }) =>
      locals.map((l, k) => makeTotal(accumulators[k]!, `${l.hint}Total`, !isProduct)),
    )
    const each = (make: (accumulator: Accumulator, total: Total, local: Local) => readonly Stmt[]): Stmt[] =>
      cells.flatMap(({ locals }, i) => locals.flatMap((l, k) => make(accumulators[k]!, totals[i]![k]!, l)))
    const statements = each((a, { high, low }) => [
      declare(a, high),
      ...(low ? [{ kind: 'var', local: low, value: literal(0, low.dtype) } as const] : []),
    ])
    for (const part of parts) {
      const { before, inner } = write(part)
      statements.push(...wrapPart(part, [...before, ...inner, ...each(addToTotal)]))
    }
    statements.push(...each((_, total) => finishTotal(total)))
    return { statements, finals: totals.map((list) => list.map((t) => t.high)) }
  }

  private reduction({ accumulators, reduceAxes, around }: ReducePart, cells: readonly Cell[]): Written {
    const space = this.order.length + around.length
    const loops = [...this.order, ...around.map((a) => a.axis), ...reduceAxes]
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
      const { roots: values, lets } = this.place(mine, loops, keep)
      lets.forEach((list, d) => {
        if (d > space) levels[d - space - 1]!.push(...list)
        else if (d >= this.order.length) pre.push(...list)
        else this.outside[d]!.push(...list)
      })
      const target = levels.at(-1) ?? pre
      target.push(...accumulateAll(accumulators, values, new Map(accumulators.map((a, k) => [a, locals[k]!]))))
    })
    let inner: Stmt[] = []
    for (let d = reduceAxes.length - 1; d >= 0; d--) {
      const axis = reduceAxes[d]!
      inner = [loop(axis, [...levels[d]!, ...inner], undefined, axis === innermost ? inductions : [])]
    }
    const vars = cells.flatMap(({ locals }) => accumulators.map((a, k) => declare(a, locals[k]!)))
    for (const [s, d] of this.depths) if (d > this.order.length) this.forget(s)
    // Without reduced axes (all of extent 1) the accumulation itself stands in `pre`, behind the declarations.
    return reduceAxes.length === 0 ? { before: vars, inner: pre } : { before: [...pre, ...vars], inner }
  }

  private stores(cells: readonly Cell[], finals: readonly (readonly Local[])[]): Stmt[] {
    const { kernel, order, outside } = this
    const results = kernel.stores.map((s) => s.value)
    const finished = cells.map(({ shift }, i) => {
      const move = shiftScalars(shift)
      const final = (a: Accumulator): Scalar => localValue(finals[i]![kernel.accumulators.indexOf(a)]!)
      return mapScalars(results, (s) => this.intern(s.kind === 'acc' ? final(s.of) : (move(s) ?? s)))
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

interface Cell {
  readonly shift: Shift
  /** One for each accumulator. */
  readonly locals: readonly Local[]
}
