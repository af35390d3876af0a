import { FeedError } from '../ir/errors'
import { requireFunction, requireList } from '../ir/names-of'
import type { Variable } from '../ir/variable'
import { flatState } from './flat-state'
import { dot, largest } from './vectors'
import { lineSearch, type LineSearchOptions, type Trial } from './line-search'

/** What an entry to be minimised gives, besides other outputs: the loss, and its gradient as one vector. */
export interface Evaluation {
  readonly loss: unknown
  readonly gradient: unknown
}

/** What minimisers take. */
export interface MinimiseOptions<F> extends LineSearchOptions {
  /** What is moved; the gradient has their elements in this order (`flatView` of the gradients makes it so). */
  readonly variables: readonly (Variable | string)[]
  /** What the entry is fed, the same each time. */
  readonly feeds: F
  /** Stops when no element of the gradient is larger, 1e-6 by default. */
  readonly gradientTolerance?: number
  /** Stops when an iteration lowers the loss by no larger share of its size; 0 by default, when it does not fall. */
  readonly lossTolerance?: number
  /** 100 by default. */
  readonly maxIterations?: number
  /** Called after each iteration. */
  readonly onIteration?: (progress: Progress) => void
}

export const MINIMISE_OPTIONS: readonly (keyof MinimiseOptions<unknown>)[] = [
  'variables',
  'feeds',
  'gradientTolerance',
  'lossTolerance',
  'maxIterations',
  'onIteration',
  'decrease',
  'curvature',
  'maxTrials',
]

/** Where a minimiser is after an iteration. */
export interface Progress {
  readonly iteration: number
  readonly loss: number
  /** The largest element of the gradient. */
  readonly gradientNorm: number
}

/** How a minimiser ended. */
export interface Minimised {
  readonly loss: number
  /** The largest element of the gradient. */
  readonly gradientNorm: number
  readonly iterations: number
  /** How often the entry ran. */
  readonly evaluations: number
  readonly converged: boolean
  /**
   * Why it stopped: the gradient is small or the loss no longer falls, which is convergence; or iterations ran out, no lower
   * loss was found along any direction, or loss or gradient are not finite where it began.
   */
  readonly reason: 'gradient' | 'loss' | 'iterations' | 'line search' | 'not finite'
}

/** A point that was evaluated. */
export interface Point<E extends Evaluation> extends Trial {
  readonly at: Float64Array
  readonly gradient: Float64Array
  readonly results: E
}

/** How a method goes on from a point. */
export interface Method<E extends Evaluation> {
  /** A direction and the first step to try along it; undefined where none is left to try. */
  direction(point: Point<E>, isRetry: boolean): { readonly along: Float64Array; readonly first: number } | undefined
  moved?(before: Point<E>, after: Point<E>): void
}

/** The loop that methods share. Variables are left at the lowest point that was found. */
export function minimise<F, E extends Evaluation>(
  op: string,
  run: (feeds: F) => E,
  program: object,
  options: MinimiseOptions<F>,
  method: Method<E>,
): Minimised {
  const { variables, feeds, gradientTolerance = 1e-6, lossTolerance = 0, maxIterations = 100, onIteration } = options
  requireFunction(`${op}: the entry`, run)
  requireList(`${op}: variables`, 'variables', variables)
  const flat = flatState(program, variables)
  let evaluations = 0
  const evaluate = (values: Float64Array, step: number, along?: Float64Array): Point<E> => {
    flat.set(values)
    evaluations++
    const results = run(feeds)
    const gradient = checkedGradient(op, results, flat.size)
    // What was set may have been rounded.
    const at = flat.get()
    return { step, loss: results.loss as number, slope: along ? dot(gradient, along) : 0, at, gradient, results }
  }
  let point = evaluate(flat.get(), 0)
  const ended = (iterations: number, reason: Minimised['reason']): Minimised => {
    flat.set(point.at)
    const converged = reason === 'gradient' || reason === 'loss'
    return { loss: point.loss, gradientNorm: largest(point.gradient), iterations, evaluations, converged, reason }
  }
  if (!isFinite(point)) return ended(0, 'not finite')
  for (let iteration = 0; ; iteration++) {
    if (largest(point.gradient) <= gradientTolerance) return ended(iteration, 'gradient')
    if (iteration === maxIterations) return ended(iteration, 'iterations')
    const before = point
    const after = next(before, method, (along, step) => {
      return evaluate(before.at.map((v, i) => v + step * along[i]!), step, along) // prettier-ignore
    }, options) // prettier-ignore
    if (!after) return ended(iteration, 'line search')
    method.moved?.(before, after)
    point = after
    onIteration?.({ iteration: iteration + 1, loss: point.loss, gradientNorm: largest(point.gradient) })
    if (before.loss - point.loss <= lossTolerance * Math.max(Math.abs(before.loss), Math.abs(point.loss)))
      return ended(iteration + 1, 'loss')
  }
}

/** A lower point along the method's direction, or along another one if there is none. */
function next<E extends Evaluation>(
  from: Point<E>,
  method: Method<E>,
  evaluate: (along: Float64Array, step: number) => Point<E>,
  options: LineSearchOptions,
): Point<E> | undefined {
  for (const isRetry of [false, true]) {
    const found = method.direction(from, isRetry)
    if (!found) continue
    const start = { ...from, step: 0, slope: dot(from.gradient, found.along) }
    if (!(start.slope < 0)) continue
    const lower = lineSearch((step) => evaluate(found.along, step), start, found.first, options)
    if (lower && isFinite(lower)) return lower
  }
  return undefined
}

function checkedGradient(op: string, { loss, gradient }: Evaluation, size: number): Float64Array {
  if (typeof loss !== 'number')
    throw new FeedError(`${op}: the entry must give an output "loss" of rank 0, it gives ${typeof loss}`)
  const values = typeof gradient === 'number' ? [gradient] : (gradient as ArrayLike<number> | undefined)
  if (values?.length !== size)
    throw new FeedError(
      `${op}: the entry must give an output "gradient" with the ${size} elements of all variables, ` +
        `it gives ${values === undefined ? 'none' : values.length}; make it by flatView(gradients).vector`,
    )
  return Float64Array.from(values)
}

const isFinite = ({ loss, gradient }: { readonly loss: number; readonly gradient: Float64Array }): boolean =>
  Number.isFinite(loss) && gradient.every(Number.isFinite)
