import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys, requireFunction, valueText } from '../ir/names-of'
import { currentOrigin } from '../ir/origin'
import type { Shape } from '../ir/shapes'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { withTurn } from '../ir/trace'
import { sameShape, showType } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { standIn } from '../ops/region'
import { segmented, turnsFor } from './scan-checkpoints'
import { scanT } from '../ops/scan'
import type { ScanSpec } from '../ops/scan-parts'
import { fromFrontT, toFrontT } from '../ops/view'

export type Tensors = Readonly<Record<string, Tensor>>

/** A shape without the axis that is scanned; known for the first two axes. */
export type SliceShape<S extends Shape, A extends number> = A extends 0
  ? S extends readonly [number, ...infer R extends Shape]
    ? R
    : Shape
  : A extends 1
    ? S extends readonly [infer B extends number, number, ...infer R extends Shape]
      ? readonly [B, ...R]
      : Shape
    : Shape
/** A shape with the axis that outputs are stacked along. */
export type StackShape<S extends Shape, A extends number> = number extends S['length']
  ? Shape
  : A extends 0
    ? readonly [number, ...S]
    : A extends 1
      ? S extends readonly [infer B extends number, ...infer R extends Shape]
        ? readonly [B, number, ...R]
        : Shape
      : Shape

export type Slices<X extends Tensors, A extends number> = {
  readonly [K in keyof X]: Tensor<SliceShape<X[K]['shape'], A>, X[K]['dtype']>
}
export type Carried<C extends Tensors> = { readonly [K in keyof C]: Tensor<C[K]['shape'], C[K]['dtype']> }
export type Stacked<O extends Tensors, A extends number> = {
  readonly [K in keyof O]: Tensor<StackShape<O[K]['shape'], A>, O[K]['dtype']>
}

/** What `scan` runs over, from what and how. */
export interface ScanOptions<C extends Tensors, X extends Tensors, O extends Tensors, A extends number> {
  /** First values of what a turn hands to the next, by name. */
  readonly carry: C
  /** Tensors of which each turn sees one slice along `axis`, by name; their extents along it are equal. */
  readonly over?: X
  /** The axis of `over` and of the stacked outputs, 0 by default. */
  readonly axis?: A
  /** From the last slice to the first; outputs stay at the place of their slice. */
  readonly reverse?: boolean
  /** The number of turns, needed where `over` is empty. */
  readonly length?: number
  /**
   * Bytes that may be kept from turn to turn for the gradient; all that it needs by default. With less, only carries between
   * segments of turns are kept, in segments as long as fit, and each segment is computed once more for the gradient.
   */
  readonly memory?: number
  /**
   * One turn: from carries, slices and the place along the axis (int32) to the carries of the next turn, of the same shapes
   * and dtypes, and outputs by name. It is called once.
   */
  readonly step: (
    carry: Carried<C>,
    slices: Slices<X, A>,
    place: Tensor<readonly [], 'int32'>,
  ) => { readonly carry: { readonly [K in keyof C]: Tensor }; readonly outputs?: O }
}

/**
 * Runs a step over slices of tensors, one after another: code and compile time do not depend on how many there are. Carries
 * go from turn to turn, outputs are stacked along `axis`; a tensor from outside may be used in the step like anywhere. The
 * result has the carries after the last turn and the stacked outputs. Differentiable to any order: the gradient runs the
 * other way. Steps may contain scans. Random numbers drawn in a step differ from turn to turn.
 *
 *     const { carry, outputs } = scan({
 *       over: { x },
 *       carry: { h: h0 },
 *       step: ({ h }, { x }) => {
 *         const next = tanh(add(matmul(x, W), matmul(h, U)))
 *         return { carry: { h: next }, outputs: { h: next } }
 *       },
 *     })
 *
 * Throws a GraphError where lengths differ or are zero, or where a carry changes its shape or dtype.
 */
export function scan<
  const C extends Tensors,
  const X extends Tensors = Readonly<Record<never, never>>,
  const O extends Tensors = Readonly<Record<never, never>>,
  const A extends number = 0,
>(
  options: ScanOptions<C, X, O, A>,
): {
  readonly carry: Carried<C>
  readonly outputs: Stacked<O, A>
} {
  return scanFor('scan', options)
}

