import type { Tensor } from '../../ir/tensor'
import { EXPANSION } from '../expand'
import { rewrite, type Rewritten, type RuleSet } from '../rewrite'
import { type Decide, editScans } from './edit'
import { productsBefore } from './hoist'
import { saveForward } from './save'
import { sumsAfterwards } from './sums'

/** The passes over loops, each of which can be left out. */
export interface LoopPasses {
  /** What the gradient would compute again is kept by the forward loop. */
  readonly save: boolean
  /** Products that do not depend on carries are taken before the loop. */
  readonly hoist: boolean
  /** Sums over turns are taken after the loop. */
  readonly sink: boolean
}

/** Composites written out, loops improved, and all of it simplified. */
export function rewriteLoops(roots: readonly Tensor[], rules: RuleSet, { save, hoist, sink }: LoopPasses): Rewritten {
  const passes: ((roots: readonly Tensor[]) => Rewritten)[] = [
    (now) => rewrite(now, EXPANSION),
    ...(save ? [editing(saveForward)] : []),
    (now) => rewrite(now, rules),
    ...(hoist ? [editing(productsBefore)] : []),
    ...(sink ? [editing(sumsAfterwards)] : []),
    ...(hoist || sink ? [(now: readonly Tensor[]) => rewrite(now, rules)] : []),
  ]
  const done: Rewritten[] = []
  let now = roots
  for (const pass of passes) {
    const made = pass(now)
    done.push(made)
    now = made.roots
  }
  const image = (t: Tensor): Tensor | undefined => {
    let found: Tensor | undefined = t
    for (const { image } of done) found = found && image(found)
    return found
  }
  return { roots: now, image }
}

const editing =
  (decide: Decide) =>
  (roots: readonly Tensor[]): Rewritten =>
    editScans(roots, decide)
