import { GraphError } from './errors'
import { valueText } from './names-of'
import type { AnyOp, Op } from './op'
import { currentCall, currentOrigin, type Origin, siteText } from './origin'
import type { Shape } from './shapes'
import { checkPositions, type DType, showShape, type TensorType } from './type'

/**
 * A symbolic tensor: an op applied to operands. Plain frozen data; nothing is computed until a program runs.
 * `shape` and `dtype` are known from the start, at run time and (as far as TypeScript can tell) in the types.
 */
export interface Tensor<S extends Shape = Shape, D extends DType = DType> extends TensorType {
  readonly shape: S
  readonly dtype: D
  readonly op: AnyOp
  readonly inputs: readonly Tensor[]
  readonly attrs: unknown
  readonly origin: Origin
}

/** A tensor or a number; a number takes the dtype of the tensor beside it. */
export type Arg = Tensor | number

export const isTensor = (x: unknown): x is Tensor => typeof x === 'object' && x !== null && 'op' in x && 'inputs' in x

/** Fails for what is no tensor: plain JavaScript has no types to say so. */
export function requireTensor(op: string, x: unknown): asserts x is Tensor {
  if (isTensor(x)) return
  const got = x === null ? 'null' : Array.isArray(x) ? 'an array' : typeof x
  throw new GraphError(`${op}: expected a tensor, got ${got}; values enter a graph by constant(...) or as an input`)
}

/** Applies an op: runs its shape rule now, so that a wrong model fails where it is written. */
export function apply<A>(
  op: Op<string, A>,
  inputs: readonly Tensor[],
  attrs: A,
  title: string = currentCall() ?? op.name,
): Tensor {
  for (const x of inputs) requireTensor(title, x)
  let type: TensorType
  try {
    type = op.infer(inputs, attrs)
    checkPositions('the result', type.shape)
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    // Of an op that is written in others: what is wrong, not what those others are.
    throw explained(title, reasons.get(error) ?? error.message, inputs)
  }
  return makeTensor(op as AnyOp, inputs, attrs, type, currentOrigin())
}

/** In plain JavaScript `x * 2` and `x > 0` would be NaN and false of a tensor, and a model of them would say nothing. */
const NO_NUMBER: object = {
  [Symbol.toPrimitive](this: Tensor, hint: string): string {
    if (hint === 'string') return describe(this)
    throw new GraphError(
      `a tensor is no number: ${describe(this)} stands beside an operator such as * or >; write mul(x, 2) or greater(x, 0)`,
    )
  },
}

export const makeTensor = (
  op: AnyOp,
  inputs: readonly Tensor[],
  attrs: unknown,
  type: TensorType,
  origin: Origin,
): Tensor => Object.freeze({ __proto__: NO_NUMBER, op, inputs, attrs, shape: type.shape, dtype: type.dtype, origin })

/** The same value under another origin. A leaf keeps its identity and is returned unchanged. */
export const relabel = (t: Tensor, origin: Partial<Origin>): Tensor =>
  t.op.kind === 'leaf' ? t : makeTensor(t.op, t.inputs, t.attrs, t, { ...t.origin, ...origin })

/** The same op over other operands of the same types; the tensor itself where they are its own. */
export const withInputs = (t: Tensor, inputs: readonly Tensor[]): Tensor =>
  inputs.every((x, i) => x === t.inputs[i])
    ? t
    : makeTensor(t.op, inputs, t.attrs, { shape: t.shape, dtype: t.dtype }, t.origin)

/** How a message speaks of a tensor: by user name, else by a short formula, with type and line. */
export function describe(t: Tensor): string {
  const site = t.origin.name === undefined ? siteText(t.origin) : undefined
  return `${shortFormula(t, 2)} ${t.dtype}${showShape(t.shape)}${site ? ` (${site})` : ''}`
}

function shortFormula(t: Tensor, depth: number): string {
  const { name, gradient } = t.origin
  if (name !== undefined) return `"${name}"`
  if (gradient) return `gradient of ${shortFormula(gradient.of, 1)}`
  if (t.op.name === 'constant') return 'constant'
  if (depth === 0) return '…'
  return `${t.op.name}(${t.inputs.map((x) => shortFormula(x, depth - 1)).join(', ')})`
}

/** What was wrong, of errors that name an op and its operands. */
const reasons = new WeakMap<GraphError, string>()

/** An error of op `name` with its operands, one a line, and the user's line. */
export function explained(name: string, message: string, operands: readonly Tensor[]): GraphError {
  const site = siteText(currentOrigin())
  const lines = operands.map((x, i) => `\n  operand ${i + 1}: ${isTensor(x) ? describe(x) : valueText(x)}`)
  const error = new GraphError(`${name}: ${message}${lines.join('')}${site ? `\n  at ${site}` : ''}`)
  reasons.set(error, message)
  return error
}
