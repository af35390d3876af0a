import { cumSum } from '../../api/cumulative'
import { add, cast, div, equal, exp, lessEqual, log, mul, neg, sigmoid, sub, where } from '../../api/math'
import { logicalAnd } from '../../api/logic'
import { uniform } from '../../api/random'
import { sum } from '../../api/reduce'
import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { partT } from '../../ops/pieces'
import { reshapeT } from '../../ops/view'

type Float = 'float32' | 'float64'
/** So many pairs are drawn; at worst, half of all pairs fail. The last counts in any case, once in 2^24. */
const TRIES = 24
/** A uniform number above 0. */
const positive = (shape: readonly number[], dtype: string): Tensor => sub(1, uniform(shape, { dtype: dtype as Float }))

/**
 * Random numbers of the distributions Beta(a, b) in the shape given, a and b from 0 (not 0) to 1, numbers or tensors that
 * broadcast to [...shape, 1]. Source: Jöhnk 1964, in logarithms, the first pair of many that fits.
 */
export function betas(shape: readonly number[], a: Tensor | number, b: Tensor | number, dtype: string): Tensor {
  const tries = [...shape, TRIES]
  const [x, y] = [div(log(positive(tries, dtype)), a), div(log(positive(tries, dtype)), b)]
  const fits = lessEqual(add(exp(x), exp(y)), 1)
  const before = sub(cumSum(cast(fits, 'int32')), cast(fits, 'int32'))
  const isFirst = logicalAnd(fits, equal(before, 0))
  const ratio = sigmoid(sub(x, y))
  const found = sum(where(isFirst, ratio, 0), { axis: -1 })
  const none = equal(sum(cast(fits, 'int32'), { axis: -1 }), 0)
  return where(none, reshapeT(partT(ratio, shape.length, TRIES - 1, 1), shape), found)
}

/** Random numbers of Gamma(a), of scale 1: exponentials for the whole part, one times a beta for the fraction. */
export function gammas(shape: readonly number[], a: number, dtype: string): Tensor {
  if (!(a > 0)) throw new GraphError(`gamma: the shape must be above 0, it is ${a}`)
  const exponential = (): Tensor => neg(log(positive(shape, dtype)))
  const whole = Array.from({ length: Math.floor(a) }, exponential)
  const rest = a - Math.floor(a)
  const all = rest === 0 ? whole : [...whole, mul(exponential(), betas(shape, rest, 1 - rest, dtype))]
  return all.reduce((s, t) => add(s, t))
}
