import type { Rule, RuleSet } from './rewrite'
import { ALGEBRA } from './rules/algebra'
import { compileRule } from './rules/match'
import { parseRule, type TextRule, variantsOf } from './rules/pattern'
import { STRUCTURE } from './rules/structure'

/** The rules of the simplifier: structure first, then algebra. `fastMath` adds rules that are wrong at infinities or NaN. */
export function simplification({ fastMath = false }: { readonly fastMath?: boolean } = {}): RuleSet {
  const active = ALGEBRA.filter((text) => fastMath || !text.unsafe)
  return ruleSet([...STRUCTURE, ...active.flatMap(compiled)])
}

/** A text rule, its commutative variants included, for the rewriting engine. */
export const compiled = (text: TextRule): (readonly [string, Rule])[] => variantsOf(parseRule(text)).map(compileRule)

export function ruleSet(rules: readonly (readonly [op: string, rule: Rule])[]): RuleSet {
  const set = new Map<string, Rule[]>()
  for (const [op, rule] of rules) set.set(op, [...(set.get(op) ?? []), rule])
  return set
}
