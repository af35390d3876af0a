import type { Tensor } from '../ir/tensor'
import type { Rule, RuleSet } from './rewrite'

const expandComposite: Rule = (t: Tensor) => (t.op.kind === 'composite' ? t.op.expand(t.inputs, t.attrs) : undefined)

/** Composites are written out in primitive ops; differentiation is over by then. */
const RULES: readonly Rule[] = [expandComposite]
export const EXPANSION: RuleSet = () => RULES
