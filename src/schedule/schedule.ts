import { type Affine, type Axis, coefficient } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import type { Plan, PlannedKernel } from '../ir/plan'
import { walk } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { flattenKernel, type FlatKernel, productOf, roundComparisons } from './flat'
import { lanedReduction, suitsLanes } from './lanes'
import { mergeAxes } from './merge'
import { type Hints, hintsFor } from './hints'
import { plainNest } from './nest'
import { type Tile, tiledReduction } from './tile'
import { suitsVectors, vectorNest } from './vectorize'

/** `plain` is for people: textbook loops. `fast` is for machines: merged loops, register tiles, several accumulators. */
export type Schedule = 'plain' | 'fast'

/** JavaScript has no vectors and computes float32 in float64; WebAssembly has vectors of 4 and computes float32 in itself. */
export type Target = 'js' | 'wasm'

export interface ScheduleContext {
  readonly place: Plan['place']
  readonly nameOf: (t: Tensor) => string
  /** A tensor that people know by name. */
  readonly isNamed: (t: Tensor) => boolean
  /** `js` by default. */
  readonly target?: Target
}

/** Rows and columns of a register tile in JavaScript: sixteen float64 accumulators. */
const JS_TILE = 4
/** Rows and column vectors in WebAssembly: 8 accumulators, their 6 operands and one product fill 15 of 16 registers. */
const WASM_TILE = [4, 2] as const
/** The same in scalars, where columns do not lie side by side. */
const WASM_SCALAR_TILE = [2, 4] as const

/** A kernel over buffer positions as the schedule takes it, before loops are made. */
export function prepareKernel(
  planned: PlannedKernel,
  schedule: Schedule,
  { place, target }: ScheduleContext,
): FlatKernel {
  const raw = flattenKernel(planned, place)
  const flat = target === 'wasm' ? raw : roundComparisons(raw)
  return schedule === 'fast' ? mergeAxes(flat) : flat
}

/** The loops of one kernel. */
export function scheduleKernel(
  planned: PlannedKernel,
  schedule: Schedule,
  context: ScheduleContext,
): { readonly kernel: FlatKernel; readonly body: readonly Stmt[] } {
  const kernel = prepareKernel(planned, schedule, context)
  return { kernel, body: loopsOf(kernel, schedule, context) }
}

export function loopsOf(kernel: FlatKernel, schedule: Schedule, context: ScheduleContext): readonly Stmt[] {
  const hints = hintsFor(kernel, context.nameOf, context.isNamed)
  if (schedule === 'plain') {
    const stored = new Set(kernel.stores.map((s) => s.value))
    const named = kernel.values.filter((v) => context.isNamed(v.tensor)).map((v) => v.value)
    const keep = new Set(named.filter((value) => !stored.has(value)))
    return plainNest(kernel, hints, keep)
  }
  return fastBody(kernel, hints, context.target ?? 'js')
}

function fastBody(kernel: FlatKernel, hints: Hints, target: Target): Stmt[] {
  if (kernel.accumulators.length === 0)
    return target === 'js' ? plainNest(kernel, hints, new Set()) : vectorNest(kernel, hints)
  const tile = chooseTile(kernel, target)
  if (tile) return tiledReduction(kernel, tile, hints)
  return suitsLanes(kernel) ? lanedReduction(kernel, hints) : plainNest(kernel, hints, new Set())
}

/** A tile pays where an operand loaded once serves several results, or where results lie side by side in memory. */
function chooseTile(kernel: FlatKernel, target: Target): Tile | undefined {
  const operands = productOf(kernel)
  if (operands) {
    const [a, b] = operands.map((e) => e.at.index) as [Affine, Affine]
    const only = (mine: Affine, other: Affine): Axis | undefined =>
      kernel.axes.findLast((axis) => coefficient(mine, axis) !== 0 && coefficient(other, axis) === 0)
    const rows = only(a, b)
    const columns = only(b, a)
    if (rows || columns)
      return target === 'js' ? { rows, columns, size: scalarTile(rows, columns) } : vectorTile(kernel, rows, columns)
  }
  const columns = kernel.axes.at(-1)
  const innermost = kernel.reduceAxes.at(-1)
  if (!columns || !innermost || kernel.accumulators.length > 2) return undefined
  const elements = walk(kernel.accumulators.map((a) => a.body)).flatMap((s) =>
    s.kind === 'element' ? [s.at.index] : [],
  )
  const sideBySide = elements.some((p) => coefficient(p, columns) === 1 && coefficient(p, innermost) > 1)
  if (!sideBySide) return undefined
  const inVectors = target === 'wasm' && suitsVectors(kernel, columns)
  return { rows: undefined, columns, size: [1, JS_TILE], lanes: inVectors ? 4 : 1 }
}

/**
 * Few columns that come out even in fives, as ten classes do, are tiles of 2 by 5: remainders of half the size would make
 * more code than the columns before them.
 */
function scalarTile(rows: Axis | undefined, columns: Axis | undefined): Tile['size'] {
  const isFew = rows && columns && columns.extent <= 20 && columns.extent % JS_TILE !== 0 && columns.extent % 5 === 0
  return isFew ? [2, 5] : [JS_TILE, JS_TILE]
}

/** The tile of a product with vectors along the axis whose results and operands lie side by side, if there is one. */
function vectorTile(kernel: FlatKernel, rows: Axis | undefined, columns: Axis | undefined): Tile {
  if (columns && suitsVectors(kernel, columns)) return { rows, columns, size: WASM_TILE, lanes: 4 }
  if (rows && suitsVectors(kernel, rows)) return { rows: columns, columns: rows, size: WASM_TILE, lanes: 4 }
  return { rows, columns, size: WASM_SCALAR_TILE }
}
