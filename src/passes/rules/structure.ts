import { type DType, sameShape } from '../../ir/type'
import { type Tensor, withInputs } from '../../ir/tensor'
import { mulT } from '../../ops/arith'
import { type BroadcastAttrs, broadcastT } from '../../ops/broadcast'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { castTensor } from '../../ops/promote'
import { type ReshapeAttrs, reshapeT, type TransposeAttrs, transposeT } from '../../ops/view'
import type { Rule } from '../rewrite'
import { foldConstants } from './fold'
import { joinParts } from './joins'
import { movePointwise } from './phases'
import { REDUCTIONS } from './reductions'
import { mergeConcats, mergeFlips, mergePads, mergeSlices } from './views'

const inner = (t: Tensor): Tensor => t.inputs[0]!

/** Moving equal elements about changes nothing. */
const moveNumber: Rule = (t) => {
  const x = inner(t).op.name === 'broadcastTo' ? inner(inner(t)) : inner(t)
  return constantValue(x) === undefined ? undefined : broadcastT(x, t.shape)
}

const mergeReshapes: Rule = (t) => {
  const { shape } = t.attrs as ReshapeAttrs
  if (sameShape(inner(t).shape, shape)) return inner(t)
  return inner(t).op.name === 'reshape' ? reshapeT(inner(inner(t)), shape) : undefined
}

const mergeTransposes: Rule = (t) => {
  const { permutation } = t.attrs as TransposeAttrs
  if (permutation.every((p, i) => p === i)) return inner(t)
  if (inner(t).op.name !== 'transpose') return undefined
  const below = (inner(t).attrs as TransposeAttrs).permutation
  return transposeT(
    inner(inner(t)),
    permutation.map((p) => below[p]!),
  )
}

const mergeBroadcasts: Rule = (t) => {
  const { shape } = t.attrs as BroadcastAttrs
  if (sameShape(inner(t).shape, shape)) return inner(t)
  return inner(t).op.name === 'broadcastTo' ? broadcastT(inner(inner(t)), shape) : undefined
}

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
  // The logarithm of what is next to a power is rounded to that of the power.
  const isPower =
    Math.abs(c) === 2 ** Math.round(Math.log2(Math.abs(c))) && Math.abs(c) >= 2 ** -100 && Math.abs(c) <= 2 ** 100
  return isPower ? mulT(t.inputs[0]!, scalarConstant(1 / c, t.dtype)) : undefined
}

const castToSame: Rule = (t) => (inner(t).dtype === t.dtype ? inner(t) : undefined)
const castConstant: Rule = (t) => {
  const c = constantValue(inner(t))
  return c === undefined ? undefined : (foldConstants(castTensor(inner(t), t.dtype)) ?? undefined)
}

/** What a wider dtype in between held without loss need not pass through it. */
const mergeCasts: Rule = (t) => {
  const x = inner(t)
  if (x.op.name !== 'cast') return undefined
  const from = inner(x)
  return HOLDS[x.dtype].includes(from.dtype) ? castTensor(from, t.dtype) : undefined
}
const HOLDS: Readonly<Record<DType, readonly DType[]>> = {
  bool: ['bool'],
  uint8: ['bool', 'uint8'],
  int32: ['bool', 'uint8', 'int32'],
  float32: ['bool', 'uint8', 'float32'],
  float64: ['bool', 'uint8', 'int32', 'float32', 'float64'],
}

const dropIdentity: Rule = (t) => inner(t)

/** Rules for tensors of any op. */
export const EVERYWHERE: readonly Rule[] = [foldConstants, dropBroadcast, movePointwise]

/** Rules by the op at the top of what they replace. */
export const STRUCTURE: Readonly<Record<string, readonly Rule[]>> = {
  add: [joinParts],
  identity: [dropIdentity],
  reshape: [moveNumber, mergeReshapes],
  transpose: [moveNumber, mergeTransposes],
  broadcastTo: [mergeBroadcasts],
  flip: [moveNumber, mergeFlips],
  slice: [moveNumber, mergeSlices],
  pad: [mergePads],
  concat: [mergeConcats],
  div: [divideByPowerOfTwo],
  cast: [castToSame, castConstant, mergeCasts],
  ...REDUCTIONS,
}
