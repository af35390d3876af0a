import { checkNumber } from '../api/build'
import { checkKeys } from '../ir/names-of'
import {
  type Evaluation,
  type Method,
  minimise,
  MINIMISE_OPTIONS,
  type Minimised,
  type MinimiseOptions,
} from './minimise'
import { dot } from './vectors'

/** Options of `lbfgs`. */
export interface LbfgsOptions<F> extends MinimiseOptions<F> {
  /** How many of the last steps the curvature is estimated from, 10 by default. */
  readonly history?: number
}

interface Pair {
  /** How the variables moved, and how the gradient changed. */
  readonly s: Float64Array
  readonly y: Float64Array
  /** 1 / (s · y) */
  readonly rho: number
}

/**
 * Moves variables to a minimum of the loss by L-BFGS, over a compiled entry that gives the outputs `loss` (rank 0) and
 * `gradient` (one vector of all variables in the order of the option) and changes nothing itself. `program` is what `compile`
 * returned. Best in float64 and where the loss is the same at each call: all data, no dropout. How it ended is said in the
 * result; the variables are left at the lowest point that was found. Throws a FeedError where an output is missing.
 *
 *     const result = lbfgs(net.objective, net, { variables: [W, b], feeds: { x, y } })
 *
 * Source: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5; strong Wolfe line search, 3.5 and 3.6.
 */
export function lbfgs<F, E extends Evaluation>(
  run: (feeds: F) => E,
  program: object,
  options: LbfgsOptions<F>,
): Minimised {
  checkKeys('lbfgs', options, [...MINIMISE_OPTIONS, 'history'])
  const { history = 10 } = options
  checkNumber('lbfgs', 'history', history, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  let pairs: Pair[] = []
  const method: Method<E> = {
    direction: ({ gradient }, isRetry) => {
      if (isRetry && pairs.length === 0) return undefined
      // Where estimated curvature leads nowhere, downhill may.
      if (isRetry) pairs = []
      const along = downhill(gradient, pairs)
      return { along, first: pairs.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) }
    },
    moved: (before, after) => {
      const s = after.at.map((v, i) => v - before.at[i]!)
      const y = after.gradient.map((v, i) => v - before.gradient[i]!)
      const curvature = dot(s, y)
      // Without curvature along the step there is nothing to learn from it.
      if (curvature > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y))) pairs = [...pairs, { s, y, rho: 1 / curvature }].slice(-history) // prettier-ignore
    },
  }
  return minimise('lbfgs', run, program, options, method)
}

/** Minus the gradient times the inverse Hessian that the pairs tell of: the recursion of two loops. */
function downhill(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((v) => -v)
  const alphas: number[] = []
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q)
    alphas.unshift(alpha)
    for (let i = 0; i < q.length; i++) q[i]! -= alpha * y[i]!
  }
  const last = pairs.at(-1)
  const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : 1
  for (let i = 0; i < q.length; i++) q[i]! *= scale
  pairs.forEach(({ s, y, rho }, k) => {
    const by = alphas[k]! - rho * dot(y, q)
    for (let i = 0; i < q.length; i++) q[i]! += by * s[i]!
  })
  return q
}
