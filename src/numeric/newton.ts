import { FeedError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { solvePositive } from './cholesky'
import {
  type Evaluation,
  type Method,
  minimise,
  MINIMISE_OPTIONS,
  type Minimised,
  type MinimiseOptions,
} from './minimise'

/** What an entry for `newton` gives besides: all second derivatives, n by n for n elements of the gradient. */
export interface CurvedEvaluation extends Evaluation {
  readonly hessian: unknown
}

/**
 * Moves variables to a minimum of the loss by Newton's method, over a compiled entry that gives the outputs `loss` (rank 0),
 * `gradient` (one vector of all variables in the order of the option) and `hessian` (n by n in the same order, as
 * `hessian(loss, W)` gives it for one variable). Where the Hessian is not positive definite, as much is added to its diagonal
 * as makes it so; a line search keeps the loss falling. For few variables: a step takes n³ / 6 multiplications. How it ended is
 * said in the result; the variables are left at the lowest point that was found.
 *
 *     const result = newton(net.objective, net, { variables: [W], feeds: { x, y } })
 *
 * Source: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 3.2 and 3.3.
 */
export function newton<F, E extends CurvedEvaluation>(
  run: (feeds: F) => E,
  program: object,
  options: MinimiseOptions<F>,
): Minimised {
  checkKeys('newton', options, MINIMISE_OPTIONS)
  const method: Method<E> = {
    direction: ({ gradient, results: { hessian } }, isRetry) => {
      const along = gradient.map((v) => -v)
      if (!isRetry) solvePositive(checkedHessian(hessian, gradient.length), along)
      return { along, first: 1 }
    },
  }
  return minimise('newton', run, program, options, method)
}

function checkedHessian(hessian: unknown, n: number): Float64Array {
  const values = typeof hessian === 'number' ? [hessian] : (hessian as ArrayLike<number> | undefined)
  if (values?.length !== n * n)
    throw new FeedError(
      `newton: the entry must give an output "hessian" with ${n} by ${n} elements, ` +
        `it gives ${values === undefined ? 'none' : values.length}`,
    )
  return Float64Array.from(values)
}
