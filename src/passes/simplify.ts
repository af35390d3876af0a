import type { Rule, RuleSet } from './rewrite'
import { ALGEBRA } from './rules/algebra'
import { anyOf } from './rules/match'
import { parseRule, type TextRule, variantsOf } from './rules/pattern'
import { EVERYWHERE, STRUCTURE } from './rules/structure'

export interface Simplification {
  /** Also rules that are wrong at infinities or NaN. */
  readonly fastMath?: boolean
}

/** The algebra that is applied to tensors of an op. */
export const textRules = (op: string, { fastMath = false }: Simplification = {}): readonly TextRule[] =>
  (ALGEBRA[op] ?? []).filter((text) => fastMath || !text.unsafe)

const safe = perOp((op) => algebra(textRules(op)))
const fast = perOp((op) => algebra(textRules(op, { fastMath: true })))

/** The rules of the simplifier: structure first, then algebra. */
export const simplification =
  ({ fastMath = false }: Simplification = {}): RuleSet =>
  (op) => [...(STRUCTURE[op] ?? []), ...(fastMath ? fast : safe)(op), ...EVERYWHERE]

/** Text rules for tensors of one op, commutative variants included, for the rewriting engine. */
const algebra = (texts: readonly TextRule[]): Rule[] =>
  texts.length === 0 ? [] : [anyOf(texts.flatMap((text) => variantsOf(parseRule(text))))]

/** Text is parsed when the first tensor of its op is met, once in a process. */
function perOp(make: (op: string) => Rule[]): RuleSet {
  const known = new Map<string, Rule[]>()
  return (op) => {
    const found = known.get(op) ?? make(op)
    known.set(op, found)
    return found
  }
}
