import { checkNumber } from '../api/build'
import { entry } from '../api/entry'
import { grad, vjp } from '../api/gradient'
import { constant, type Nested, variable } from '../api/leaf'
import { add, mul } from '../api/math'
import { sum } from '../api/reduce'
import type { CompileOptions } from '../compile/options'
import { compile } from '../compile/program'
import { randomStream } from '../init/random'
import { GraphError } from '../ir/errors'
import { checkKeys, requireFunction, requireRecord } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'
import { flattenNested } from '../ops/leaf'
import { flatState } from './flat-state'
import { dot } from './vectors'

/** Values of the operands: numbers and nested arrays become float64, typed arrays of integers, `[n]`, stay what they are. */
export type CheckedValues = Readonly<Record<string, Nested | Int32Array | Uint8Array>>
/** What the function that is checked is given. */
export type CheckedInputs<A extends CheckedValues> = {
  readonly [K in keyof A]: Tensor<
    Shape,
    A[K] extends Int32Array ? 'int32' : A[K] extends Uint8Array ? 'uint8' : 'float64'
  >
}

/** Options of `gradientCheck`. */
export interface GradientCheckOptions {
  /** Variables from outside that the function reads and that are checked as well, in float64, at their first values. */
  readonly variables?: readonly Variable<string, Shape, 'float64'>[]
  /** The largest relative error that passes, 1e-6 by default. */
  readonly tolerance?: number
  /** How far values are moved along a direction, as a share of their size; 3e-4 by default. */
  readonly step?: number
  /** How many random projections and directions are tried, 2 by default. */
  readonly trials?: number
  /** Of the projections and directions, 0 by default. */
  readonly seed?: number
  /** How it is compiled; as JavaScript by default. */
  readonly compile?: CompileOptions
}

/** What `gradientCheck` gives. */
export interface GradientReport {
  /** Whether all errors are within the tolerance. */
  readonly ok: boolean
  /** The largest relative error of the first derivatives by each target, by name. */
  readonly firstOrder: Readonly<Record<string, number>>
  /** The same of the second derivatives. */
  readonly secondOrder: Readonly<Record<string, number>>
  /** The largest of the errors: at which target, in which order. */
  readonly worst: { readonly target: string; readonly order: 1 | 2; readonly error: number }
}

/**
 * Holds the gradients of a function, of first and second order, against central differences of fourth order, in float64: of a
 * random projection of its result, along random directions, for each float operand alone. `f` gets the operands by name and
 * gives one float64 tensor of any shape. Errors are relative to the size of the terms that add up to the derivative. Where a
 * function has kinks, choose values away from them; what it draws at random is the same at each evaluation. Throws a
 * GraphError where the result is no float64, where there is nothing to differentiate by, and for what `f` throws.
 *
 *     const { ok, worst } = gradientCheck(({ x, W }) => tanh(matmul(x, W)), { x: [[1, 2]], W: [[0.1], [-0.3]] })
 */
