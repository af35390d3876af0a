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

/** Throws for a number that is negative or not finite, and for what is no number, float scalar or function. */
export function checkHyper(rule: string, name: string, value: Hyper): void {
  if (typeof value === 'function' || isFloatScalar(value)) return
  if (typeof value !== 'number')
    throw new GraphError(
      `${rule}: ${name} must be a number, a float scalar or a function of the step, it is ${shown(value)}`,
    )
  if (!Number.isFinite(value) || value < 0)
    throw new GraphError(`${rule}: ${name} must be a finite number from 0, it is ${value}`)
}

/** Throws for a number that is no decay of an average: at 1 and beyond the average would not follow what is averaged. */
export function checkDecay(rule: string, name: string, value: Hyper): void {
  if (typeof value === 'number' && value >= 1)
    throw new GraphError(`${rule}: ${name} must be a number from 0 up to 1 (not 1), it is ${value}`)
}

/** Throws for a number that is no momentum. */
export function checkMomentum(rule: string, name: string, value: Hyper): void {
  checkHyper(rule, name, value)
  if (typeof value === 'number' && value > 1)
    throw new GraphError(`${rule}: ${name} must be a number from 0 to 1, it is ${value}`)
}

/** A float64 scalar: of a number a state scalar. */
export function hyperScalar(rule: string, prefix: string, name: string, value: Hyper, counter: () => Counter): Tensor {
  if (typeof value === 'number') return makeVariable(`${prefix}/${name}`, [], 'float64', value, { kind: 'scalar' })
  if (typeof value !== 'function') return castTensor(value, 'float64')
  const found: unknown = value(counter().before as Tensor<[], 'float64'>)
  if (isFloatScalar(found)) return castTensor(found, 'float64')
  throw new GraphError(`${rule}: the function for ${name} must return a float scalar, it returned ${shown(found)}`)
}

const isFloatScalar = (x: unknown): x is Tensor => isTensor(x) && x.shape.length === 0 && isFloat(x.dtype)
const shown = (x: unknown): string => (isTensor(x) ? describe(x) : String(x))
