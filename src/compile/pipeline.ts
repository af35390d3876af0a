import { nameTensors, type TensorNames } from '../codegen/tensor-names'
import type { Fused } from '../ir/block'
import { toposort, withBodies } from '../ir/graph'
import type { Plan } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import type { FusionNotes } from '../lower/notes'
import { fuse } from '../lower/fuse'
import { EXPANSION, type Expansions, recordedExpansion } from '../passes/expand'
import { rewriteLoops } from '../passes/loops/loops'
import { hasRegion, separateRegions } from '../passes/regions'
import { mergeRules, rewrite, type Rewritten } from '../passes/rewrite'
import { isPlaced, PLACING } from '../passes/rules/placing'
import { simplification } from '../passes/simplify'
import { splitWideJoins } from '../passes/wide-joins'
import { makePlan } from '../plan/plan'
import { distinctRoots, mapRoots, type Roots, rootsInOrder, rootTensors } from '../plan/roots'
import type { Store } from '../runtime/store'
import type { Settings } from './options'
import type { Traced } from './trace-entry'

export interface PassReport {
  readonly pass: string
  readonly milliseconds: number
  /** Tensors in the graph after the pass. */
  readonly nodes: number
  /** Kernels after the pass, once there are any. */
  readonly kernels?: number
}

/** One entry for one binding: the graph after each stage, the kernels and their memory. */
export interface Compilation {
  readonly traced: Traced
  /** The graph as it is lowered: composites written out, simplified, each root a tensor of its own. */
  readonly roots: Roots
  readonly kernels: readonly Fused[]
  /** What was not fused, and why. */
  readonly notes: FusionNotes
  readonly plan: Plan
  readonly names: TensorNames
  readonly report: PassReport[]
  /** What became of a tensor of the traced graph; undefined for what is not needed any more. */
  readonly image: (t: Tensor) => Tensor | undefined
  /** Under guard, the composites and what became of them. */
  readonly expansions?: Expansions
}

/**
 * The compiler from graph to plan, a pass a line:
 * trace -> expand and simplify -> fuse -> plan; scheduling and printing follow in `print.ts`.
 */
export function compileTraced(
  traced: Traced,
  store: Pick<Store, 'bufferOf'>,
  { passes, fastMath, guard }: Settings,
): Compilation {
  const report: PassReport[] = []
  const timed = <T>(pass: string, run: () => T, after: (made: T) => Roots, kernels?: (made: T) => number): T => {
    const start = performance.now()
    const made = run()
    report.push(passReport(pass, start, after(made), kernels?.(made)))
    return made
  }
  // Composites are written out in the same sweep that simplifies: one walk of the graph instead of two.
  const expansions: Expansions = { owners: new Map(), bodies: new Map() }
  const expansion = guard ? recordedExpansion(expansions) : EXPANSION
  const rules = passes.simplify ? mergeRules(expansion, simplification({ fastMath })) : expansion
  const rewritten = timed(
    passes.simplify ? 'simplify' : 'expand',
    () => {
      const placed = passes.simplify ? rewritePlaced(traced) : undefined
      const before = placed?.roots ?? rootTensors(traced.roots)
      const loops = hasRegion(traced.order)
      const done = loops && passes.simplify ? rewriteLoops(before, rules, passes) : rewrite(before, rules)
      const split = splitWideJoins(done.roots)
      const image = (t: Tensor): Tensor | undefined => {
        const before = placed ? placed.image(t) : t
        const after = before && done.image(before)
        return split ? after && split.image(after) : after
      }
      const now = split?.roots ?? done.roots
      const separated = loops ? separateRegions(now) : undefined
      const own = distinctRoots(mapRoots(traced.roots, separated?.roots ?? now))
      return { roots: own, image: separated ? (t: Tensor) => separated.image(image(t)) : image }
    },
    (made) => made.roots,
  )
  const { roots, image } = rewritten
  const names = nameTensors({
    ...namedThrough(traced.order, roots, image),
    outputs: traced.roots.outputs,
    results: roots.outputs,
  })
  const { kernels, notes } = timed(
    'fuse',
    () =>
      fuse(guard ? computedTensors(roots) : rootsInOrder(roots), {
        pointwise: passes.inline,
        epilogues: passes.epilogue,
        grouping: passes.group,
      }),
    () => roots,
    (made) => made.kernels.length,
  )
  const plan = timed(
    'plan',
    () =>
      makePlan(
        kernels,
        roots,
        { inputs: traced.inputs, stateOf: (v) => store.bufferOf(v), nameOf: names.nameOf },
        { ...passes, guard },
      ),
    () => roots,
    () => kernels.length,
  )
  const made = { traced, roots, kernels, notes, plan, names, report, image }
  return guard ? { ...made, expansions } : made
}

/** Every tensor that may have a name and what became of it; a body that runs in two loops has two images. */
function namedThrough(
  order: readonly Tensor[],
  roots: Roots,
  image: (t: Tensor) => Tensor | undefined,
): { original: readonly Tensor[]; image: (t: Tensor) => Tensor | undefined } {
  const all = withBodies(order)
  if (all === order) return { original: order, image }
  const final = withBodies(toposort(rootTensors(roots)))
  const made = new Set(final)
  return { original: [...all, ...final], image: (t) => (made.has(t) ? t : image(t)) }
}

/** Pooling is looked at before composites are written out; most graphs have none. */
const rewritePlaced = ({ order, roots }: Traced): Rewritten | undefined =>
  order.some(isPlaced) ? rewrite(rootTensors(roots), PLACING) : undefined

/** All that is computed, operands first. */
const computedTensors = (roots: Roots): Tensor[] => toposort(rootTensors(roots)).filter((t) => t.op.kind !== 'leaf')

/** Counting walks the whole graph, so it waits until somebody asks. */
export function passReport(pass: string, start: number, roots: Roots, kernels?: number): PassReport {
  return {
    pass,
    milliseconds: performance.now() - start,
    get nodes() {
      return toposort(rootTensors(roots)).length
    },
    ...(kernels === undefined ? {} : { kernels }),
  }
}
