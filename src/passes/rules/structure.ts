import { sameShape, sizeOf } from '../../ir/type'
import { apply, type Tensor, withInputs } from '../../ir/tensor'
import { mulT } from '../../ops/arith'
import { type BroadcastAttrs, broadcastT, sumT } from '../../ops/broadcast'
import type { ReduceAttrs } from '../../ops/axes'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { castTensor } from '../../ops/promote'
import { maxT } from '../../ops/reduce'
import { type ReshapeAttrs, reshapeT, type TransposeAttrs, transposeOp } from '../../ops/view'
import type { Rule } from '../rewrite'
import { foldConstants } from './fold'

const inner = (t: Tensor): Tensor => t.inputs[0]!

const mergeReshapes: Rule = (t) => {
  const { shape } = t.attrs as ReshapeAttrs
  if (constantValue(inner(t)) !== undefined) return broadcastT(inner(t), shape)
  if (sameShape(inner(t).shape, shape)) return inner(t)
  return inner(t).op.name === 'reshape' ? reshapeT(inner(inner(t)), shape) : undefined
}

const mergeTransposes: Rule = (t) => {
  const { permutation } = t.attrs as TransposeAttrs
  if (permutation.every((p, i) => p === i)) return inner(t)
  if (inner(t).op.name !== 'transpose') return undefined
  const below = (inner(t).attrs as TransposeAttrs).permutation
  return apply(transposeOp, [inner(inner(t))], { permutation: permutation.map((p) => below[p]!) })
}

const mergeBroadcasts: Rule = (t) => {
  const { shape } = t.attrs as BroadcastAttrs
  if (sameShape(inner(t).shape, shape)) return inner(t)
  return inner(t).op.name === 'broadcastTo' ? broadcastT(inner(inner(t)), shape) : undefined
}

const flipTwice: Rule = (t) =>
  inner(t).op.name === 'flip' && JSON.stringify(inner(t).attrs) === JSON.stringify(t.attrs)
    ? inner(inner(t))
    : undefined

/** An elementwise op broadcasts its operands by itself: an explicit broadcast is dropped where another operand has the shape. */
const dropBroadcast: Rule = (t) => {
  if (!t.op.pointwise) return undefined
  for (let i = 0; i < t.inputs.length; i++) {
    const x = t.inputs[i]!
    if (x.op.name !== 'broadcastTo') continue
    const inputs = t.inputs.map((y, j) => (j === i ? inner(x) : y))
    if (sameShape(t.op.infer(inputs, t.attrs).shape, t.shape)) return withInputs(t, inputs)
  }
  return undefined
}

/** Division by a power of two is exactly a multiplication. */
const divideByPowerOfTwo: Rule = (t) => {
  const c = constantValue(t.inputs[1]!)
  if (c === undefined || c === 0 || !Number.isFinite(c)) return undefined
  const isPower = Number.isInteger(Math.log2(Math.abs(c))) && Math.abs(c) >= 2 ** -100 && Math.abs(c) <= 2 ** 100
  return isPower ? mulT(t.inputs[0]!, scalarConstant(1 / c, t.dtype)) : undefined
}

const castToSame: Rule = (t) => (inner(t).dtype === t.dtype ? inner(t) : undefined)
const castConstant: Rule = (t) => {
  const c = constantValue(inner(t))
  return c === undefined ? undefined : (foldConstants(castTensor(inner(t), t.dtype)) ?? undefined)
}

/** A reduction over axes of extent 1 changes nothing but the shape. */
const reduceOnes: Rule = (t) => {
  const { axes } = t.attrs as ReduceAttrs
  return sizeOf(axes.map((i) => inner(t).shape[i]!)) === 1 ? reshapeT(inner(t), t.shape) : undefined
}

/** Reductions that keep their axes are the same reduction under another shape: one form, so that equal ones meet. */
const dropKeptAxes =
  (make: (x: Tensor, attrs: ReduceAttrs) => Tensor): Rule =>
  (t) => {
    const { axes, keepDims } = t.attrs as ReduceAttrs
    return keepDims ? reshapeT(make(inner(t), { axes, keepDims: false }), t.shape) : undefined
  }

const dropIdentity: Rule = (t) => inner(t)

/** Rules for tensors of any op. */
export const EVERYWHERE: readonly Rule[] = [foldConstants, dropBroadcast]

/** Rules by the op at the top of what they replace. */
export const STRUCTURE: Readonly<Record<string, readonly Rule[]>> = {
  identity: [dropIdentity],
  reshape: [mergeReshapes],
  transpose: [mergeTransposes],
  broadcastTo: [mergeBroadcasts],
  flip: [flipTwice],
  div: [divideByPowerOfTwo],
  cast: [castToSame, castConstant],
  sum: [reduceOnes, dropKeptAxes(sumT)],
  max: [reduceOnes, dropKeptAxes(maxT)],
}
