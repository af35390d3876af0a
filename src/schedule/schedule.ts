import { type Affine, type Axis, coefficient } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import type { Plan, PlannedKernel } from '../ir/plan'
import { walk } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { flattenKernel, type FlatKernel, productOf, roundComparisons } from './flat'
import { lanedReduction, suitsLanes } from './lanes'
import { mergeAxes } from './merge'
import { type Hints, plainNest } from './nest'
import { type Tile, tiledReduction } from './tile'

/** `plain` is for people: textbook loops. `fast` is for machines: merged loops, register tiles, several accumulators. */
export type Schedule = 'plain' | 'fast'

export interface ScheduleContext {
  readonly place: Plan['place']
  readonly nameOf: (t: Tensor) => string
  /** A tensor that people know by name. */
  readonly isNamed: (t: Tensor) => boolean
}

/** Rows and columns of a register tile in JavaScript: sixteen float64 accumulators. */
const JS_TILE = 4

/** The loops of one kernel. */
export function scheduleKernel(
  planned: PlannedKernel,
  schedule: Schedule,
  context: ScheduleContext,
): { readonly kernel: FlatKernel; readonly body: readonly Stmt[] } {
  const flat = roundComparisons(flattenKernel(planned, context.place))
  const kernel = schedule === 'fast' ? mergeAxes(flat) : flat
  const named = kernel.values.filter((v) => context.isNamed(v.tensor))
  const hints: Hints = new Map(named.map(({ tensor, value }) => [value, context.nameOf(tensor)]))
  if (schedule === 'plain') {
    const stored = new Set(kernel.stores.map((s) => s.value))
    const keep = new Set(named.map((v) => v.value).filter((value) => !stored.has(value)))
    return { kernel, body: plainNest(kernel, hints, keep) }
  }
  return { kernel, body: fastBody(kernel, hints) }
}

function fastBody(kernel: FlatKernel, hints: Hints): Stmt[] {
  if (kernel.accumulators.length === 0) return plainNest(kernel, hints, new Set())
  const tile = chooseTile(kernel)
  if (tile) return tiledReduction(kernel, tile, hints)
  return suitsLanes(kernel) ? lanedReduction(kernel, hints) : plainNest(kernel, hints, new Set())
}

/** A tile pays where an operand loaded once serves several results, or where results lie side by side in memory. */
function chooseTile(kernel: FlatKernel): Tile | undefined {
  const operands = productOf(kernel)
  if (operands) {
    const [a, b] = operands.map((e) => e.at.index) as [Affine, Affine]
    const only = (mine: Affine, other: Affine): Axis | undefined =>
      kernel.axes.findLast((axis) => coefficient(mine, axis) !== 0 && coefficient(other, axis) === 0)
    const rows = only(a, b)
    const columns = only(b, a)
    if (rows || columns) return { rows, columns, size: [JS_TILE, JS_TILE] }
  }
  const columns = kernel.axes.at(-1)
  const innermost = kernel.reduceAxes.at(-1)
  if (!columns || !innermost || kernel.accumulators.length > 2) return undefined
  const elements = walk(kernel.accumulators.map((a) => a.body)).flatMap((s) =>
    s.kind === 'element' ? [s.at.index] : [],
  )
  const sideBySide = elements.some((p) => coefficient(p, columns) === 1 && coefficient(p, innermost) > 1)
  return sideBySide ? { rows: undefined, columns, size: [1, JS_TILE] } : undefined
}
