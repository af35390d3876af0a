import { GraphError } from '../ir/errors'
import { convert } from '../ir/evaluate'
import { valueText } from '../ir/names-of'
import type { AnyOp, Op } from '../ir/op'
import { currentOrigin, type Origin } from '../ir/origin'
import { type Arg, makeTensor, requireTensor, type Tensor } from '../ir/tensor'
import { checkDType, type Data, type DType, isFloat, sizeOf, type TensorType } from '../ir/type'
import type { VariableAttrs } from '../ir/variable'

const leafType = (op: string) => (): TensorType => {
  throw new GraphError(`${op}: a leaf has its type from the start`)
}

/** An input of an entry, fed at each call. */
export const inputOp: Op<'input', { readonly name: string }> = {
  name: 'input',
  kind: 'leaf',
  infer: leafType('input'),
  vjp: null,
}

/** State that is kept between steps. */
export const variableOp: Op<'variable', VariableAttrs> = {
  name: 'variable',
  kind: 'leaf',
  infer: leafType('variable'),
  vjp: null,
}

/** A number (rank 0, printed into the code) or a data array (kept in memory). */
export interface ConstantAttrs {
  readonly value: number | Data
}
export const constantOp: Op<'constant', ConstantAttrs> = {
  name: 'constant',
  kind: 'leaf',
  infer: leafType('constant'),
  vjp: null,
}

export const makeInput = (name: string, type: TensorType): Tensor =>
  makeTensor(inputOp as AnyOp, [], { name }, type, { ...currentOrigin(), name })

// Numbers look the same wherever they were written.
const NOWHERE: Origin = { scope: '' }

/** A rank-0 constant; rounded to its dtype now, so that what is printed is what is computed. */
export function scalarConstant(value: number, dtype: DType): Tensor {
  return makeTensor(constantOp as AnyOp, [], { value: convert(value, dtype) }, { dtype, shape: [] }, NOWHERE)
}

export const dataConstant = (data: Data, type: TensorType): Tensor =>
  makeTensor(constantOp as AnyOp, [], { value: data }, type, currentOrigin())

/** The number of a rank-0 constant, undefined for anything else. */
export function constantValue(t: Tensor): number | undefined {
  if (t.op.name !== 'constant') return undefined
  const { value } = t.attrs as ConstantAttrs
  return typeof value === 'number' ? value : undefined
}

/** Numbers are weak: they take the dtype of the tensor beside them, a fraction beside an integer gives float32. */
export function toTensor(op: string, x: Arg, beside: DType): Tensor {
  if (typeof x !== 'number') {
    requireTensor(op, x)
    return x
  }
  if (isFloat(beside)) return scalarConstant(x, beside)
  if (!Number.isInteger(x)) return scalarConstant(x, 'float32')
  if (beside === 'uint8' && x >= 0 && x <= 255) return scalarConstant(x, 'uint8')
  if (x < -(2 ** 31) || x >= 2 ** 31)
    throw new GraphError(`${op}: the number ${x} does not fit int32; cast the tensor beside it`)
  return scalarConstant(x, 'int32')
}

const RANGES: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  bool: [0, 1],
}

/** Throws for what is no number: plain JavaScript would make NaN or 0 of it. `advice` says what does take it. */
export function requireNumber(what: string, value: unknown, advice = ''): asserts value is number {
  if (typeof value !== 'number') throw new GraphError(`${what} must be a number, it is ${valueText(value)}${advice}`)
}

/** Numbers that a user gives for a dtype must be of it: a fraction for int32 is no int32. */
export function checkValues(what: string, values: ArrayLike<number>, dtype: DType): void {
  checkDType(what, dtype)
  // A typed array holds nothing else.
  if (!ArrayBuffer.isView(values)) for (let i = 0; i < values.length; i++) requireNumber(what, values[i])
  const range = RANGES[dtype]
  if (!range) return
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isInteger(value) && value >= range[0] && value <= range[1]) continue
    throw new GraphError(
      `${what}: ${value}${values.length > 1 ? ` at position ${i}` : ''} is no ${dtype}; ` +
        `${dtype} holds whole numbers from ${range[0]} to ${range[1]}`,
    )
  }
}

/** Nested arrays to flat data; the shape is read off and must be regular. */
export function flattenNested(op: string, value: unknown): { readonly shape: number[]; readonly values: number[] } {
  const shape: number[] = []
  for (let level: unknown = value; Array.isArray(level); level = level[0] as unknown) shape.push(level.length)
  const values: number[] = []
  const visit = (part: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof part !== 'number' && typeof part !== 'boolean')
        throw new GraphError(
          `${op}: expected numbers in arrays of one depth, found ${Array.isArray(part) ? 'an array' : typeof part}`,
        )
      values.push(Number(part))
      return
    }
    if (!Array.isArray(part) || part.length !== shape[depth])
      throw new GraphError(`${op}: nested arrays are uneven at depth ${depth}: expected length ${shape[depth]}`)
    for (const inner of part) visit(inner, depth + 1)
  }
  visit(value, 0)
  return { shape, values: sizeOf(shape) === 0 ? [] : values }
}
