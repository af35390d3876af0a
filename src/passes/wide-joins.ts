import { toposort, withBodies } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { concatT } from '../ops/pieces'
import { type Rewritten, rewrite, type Rule } from './rewrite'

/** A kernel that joins more asks at each point which of them it is in, and has a parameter for each: engines have bounds for both. */
const MOST_OPERANDS = 256

const isWide = ({ op, inputs }: Tensor): boolean => op.name === 'concat' && inputs.length > MOST_OPERANDS

/** A join of n tensors as one of about √n, each of as many: so many questions are asked at a point. */
const splitJoin: Rule = (t) => {
  if (!isWide(t)) return undefined
  const { axis } = t.attrs as { readonly axis: number }
  const size = Math.ceil(Math.sqrt(t.inputs.length))
  const groups = Array.from({ length: Math.ceil(t.inputs.length / size) }, (_, i) =>
    t.inputs.slice(i * size, (i + 1) * size),
  )
  const joined = groups.map((group) => concatT(group, axis))
  return concatT(joined, axis)
}
const RULES: readonly Rule[] = [splitJoin]

/**
 * Joins of very many tensors, done in two stages. This comes after simplification, which sees through a join but not through
 * a join of joins; undefined where there are none, as in most graphs.
 */
export const splitWideJoins = (roots: readonly Tensor[]): Rewritten | undefined =>
  withBodies(toposort(roots)).some(isWide) ? rewrite(roots, (op) => (op === 'concat' ? RULES : [])) : undefined
