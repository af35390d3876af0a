import { toposort } from '../ir/graph'
import type { Origin } from '../ir/origin'
import { relabel, type Tensor } from '../ir/tensor'
import type { Rule, RuleSet } from './rewrite'

const expandComposite: Rule = (t: Tensor) => {
  if (t.op.kind !== 'composite') return undefined
  const body = t.op.expand(t.inputs, t.attrs)
  return t.op.keepsFormula ? relabel(body, { written: t }) : body
}

/** Composites are written out in primitive ops; differentiation is over by then. */
const RULES: readonly Rule[] = [expandComposite]
export const EXPANSION: RuleSet = () => RULES

/** What composites became: by the origin of a tensor that was made so, the composite that the user wrote. */
export interface Expansions {
  readonly owners: Map<Origin, Tensor>
  /** The tensor that took the place of each of these composites, as it was built. */
  readonly bodies: Map<Tensor, Tensor>
}

/** Writes composites out and remembers on whose behalf. Origins keep their identity through rewriting, tensors do not. */
export const recordedExpansion = ({ owners, bodies }: Expansions): RuleSet => {
  const rule: Rule = (t) => {
    if (t.op.kind !== 'composite') return undefined
    const body = t.op.expand(t.inputs, t.attrs)
    const outer = owners.get(t.origin)
    for (const made of toposort([body], new Set(t.inputs)))
      if (made.inputs.length > 0) owners.set(made.origin, outer ?? t)
    if (outer === undefined) bodies.set(t, body)
    return body
  }
  return () => [rule]
}
