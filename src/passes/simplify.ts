import type { Rule, RuleSet } from './rewrite'
import { ALGEBRA } from './rules/algebra'
import { compileRule } from './rules/match'
import { parseRule, type TextRule, variantsOf } from './rules/pattern'
import { EVERYWHERE, STRUCTURE } from './rules/structure'

const algebra = perOp((op) => (ALGEBRA[op] ?? []).filter((text) => !text.unsafe).flatMap(compiled))
const fastAlgebra = perOp((op) => (ALGEBRA[op] ?? []).flatMap(compiled))

/** The rules of the simplifier: structure first, then algebra. `fastMath` adds rules that are wrong at infinities or NaN. */
export const simplification =
  ({ fastMath = false }: { readonly fastMath?: boolean } = {}): RuleSet =>
  (op) => [...(STRUCTURE[op] ?? []), ...(fastMath ? fastAlgebra : algebra)(op), ...EVERYWHERE]

/** A text rule, its commutative variants included, for the rewriting engine. */
export const compiled = (text: TextRule): Rule[] => variantsOf(parseRule(text)).map(compileRule)

/** Text is parsed when the first tensor of its op is met, once in a process. */
function perOp(make: (op: string) => Rule[]): RuleSet {
  const known = new Map<string, Rule[]>()
  return (op) => {
    const found = known.get(op) ?? make(op)
    known.set(op, found)
    return found
  }
}
