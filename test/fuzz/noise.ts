import type { Traced } from '../../src/compile/trace-entry'
import type { Tensor } from '../../src/ir/tensor'
import { isFloat } from '../../src/ir/type'
import { EXPANSION } from '../../src/passes/expand'
import { rewrite } from '../../src/passes/rewrite'
import { rootTensors } from '../../src/plan/roots'
import { type Feeds, randomNumbers } from '../ops/cases'
import { evaluateGraph, type EvaluateOptions, roundFloat32, type Values } from '../ops/reference'

export interface Expected extends Values {
  /** How far small errors in each operation move the values: what lies below says nothing. */
  readonly noise: number
}
type Bound = ReadonlyMap<Tensor, readonly number[]>

export function largest(data: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!)
    if (size > most && size < Infinity) most = size
  }
  return most
}
const distance = (a: Values, b: Values): number => largest(a.data.map((v, i) => v - b.data[i]!))

/** A number of few bits is exact wherever it is stored. */
const isExact = (v: number): boolean => Number.isInteger(v * 1024)

/**
 * Rounds to fewer bits than the dtype has, on a grid that `scale` moves. Copies stay equal to what they were copied from,
 * as they do where stores round. Source: Veltkamp's splitting.
 */
const coarse =
  (scale: number) =>
  (value: number, dtype: string): number => {
    const factor = (dtype === 'float32' ? 2 ** 31 : 2 ** 6) + 1
    const t = value * scale * factor
    return Number.isFinite(t) && !isExact(value) ? (t - (t - value * scale)) / scale : value
  }

/**
 * Errors of the size that `coarse` makes, each by itself: code that stores one of two equal values and keeps the other in a
 * register has them differ, which no grid shows.
 */
function apart(exact: ReadonlyMap<Tensor, Values>, seed: number): NonNullable<EvaluateOptions['compute']> {
  const random = randomNumbers(seed)
  const move = (v: number, size: number): number => {
    const error = size * (2 * random() - 1)
    return Number.isFinite(v) && !isExact(v) ? v * (1 + error) : v
  }
  // Copies are equal to a step (a comparison, a rounding to integers): operands are rounded alike before it. So a step sees
  // errors only where they have grown beyond those of storing, by cancellation.
  const settled = (x: Values, t: Tensor): Values => {
    const { data } = exact.get(t)!
    return {
      ...x,
      data: x.data.map((v, i) => (Math.abs(v - data[i]!) <= 2 ** -19 * Math.abs(data[i]!) ? data[i]! : v)),
    }
  }
  return (t, reference, operands) => {
    const isStep = !isFloat(t.dtype) || t.op.vjp === null
    if (isStep) return reference(operands.map((x, i) => settled(x, t.inputs[i]!)))
    const found = reference(operands)
    const size = t.dtype === 'float32' ? 2 ** -22 : 2 ** -47
    return { ...found, data: found.data.map((v) => move(v, size)) }
  }
}

export const boundBy = ({ inputs }: Traced, feeds: Feeds): Bound =>
  new Map([...inputs].map(([name, t]) => [t, feeds[name]!]))

/** The values of all tensors that the roots need. */
export function valuesBy(roots: readonly Tensor[], bound: Bound, options: EvaluateOptions = {}): Map<Tensor, Values> {
  const all = new Map<Tensor, Values>()
  evaluateGraph(roots, bound, { ...options, visit: (t, v) => all.set(t, v) })
  return all
}

/** The values of every tensor by the reference, or why they cannot be foretold. */
export function expectedOf(traced: Traced, feeds: Feeds): Map<Tensor, Expected> | string {
  const whole = rootTensors(traced.roots)
  const bound = boundBy(traced, feeds)
  const exact = valuesBy(whole, bound)
  // A composite rounds inside as well: its parts are what errors come from.
  const expanded = rewrite(whole, EXPANSION)
  const parts = valuesBy(expanded.roots, bound, { compute: (t, reference, x) => exact.get(t) ?? reference(x) })
  // A single value is moved by next to nothing now and then: hardly in all of these.
  const errors: EvaluateOptions[] = [
    ...[roundFloat32, coarse(1), coarse(1.37)].map((round) => ({ round })),
    ...[1, 2, 3].map((seed) => ({ compute: apart(parts, seed) })),
  ]
  const moved = errors.map((options) => valuesBy(expanded.roots, bound, options))
  const all = new Map<Tensor, Expected>()
  for (const [t, values] of exact) {
    const others = moved.flatMap((m) => m.get(expanded.image(t)!) ?? [])
    const isLost = (v: number, i: number): boolean =>
      others.some(({ data }) => (isFloat(t.dtype) ? Number.isFinite(data[i]) !== Number.isFinite(v) : data[i] !== v))
    if (values.data.some(isLost)) return `${t.op.name} depends on the last digit`
    const noise = Math.max(...others.map((o) => distance(values, o)))
    if (isFloat(t.dtype) && noise > 1e-3 * (largest(values.data) + 1e-3)) return `${t.op.name} is ill-conditioned`
    all.set(t, { ...values, noise })
  }
  return all
}
