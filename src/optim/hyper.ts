import { makeVariable } from '../api/leaf'
import { GraphError } from '../ir/errors'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import type { Update } from '../ir/variable'
import { addT } from '../ops/arith'
import { scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'

/**
 * A number, kept as a state scalar that can be set at any time; a scalar tensor; or a function, such as a schedule, of the
 * number of steps that came before this one, a float64 scalar.
 */
export type Hyper = number | Tensor<[]> | ((step: Tensor<[], 'float64'>) => Tensor)

/** Hyper-parameters as float64 scalars, exact as they were given. */
export type Scalars = Readonly<Record<string, Tensor>>

/** How many steps a rule has made. */
export interface Counter {
  /** Steps before this one, float64. */
  readonly before: Tensor
  /** This step, from 1, float64. */
  readonly step: Tensor
  readonly update: Update
}

export function stepCounter(prefix: string): Counter {
  const iterations = makeVariable(`${prefix}/iterations`, [], 'int32', 0, { kind: 'scalar' })
  const step = addT(iterations, scalarConstant(1, 'int32'))
  return { before: castTensor(iterations, 'float64'), step: castTensor(step, 'float64'), update: [iterations, step] }
}

/** Throws for a number that is negative or not finite, and for what is not a float scalar. */
export function hyperScalar(rule: string, prefix: string, name: string, value: Hyper, counter: () => Counter): Tensor {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0)
      throw new GraphError(`${rule}: ${name} must be a finite number from 0, it is ${value}`)
    return makeVariable(`${prefix}/${name}`, [], 'float64', value, { kind: 'scalar' })
  }
  const given: unknown = typeof value === 'function' ? value(counter().before as Tensor<[], 'float64'>) : value
  if (isTensor(given) && given.shape.length === 0 && isFloat(given.dtype)) return castTensor(given, 'float64')
  const found = isTensor(given) ? describe(given) : String(given)
  throw new GraphError(
    typeof value === 'function'
      ? `${rule}: the function for ${name} must return a float scalar, it returned ${found}`
      : `${rule}: ${name} must be a number, a float scalar or a function of the step, it is ${found}`,
  )
}
