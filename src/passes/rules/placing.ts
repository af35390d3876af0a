import { isFloat, sameShape } from '../../ir/type'
import { apply, type Tensor, withInputs } from '../../ir/tensor'
import type { ReduceAttrs } from '../../ops/axes'
import { broadcastT, sumOp } from '../../ops/broadcast'
import { convInputOp, type ConvInputAttrs, convKernelOp, type ConvKernelAttrs } from '../../ops/conv'
import { convInputPlaced, convKernelPlaced, type Placed } from '../../ops/conv-placed'
import { constantValue } from '../../ops/leaf'
import { maxPoolT, pickT, placeOp, placeT } from '../../ops/pool'
import type { PoolIndexAttrs } from '../../ops/pool-index'
import { spatialDims, spatialOf } from '../../ops/window'
import { type FoldAttrs, windowsOf } from '../../ops/windows'
import type { Rule, RuleSet } from '../rewrite'

/*
 * What max pooling sends back is zero at all but one tap of each window. Arithmetic on it is done on the pooled elements
 * instead, and a convolution that meets it sums one term a window.
 */

interface PlacedTensor {
  readonly g: Tensor
  readonly index: Tensor
  readonly attrs: FoldAttrs
}
const placedIn = (t: Tensor): PlacedTensor | undefined =>
  t.op.name === 'place' ? { g: t.inputs[0]!, index: t.inputs[1]!, attrs: t.attrs as FoldAttrs } : undefined

/** How deep an expression is followed to the tensor that was pooled. */
const MAX_DEPTH = 8

/** A tensor of the shape that was pooled, at the tap that each window kept. */
function pickedAt(t: Tensor, { index, attrs }: PlacedTensor, shape: readonly number[]): Tensor {
  return followed(t, index, attrs, MAX_DEPTH) ?? pickT(broadcastT(t, shape), index, attrs)
}

function followed(t: Tensor, index: Tensor, attrs: FoldAttrs, depth: number): Tensor | undefined {
  if (constantValue(t) !== undefined) return t
  if (t === pooledBy(index, attrs)) return maxPoolT(t, attrs)
  if (depth === 0 || !t.op.pointwise || !t.inputs.every((x) => x.shape.length === 0 || sameShape(x.shape, t.shape)))
    return undefined
  const inputs = t.inputs.map((x) => followed(x, index, attrs, depth - 1))
  return inputs.every((x) => x !== undefined) ? withInputs(retyped(t, index), inputs) : undefined
}

/** The tensor that was pooled by the very windows by which elements are placed: only then the taps of an index are its largest. */
function pooledBy(index: Tensor, attrs: FoldAttrs): Tensor | undefined {
  if (index.op.name !== 'poolIndex') return undefined
  const { codes, format, ...own } = index.attrs as PoolIndexAttrs
  const pooled = index.inputs[0]!
  const isSame =
    format === attrs.format &&
    (['window', 'strides', 'dilations', 'before', 'after'] as const).every((key) => sameShape(own[key], attrs[key])) &&
    sameShape(spatialOf(pooled.shape, format), attrs.size)
  return isSame && codes.every((c, i) => c === i) ? pooled : undefined
}

/** An op of the full shape stands for one of the pooled shape: only its attributes are taken. */
const retyped = (t: Tensor, index: Tensor): Tensor => ({ ...t, shape: index.shape })

const isZero = (t: Tensor): boolean => constantValue(t) === 0
const replaced = ({ index, attrs }: PlacedTensor, g: Tensor): Tensor => placeT(g, index, attrs)

/** A selection that keeps zero where nothing was placed, or takes from two that were placed alike. */
const selectPlaced: Rule = (t) => {
  const [c, a, b] = t.inputs as [Tensor, Tensor, Tensor]
  const both = [placedIn(a), placedIn(b)]
  if (both[0] && both[0].index === both[1]?.index && sameShape(a.shape, t.shape))
    return replaced(both[0], apply(t.op, [pickedAt(c, both[0], t.shape), both[0].g, both[1].g], {}))
  const at = isZero(b) ? placedIn(a) : isZero(a) ? placedIn(b) : undefined
  if (!at || !sameShape(t.shape, (isZero(b) ? a : b).shape)) return undefined
  const condition = pickedAt(c, at, t.shape)
  return replaced(at, apply(t.op, isZero(b) ? [condition, at.g, b] : [condition, a, at.g], {}))
}

/** A product is zero where one factor is (a quotient where its numerator is): what is no number elsewhere has no weight. */
const multiplyPlaced: Rule = (t) => {
  const [a, b] = t.inputs as [Tensor, Tensor]
  const [left, right] = [placedIn(a), t.op.name === 'mul' ? placedIn(b) : undefined]
  if (left && sameShape(a.shape, t.shape)) return replaced(left, apply(t.op, [left.g, pickedAt(b, left, t.shape)], {}))
  if (right && sameShape(b.shape, t.shape))
    return replaced(right, apply(t.op, [right.g, pickedAt(a, right, t.shape)], {}))
  return undefined
}

/** Signs and conversions between floats. */
const changePlaced: Rule = (t) => {
  const at = placedIn(t.inputs[0]!)
  return at && isFloat(t.dtype) ? replaced(at, apply<unknown>(t.op, [at.g], t.attrs)) : undefined
}

/** Every placed element counts once in a sum over all places. */
const sumPlaced: Rule = (t) => {
  const at = placedIn(t.inputs[0]!)
  const { axes } = t.attrs as ReduceAttrs
  if (!at || !spatialDims(t.inputs[0]!.shape.length, at.attrs.format).every((i) => axes.includes(i))) return undefined
  return apply<unknown>(t.op, [at.g], t.attrs)
}

/** What a convolution can make use of. */
function sourceOf(t: Tensor, { format, groups }: ConvKernelAttrs | ConvInputAttrs): Placed | undefined {
  const at = placedIn(t)
  if (!at || groups !== 1 || format !== 'channelsLast' || at.attrs.format !== format || !isFloat(t.dtype))
    return undefined
  const pooled = pooledBy(at.index, at.attrs)
  return pooled && { g: at.g, pooled, windows: windowsOf(at.attrs) }
}

const kernelOfPlaced: Rule = (t) => {
  const attrs = t.attrs as ConvKernelAttrs
  const source = sourceOf(t.inputs[1]!, attrs)
  return source && convKernelPlaced(t.inputs[0]!, source, attrs)
}
const inputOfPlaced: Rule = (t) => {
  const attrs = t.attrs as ConvInputAttrs
  const source = sourceOf(t.inputs[0]!, attrs)
  return source && convInputPlaced(source, t.inputs[1]!, attrs)
}

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  where: [selectPlaced],
  mul: [multiplyPlaced],
  div: [multiplyPlaced],
  neg: [changePlaced],
  cast: [changePlaced],
  [sumOp.name]: [sumPlaced],
  [convKernelOp.name]: [kernelOfPlaced],
  [convInputOp.name]: [inputOfPlaced],
}

/** For graphs with max pooling, before composites are written out. */
export const PLACING: RuleSet = (op) => RULES[op] ?? []
export const isPlaced = (t: Tensor): boolean => t.op === placeOp