export function gradientCheck<const A extends CheckedValues>(
  f: (inputs: CheckedInputs<A>) => Tensor,
  at: A,
  options: GradientCheckOptions = {},
): GradientReport {
  checkKeys('gradientCheck', options, ['variables', 'tolerance', 'step', 'trials', 'seed', 'compile'])
  const { variables = [], tolerance = 1e-6, step = 3e-4, trials = 2, seed = 0 } = options
  requireFunction('gradientCheck: f', f)
  requireRecord('gradientCheck', 'operands', at)
  checkNumber('gradientCheck', 'tolerance', tolerance, (v) => v >= 0, 'a number from 0')
  checkNumber('gradientCheck', 'step', step, (v) => v > 0 && v < Infinity, 'a finite number above 0')
  checkNumber('gradientCheck', 'trials', trials, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  checkNumber('gradientCheck', 'seed', seed, Number.isFinite, 'a finite number')
  const inputs = Object.entries(at).map(([name, value]) => [name, operandOf(name, value)] as const)
  const targets = [...inputs.flatMap(([, x]) => (isVariableOf(x) ? [x] : [])), ...variables]
  if (targets.length === 0) throw new GraphError('gradientCheck: there are no floats to differentiate by')
  for (const v of targets)
    if (v.dtype !== 'float64') throw new GraphError(`gradientCheck: ${describe(v)} must be float64`)
  const build = (): Tensor => f(Object.fromEntries(inputs) as unknown as CheckedInputs<A>)
  const firstOrder = targets.map(() => 0)
  const secondOrder = targets.map(() => 0)
  for (let trial = 0; trial < trials; trial++)
    errorsOf(build, targets, `${seed}/${trial}`, options).forEach(([first, second], i) => {
      firstOrder[i] = worse(firstOrder[i]!, first)
      secondOrder[i] = worse(secondOrder[i]!, second)
    })
  const rows = targets.flatMap(({ name }, i) => [
    { target: name, order: 1 as const, error: firstOrder[i]! },
    { target: name, order: 2 as const, error: secondOrder[i]! },
  ])
  const named = (errors: readonly number[]) => Object.fromEntries(targets.map(({ name }, i) => [name, errors[i]!]))
  return {
    ok: rows.every(({ error }) => error <= tolerance),
    firstOrder: named(firstOrder),
    secondOrder: named(secondOrder),
    worst: rows.reduce((a, b) => (isWorse(a.error, b.error) ? b : a)),
  }
}

/** The larger error; what is no number is the worst. */
const worse = (a: number, b: number): number => (isWorse(a, b) ? b : a)
const isWorse = (a: number, b: number): boolean => b > a || (b !== b && a === a)

/** What is moved is a variable, so that each evaluation begins from the same state. */
function operandOf(name: string, value: Nested | Int32Array | Uint8Array): Tensor {
  if (value instanceof Int32Array || value instanceof Uint8Array) return constant(value, { shape: [value.length] })
  const { shape } = flattenNested(`gradientCheck: "${name}"`, value)
  return variable(name, shape, value, { dtype: 'float64' })
}
const isVariableOf = (x: Tensor): x is Variable => x.op.name === 'variable'

/** Errors of first and second order for each target, by one random projection and one direction for each. */
function errorsOf(
  build: () => Tensor,
  targets: readonly Variable[],
  stream: string,
  { step = 3e-4, compile: compileOptions = {} }: GradientCheckOptions,
): (readonly [first: number, second: number])[] {
  const draw = (what: string, shape: readonly number[]): Float64Array => {
    const random = randomStream(0, `${stream}/${what}`)
    return Float64Array.from({ length: sizeOf(shape) }, () => random.normal())
  }
  const constantOf = (what: string, { shape }: Tensor): Tensor => constant(draw(what, shape), { shape })
  const zeros = { disconnected: 'zeros' } as const
  const graph = () => {
    const y = build()
    requireTensor('gradientCheck', y)
    if (y.dtype !== 'float64')
      throw new GraphError(`gradientCheck: the result must be float64, it is ${describe(y)}; cast nothing to float32`)
    const projection = constantOf('projection', y)
    const first = vjp([y], [projection], targets, zeros)
    const terms = first.map((g, i): Tensor<[]> => sum(mul(g, constantOf(`vector ${i}`, g))))
    const q = terms.reduce((a, b) => add(a, b))
    return { p: sum(mul(y, projection)), q, first }
  }
  const net = compile(
    {
      values: entry({}, () => {
        const { p, q } = graph()
        return { outputs: { p, q } }
      }),
      gradients: entry({}, () => {
        const { q, first } = graph()
        const second = grad(q, targets, zeros)
        const outputs = [
          ...first.map((g, i) => [`first ${i}`, g]),
          ...second.map((g, i) => [`second ${i}`, g]),
        ] as const
        return { outputs: Object.fromEntries(outputs) as Record<string, Tensor> }
      }),
    },
    { target: 'js', ...compileOptions },
  )
  const exact = net.gradients({}) as Record<string, number | Float64Array>
  net.state.reset()
  const here = net.values({}) as { p: number; q: number }
  const errors = targets.map((target, i) => {
    net.state.reset()
    const flat = flatState(net, [target])
    const values = flat.get()
    const size = Math.sqrt(dot(values, values) / Math.max(1, values.length)) || 1
    const direction = draw(`direction ${i}`, target.shape).map((v) => v * size)
    const moved = (by: number): { p: number; q: number } => {
      net.state.reset()
      flat.set(values.map((v, k) => v + by * direction[k]!))
      return net.values({})
    }
    const [a, b, c, d] = [moved(step), moved(-step), moved(2 * step), moved(-2 * step)]
    const errorOf = (of: 'p' | 'q', gradient: number | Float64Array): number => {
      const slopes = typeof gradient === 'number' ? Float64Array.of(gradient) : gradient
      const difference = (8 * (a[of] - b[of]) - (c[of] - d[of])) / (12 * step)
      const terms = slopes.reduce((total, g, k) => total + Math.abs(g * direction[k]!), 0)
      // What rounding of the values leaves in a difference is none of the gradient's.
      const scale = terms + Math.abs(difference) + 1e-4 * Math.abs(here[of]) + Number.MIN_VALUE
      return Math.abs(dot(slopes, direction) - difference) / scale
    }
    return [errorOf('p', exact[`first ${i}`]!), errorOf('q', exact[`second ${i}`]!)] as const
  })
  net.dispose()
  return errors
}