/** `scan` under the name of the function that was called. */
function scanFor<C extends Tensors, X extends Tensors, O extends Tensors, A extends number>(
  what: string,
  options: ScanOptions<C, X, O, A>,
): {
  readonly carry: Carried<C>
  readonly outputs: Stacked<O, A>
} {
  checkKeys(what, options, ['carry', 'over', 'axis', 'reverse', 'length', 'memory', 'step'])
  checkFlags(what, options, ['reverse'])
  const {
    carry = {},
    over = {},
    axis = 0,
    reverse = false,
    memory,
    step,
  } = options as unknown as ScanOptions<Tensors, Tensors, O, number>
  requireFunction(`${what}: step`, step)
  requireTensors(what, 'carry', carry)
  requireTensors(what, 'over', over)
  const xs = Object.entries(over).map(([name, x]) => {
    requireTensor(what, x)
    return { name, x, moved: toFrontT(x, normalizeAxis(what, axis, x.shape)) }
  })
  const firsts = Object.entries(carry)
  for (const [, first] of firsts) requireTensor(what, first)
  const length = lengthOf(what, xs, options.length)
  const { scope } = currentOrigin()
  const slices = xs.map(({ name, moved }) =>
    standIn('slice', { dtype: moved.dtype, shape: moved.shape.slice(1) }, { scope, name }),
  )
  const carries = firsts.map(([name, first]) => standIn('carry', first, { scope, name }))
  const turn = standIn('turn', { dtype: 'int32', shape: [] }, { scope, name: 't' })
  const made = withTurn(turn, () => step(named(firsts.map(([name]) => name), carries), named(xs.map((x) => x.name), slices) as never, turn as never)) // prettier-ignore
  const next = checkedCarries(what, firsts, made)
  const outputs = Object.entries(made.outputs ?? {})
  for (const [name, t] of outputs)
    if (!isTensor(t)) throw new GraphError(`${what}: output "${name}" of the step is not a tensor`)
  const spec: ScanSpec = {
    length,
    reverse,
    over: xs.map(({ moved }, i) => [moved, slices[i]!] as const),
    carry: firsts.map(([, first], i) => [first, carries[i]!, next[i]!] as const),
    turn,
    outputs: outputs.map(([, t]) => t),
  }
  const { finals, stacks } = memory === undefined ? scanT(spec) : segmented(spec, turnsFor(spec, memory))
  const back = stacks.map((t) => fromFrontT(t, normalizeAxis(what, axis, t.shape)))
  return {
    carry: named(firsts.map(([name]) => name), finals), // prettier-ignore
    outputs: named(outputs.map(([name]) => name), back), // prettier-ignore
  } as never
}

/**
 * Applies a step `count` times: what it gives is what it gets the next time. `carry` has the first values by name.
 *
 *     const { x } = iterate(10, { x: guess }, ({ x }) => ({ x: mul(0.5, add(x, div(a, x))) }))
 */
export const iterate = <const C extends Tensors>(
  count: number,
  carry: C,
  step: (carry: Carried<C>, place: Tensor<readonly [], 'int32'>) => { readonly [K in keyof C]: Tensor },
): Carried<C> => {
  requireFunction('iterate: step', step)
  const turn: ScanOptions<C, Tensors, Tensors, 0>['step'] = (before, _, place) => {
    const next = step(before, place)
    requireTensors('iterate', 'what the step returns', next)
    return { carry: next }
  }
  return scanFor('iterate', { carry, length: count, step: turn }).carry
}

function requireTensors(what: string, which: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isTensor(given))
    throw new GraphError(`${what}: ${which} must be tensors by name, such as { x }, it is ${valueText(given)}`)
}

const named = (names: readonly string[], tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))

function lengthOf(
  what: string,
  xs: readonly { name: string; x: Tensor; moved: Tensor }[],
  given: number | undefined,
): number {
  const known = [
    ...xs.map(({ name, x, moved }) => ({
      what: x.origin.name === name ? describe(x) : `"${name}" (${describe(x)})`,
      length: moved.shape[0]!,
    })),
    ...(given === undefined ? [] : [{ what: 'the option length', length: given }]),
  ]
  const [first] = known
  if (!first) throw new GraphError(`${what}: say over which tensors, or how many turns by { length }`)
  const other = known.find((k) => k.length !== first.length)
  if (other)
    throw new GraphError(
      `${what}: ${first.what} has ${first.length} slices and ${other.what} has ${other.length}; they must be equal`,
    )
  if (!Number.isInteger(first.length) || first.length < 1)
    throw new GraphError(`${what}: the number of turns must be a whole number from 1, it is ${first.length}`)
  return first.length
}

function checkedCarries(
  what: string,
  firsts: readonly (readonly [string, Tensor])[],
  made: { readonly carry?: Tensors; readonly outputs?: Tensors } | undefined,
): Tensor[] {
  const carry = made?.carry
  if (typeof carry !== 'object' || carry === null)
    throw new GraphError(`${what}: the step must return { carry: { ... }, outputs: { ... } }`)
  for (const key of Object.keys(made!))
    if (key !== 'carry' && key !== 'outputs')
      throw new GraphError(`${what}: the step returned "${key}", which is neither carry nor outputs`)
  const names = firsts.map(([name]) => name)
  for (const name of Object.keys(carry))
    if (!names.includes(name))
      throw new GraphError(`${what}: the step hands on "${name}"; the carries are ${names.join(', ') || 'none'}`)
  return firsts.map(([name, first]) => {
    const next = carry[name]
    if (!isTensor(next)) throw new GraphError(`${what}: the step does not hand on the carry "${name}"`)
    if (next.dtype !== first.dtype || !sameShape(next.shape, first.shape))
      throw new GraphError(
        `${what}: the carry "${name}" begins as ${showType(first)} (${describe(first)}), and the step hands on ` +
          `${describe(next)}; shape and dtype must stay the same`,
      )
    return next
  })
}
