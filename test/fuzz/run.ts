import fc from 'fast-check'
import { pathToFileURL } from 'node:url'
import type { Specialised } from '../../src/compile/internals'
import type { Affine, Axis } from '../../src/ir/affine'
import type { Local, Stmt } from '../../src/ir/loop'
import type { Buffer } from '../../src/ir/plan'
import { loadsOf, type Position, type Scalar, walk } from '../../src/ir/scalar'
import type { Tensor } from '../../src/ir/tensor'
import { type Data, bytesOf, isFloat } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { allScalars } from '../../src/plan/order'
import { build, type Feeds, type Ran, randomNumbers, VARIANTS } from '../ops/cases'
import { evaluateGraph, type Values } from '../ops/reference'
import { bodyOf, feedsOf, inputsOf, type Recipe, recipes } from './graphs'

/** What a graph was found to be: skipped graphs have values that hang on the last digit, so that nothing can be compared. */
export interface Outcome {
  readonly skipped?: string
  readonly ops: ReadonlySet<string>
}

/** Checks every property of a graph; throws where one does not hold. */
export function checkGraph(recipe: Recipe): Outcome {
  const inputs = inputsOf(recipe)
  const body = bodyOf(recipe)
  const runs = Object.entries(VARIANTS).map(([name, options]) => [name, build(inputs, body, options)] as const)
  const [, first] = runs[0]!
  for (const [name, { specialised }] of runs) {
    within(`${name}: plan`, () => checkPlan(specialised))
    within(`${name}: bounds`, () => checkBounds(specialised))
  }
  within('printing', () => checkPrinting(first.specialised, build(inputs, body).specialised))
  const ops = new Set<string>()
  let skipped: string | undefined
  // Two rounds from the same state, so that what the first leaves in memory would be seen.
  for (const round of [1, 2]) {
    const feeds = feedsOf(recipe, round)
    const expected = expectedOf(first, feeds, ops)
    if (typeof expected === 'string') skipped = expected
    for (const [name, ran] of runs) {
      if (round === 2) ran.reset()
      const results = ran.run(feeds)
      if (typeof expected === 'string') continue
      for (const [output, values] of expected.outputs) within(`${name}: ${output}`, () => compare(results[output]!, values))
      for (const [variable, values] of expected.states)
        within(`${name}: state ${variable}`, () => compare(ran.state(variable), values))
    }
    if (recipe.kind === 'smooth' && !skipped) within('gradient', () => checkGradient(first, feeds))
  }
  return { ops, ...(skipped === undefined ? {} : { skipped }) }
}

function within(what: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}
const fail = (message: string): never => {
  throw new Error(message)
}

interface Expected extends Values {
  /** How far rounding to float32 moves the values. */
  readonly noise: number
}
const largest = (data: ArrayLike<number>): number =>
  Array.from(data).reduce((m, v) => (Number.isFinite(v) && Math.abs(v) > m ? Math.abs(v) : m), 0)
const noiseOf = (exact: Values, rounded: Values): number => largest(exact.data.map((v, i) => v - rounded.data[i]!))

/** Outputs and next states by the reference, or why they cannot be foretold. */
function expectedOf({ traced }: Ran, feeds: Feeds, ops: Set<string>) {
  const { outputs, updates } = traced.roots
  const roots = [...outputs.values(), ...updates.values()]
  const bound = new Map([...traced.inputs].map(([name, t]) => [t, feeds[name]!]))
  const [exact, rounded] = [new Map<Tensor, Values>(), new Map<Tensor, Values>()]
  evaluateGraph(roots, bound, { visit: (t, _, v) => exact.set(t, { ...v, data: v.data.slice() }) })
  evaluateGraph(roots, bound, { round: true, visit: (t, _, v) => rounded.set(t, v) })
  const all = new Map<Tensor, Expected>()
  for (const [t, values] of exact) {
    ops.add(t.op.name)
    const other = rounded.get(t)!
    const noise = noiseOf(values, other)
    if (values.data.some((v, i) => Number.isFinite(v) !== Number.isFinite(other.data[i]!))) return `${t.op.name} overflows`
    if (isFloat(t.dtype) && noise > 1e-3 * (largest(values.data) + 1e-3)) return `${t.op.name} is ill-conditioned`
    all.set(t, { ...values, noise })
    const margin = marginOf(t, (x) => all.get(x)!)
    if (margin !== undefined) return `${t.op.name} ${margin}`
  }
  return {
    outputs: [...outputs].map(([name, t]) => [name, all.get(t)!] as const),
    states: [...updates].map(([variable, t]) => [variable.name, all.get(t)!] as const),
  }
}

/** Why the result of a discontinuous op is not certain. Differences of exactly 0 are certain: equal values stay equal. */
function marginOf(t: Tensor, valuesOf: (x: Tensor) => Expected): string | undefined {
  const operands = t.inputs.map(valuesOf)
  const isClose = (apart: number, of: readonly Expected[]): boolean => {
    const scale = Math.max(...of.map((o) => largest(o.data)))
    return apart !== 0 && Math.abs(apart) < 1e-9 * scale + 16 * Math.max(...of.map((o) => o.noise))
  }
  const close = 'of values that are equal up to rounding'
  switch (t.op.name) {
    case 'less':
    case 'lessEqual':
    case 'equal':
    case 'notEqual': {
      const difference = evaluateGraph([subtraction(t)], new Map(t.inputs.map((x, i) => [x, operands[i]!.data])))
      return difference[0]!.data.some((d) => isClose(d, operands)) ? close : undefined
    }
    default:
      return undefined
  }
}
