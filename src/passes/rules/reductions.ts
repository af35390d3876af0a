import type { AnyOp } from '../../ir/op'
import { apply, type Tensor } from '../../ir/tensor'
import { isFloat, sizeOf } from '../../ir/type'
import { mulT, negT } from '../../ops/arith'
import type { ReduceAttrs } from '../../ops/axes'
import { type BroadcastAttrs, broadcastT, sumOp } from '../../ops/broadcast'
import { allOp, anyOp, minOp, prodOp } from '../../ops/extrema'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { maxOp } from '../../ops/reduce'
import { reshapeT } from '../../ops/view'
import type { Rule } from '../rewrite'

const inner = (t: Tensor): Tensor => t.inputs[0]!
const axesOf = (t: Tensor): readonly number[] => (t.attrs as ReduceAttrs).axes
const over = (op: AnyOp, x: Tensor, axes: readonly number[]): Tensor =>
  axes.length === 0 ? x : apply<unknown>(op, [x], { axes, keepDims: false })

/** A reduction over axes of extent 1 changes nothing but the shape. */
const reduceOnes: Rule = (t) =>
  sizeOf(axesOf(t).map((i) => inner(t).shape[i]!)) === 1 ? reshapeT(inner(t), t.shape) : undefined

/** Reductions that keep their axes are the same reduction under another shape: one form, so that equal ones meet. */
const dropKeptAxes: Rule = (t) =>
  (t.attrs as ReduceAttrs).keepDims ? reshapeT(over(t.op, inner(t), axesOf(t)), t.shape) : undefined

/**
 * A reduction of a reduction, with nothing but extents of 1 coming or going in between, reduces once. One that others
 * read too stays: it is smaller than what it was made from.
 */
const reduceOnce: Rule = (t, shared) => {
  const between = inner(t)
  const x = between.op.name === 'reshape' ? inner(between) : between
  if (x.op !== t.op || shared.has(between) || shared.has(x) || (x.attrs as ReduceAttrs).keepDims) return undefined
  const wide = longAxes(between.shape)
  const below = longAxes(x.shape)
  if (wide.length !== below.length || wide.some((a, i) => between.shape[a] !== x.shape[below[i]!])) return undefined
  const again = new Set(axesOf(t).flatMap((a) => (wide.includes(a) ? [below[wide.indexOf(a)]!] : [])))
  const source = inner(x)
  let kept = 0
  const axes = source.shape.flatMap((_, i) => (axesOf(x).includes(i) || again.has(kept++) ? [i] : []))
  return reshapeT(over(t.op, source, axes), t.shape)
}
const longAxes = (shape: readonly number[]): number[] => shape.flatMap((d, i) => (d === 1 ? [] : [i]))

/** Repeated elements are reduced once; `repair` says what the repetition does to the result. */
const dropRepetition =
  (repair: (result: Tensor, times: number) => Tensor): Rule =>
  (t) => {
    const wide = inner(t)
    if (wide.op.name !== 'broadcastTo' || (t.attrs as ReduceAttrs).keepDims) return undefined
    const x = inner(wide)
    const { shape } = wide.attrs as BroadcastAttrs
    const lead = shape.length - x.shape.length
    const repeated = axesOf(t).filter((i) => shape[i] !== 1 && (x.shape[i - lead] ?? 1) === 1)
    const times = sizeOf(repeated.map((i) => shape[i]!))
    if (repeated.length === 0 || times === 0) return undefined
    const isKept = (i: number): boolean => !repeated.includes(i)
    const narrow = reshapeT(x, x.shape.filter((_, i) => isKept(lead + i))) // prettier-ignore
    const spread = broadcastT(narrow, shape.filter((_, i) => isKept(i))) // prettier-ignore
    const axes = axesOf(t).filter(isKept).map((i) => i - repeated.filter((r) => r < i).length) // prettier-ignore
    return repair(over(t.op, spread, axes), times)
  }
const asIs = (result: Tensor): Tensor => result
const timesOver = (result: Tensor, times: number): Tensor => mulT(result, scalarConstant(times, result.dtype))

// A sum of products gets a loop for itself when it is lowered; with a sign or a factor inside, it shares one.
const isProduct = ({ op }: Tensor): boolean => op.name === 'mul' || op.name === 'square'

const sumOfNegative: Rule = (t) => {
  const x = inner(t)
  return x.op.name === 'neg' && !isProduct(inner(x)) ? negT(over(sumOp, inner(x), axesOf(t))) : undefined
}

/** A factor below 1 stays inside: without it the sum might overflow. */
const sumOfMultiple: Rule = (t) => {
  const x = inner(t)
  if (x.op.name !== 'mul') return undefined
  const [a, b] = x.inputs as readonly [Tensor, Tensor]
  return multipleOf(a, b, t) ?? multipleOf(b, a, t)
}
function multipleOf(x: Tensor, by: Tensor, t: Tensor): Tensor | undefined {
  const factor = constantValue(by)
  if (factor === undefined || !Number.isFinite(factor) || isProduct(x)) return undefined
  return Math.abs(factor) >= 1 || !isFloat(t.dtype) ? mulT(over(sumOp, x, axesOf(t)), by) : undefined
}

/** Floating products are left in their order: another one may overflow where this one does not. */
const multiplyOnce: Rule = (t, shared) => (isFloat(t.dtype) ? undefined : reduceOnce(t, shared))

const first = [reduceOnes, dropKeptAxes]
const choices = [...first, reduceOnce, dropRepetition(asIs)]

/** Rules for reductions, by op; keepDims is gone after the first two. */
export const REDUCTIONS = {
  [sumOp.name]: [...first, reduceOnce, dropRepetition(timesOver), sumOfNegative, sumOfMultiple],
  [prodOp.name]: [...first, multiplyOnce],
  [maxOp.name]: choices,
  [minOp.name]: choices,
  [anyOp.name]: choices,
  [allOp.name]: choices,
} satisfies Readonly<Record<string, readonly Rule[]>>
