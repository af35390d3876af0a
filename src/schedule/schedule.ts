import type { Stmt } from '../ir/loop'
import type { Plan, PlannedKernel } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { scalarTile, vectorTile } from './choose-tile'
import { byBlocks } from './blocked'
import { deepProduct } from './deep'
import { farRows } from './far-rows'
import { type FlatKernel, roundComparisons, widenSums } from './flat'
import { flattenKernel, type Placing } from './flatten'
import type { Ahead } from './ahead'
import { approximateMath } from './approximate'
import { lanedReduction, suitsLanes } from './lanes'
import { mergeAxes } from './merge'
import { type Hints, hintsFor } from './hints'
import { plainNest } from './nest'
import { packRows } from './packed-rows'
import { rowLanes, rowReduction } from './rows'
import { writeOutRandom } from './random'
import { isScatter, scatterNest } from './scatter'
import { tiledReduction } from './tile'
import { vectorNest } from './vector-nest'

/** `plain` is for people: textbook loops. `fast` is for machines: merged loops, register tiles, several accumulators. */
export type Schedule = 'plain' | 'fast'

/** JavaScript has no vectors and computes float32 in float64; WebAssembly has vectors of 4 and computes float32 in itself. */
export type Target = 'js' | 'wasm'

export interface ScheduleContext extends Placing {
  readonly nameOf: (t: Tensor) => string
  /** A tensor that people know by name. */
  readonly isNamed: (t: Tensor) => boolean
  /** `js` by default. */
  readonly target?: Target
  /** In a loop, what may be done before it. */
  readonly ahead?: Ahead
}

/** The context of a plan. */
export const contextOf = (
  { place, shifts, strides }: Plan,
  { nameOf, isNamed }: Pick<ScheduleContext, 'nameOf' | 'isNamed'>,
): ScheduleContext => ({ place, shifts, strides, nameOf, isNamed })

/** A kernel over buffer positions as the schedule takes it, before loops are made. */
export function prepareKernel(
  planned: PlannedKernel,
  schedule: Schedule,
  { target, ...placing }: ScheduleContext,
): FlatKernel {
  const isWasm = target === 'wasm'
  const flattened = writeOutRandom(flattenKernel(planned, placing, isWasm ? 'clamped' : 'guarded'))
  const flat = isWasm ? approximateMath(flattened) : roundComparisons(flattened)
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
  if (kernel.loops) return kernel.loops
  const hints = hintsFor(kernel, context.nameOf, context.isNamed)
  if (isScatter(kernel)) return scatterNest(kernel, hints, schedule === 'fast' && context.target === 'wasm')
  if (schedule === 'plain') {
    const stored = new Set(kernel.stores.map((s) => s.value))
    const named = kernel.values.filter((v) => context.isNamed(v.tensor)).map((v) => v.value)
    const keep = new Set(named.filter((value) => !stored.has(value)))
    return plainNest(context.target === 'wasm' ? widenSums(kernel) : kernel, hints, keep)
  }
  return fastBody(kernel, hints, context.target ?? 'js', context.ahead)
}

function fastBody(kernel: FlatKernel, hints: Hints, target: Target, ahead?: Ahead): Stmt[] {
  const isWasm = target === 'wasm'
  if (kernel.accumulators.length === 0)
    return isWasm ? (farRows(kernel, hints) ?? vectorNest(kernel, hints)) : plainNest(kernel, hints, new Set())
  const blocks = byBlocks(kernel)
  const tile = isWasm ? vectorTile(kernel, blocks ? undefined : ahead) : scalarTile(kernel)
  const near = tile && isWasm && !blocks ? packRows(kernel, tile) : undefined
  if (near) return [...near.before, ...tiledReduction(near.kernel, near.tile, hints, ahead)]
  const deep = tile && isWasm ? deepProduct(kernel, tile, hints) : undefined
  if (deep) return deep
  if (blocks && tile) return [...fastBody(blocks.zeros, hints, target), ...tiledReduction(blocks.sums, tile, hints)]
  if (tile) return tiledReduction(kernel, tile, hints, ahead)
  const lanes = isWasm ? rowLanes(kernel) : undefined
  if (lanes) return rowReduction(kernel, lanes, hints)
  if (isWasm) return plainNest(widenSums(kernel), hints, new Set())
  return suitsLanes(kernel) ? lanedReduction(kernel, hints) : plainNest(kernel, hints, new Set())
}
