import { GraphError } from '../ir/errors'
import { checkKeys, requireFlag, valueText } from '../ir/names-of'
import type { AnyOp } from '../ir/op'
import { apply, type Arg, describe, explained, requireTensor, type Tensor } from '../ir/tensor'
import { broadcastShapes, showShape } from '../ir/type'
import { normalizeAxes, type ReduceAttrs } from '../ops/axes'
import { toTensor } from '../ops/leaf'
import { promote, toFloat } from '../ops/promote'
import type { ReduceOptions, Unary, UnaryFloat } from './signatures'

// What builders share: operands are checked before anything looks at them.

/** A builder of a float op; integers become float32. */
export const float = (op: AnyOp, attrs: object = {}): UnaryFloat =>
  ((x: Tensor) => apply<unknown>(op, [asFloat(op.name, x)], attrs)) as UnaryFloat

/** A builder of an op on numbers. */
export const number =
  (op: AnyOp): Unary =>
  (x: Tensor) =>
    apply<unknown>(op, [noBool(op.name, x)], {})

export const asFloat = (op: string, x: Tensor): Tensor => toFloat(toTensor(op, x, 'float32'))

export function noBool(op: string, x: Tensor): Tensor {
  requireTensor(op, x)
  if (x.dtype === 'bool') throw new GraphError(`${op}: ${describe(x)} is bool; cast it to a number first`)
  return x
}

/** Two operands brought to one dtype. */
export const pair = (op: string, a: Arg, b: Arg): [Tensor, Tensor] => promote(op, [a, b]) as [Tensor, Tensor]

/** Shapes that do not broadcast are an error of the function that was called, not of a part of its formula. */
export function requireBroadcast(op: string, tensors: readonly Tensor[]): void {
  tensors.reduce<readonly number[]>((shape, t) => {
    const wide = broadcastShapes(shape, t.shape)
    if (wide) return wide
    const shapes = tensors.map((x) => showShape(x.shape)).join(', ')
    throw explained(
      op,
      `shapes ${shapes} do not broadcast: aligned from the right, extents must be equal or 1`,
      tensors,
    )
  }, [])
}

/** Operands brought to one dtype, whose shapes broadcast. */
export function alike(op: string, args: readonly Arg[]): Tensor[] {
  const tensors = promote(op, args)
  requireBroadcast(op, tensors)
  return tensors
}
export const alikePair = (op: string, a: Arg, b: Arg): [Tensor, Tensor] => alike(op, [a, b]) as [Tensor, Tensor]

export type AnyReduceOptions = ReduceOptions<number | readonly number[] | undefined, boolean>
/** `others` are options that a reduction has besides. */
export function reduceAttrs(
  op: string,
  x: Tensor,
  options: AnyReduceOptions = {},
  others: readonly string[] = [],
): ReduceAttrs {
  requireTensor(op, x)
  checkKeys(op, options, ['axis', 'keepDims', ...others])
  const { axis, keepDims = false } = options
  requireFlag(`${op}: keepDims`, keepDims)
  return { axes: normalizeAxes(op, axis, x.shape), keepDims }
}

/** Throws for an option that is no number of those it may be; `want` says which. */
export function checkNumber(
  op: string,
  name: string,
  value: unknown,
  isLegal: (v: number) => boolean,
  want: string,
): void {
  if (typeof value !== 'number' || !isLegal(value))
    throw new GraphError(`${op}: ${name} must be ${want}, it is ${valueText(value)}`)
}
