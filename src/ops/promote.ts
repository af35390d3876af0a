import { GraphError } from '../ir/errors'
import { type AnyOp } from '../ir/op'
import { apply, type Arg, describe, isTensor, type Tensor } from '../ir/tensor'
import { checkDType, type DType, isFloat, showType } from '../ir/type'
import { castOp } from './cast'
import { toTensor } from './leaf'

const RANK: Readonly<Record<DType, number>> = { bool: 0, uint8: 1, int32: 2, float32: 3, float64: 4 }

/** The dtype two operands meet in, or null: float32 and float64 meet only by a cast that the user writes. */
export function promotedDtype(a: DType, b: DType): DType | null {
  if (a === b) return a
  if (isFloat(a) && isFloat(b)) return null
  return RANK[a] > RANK[b] ? a : b
}

export function castTensor(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x
  checkDType('cast', dtype)
  return apply(castOp, [x], { dtype })
}

/** Operands of an op brought to one dtype by the promotion table. */
export function promote(op: string, args: readonly Arg[]): Tensor[] {
  // Numbers take what the tensors meet in.
  const own = args.filter((x): x is Tensor => isTensor(x)).map((x) => x.dtype)
  const met = own.reduce<DType | null>((d, x) => d && promotedDtype(d, x), own[0] ?? 'float32')
  const all = args.map((x) => toTensor(op, x, met ?? own[0]!))
  const dtype = all.reduce<DType | null>((d, x) => (d === null ? null : promotedDtype(d, x.dtype)), all[0]!.dtype)
  if (dtype === null) {
    throw new GraphError(
      `${op}: ${all.map(showType).join(' and ')} do not mix; write cast(x, 'float64') or cast(x, 'float32')` +
        all.map((x, i) => `\n  operand ${i + 1}: ${describe(x)}`).join(''),
    )
  }
  return all.map((x) => castTensor(x, dtype))
}

/** A builder of an op over two promoted operands, and of no more: `reduce` passes a place behind them. */
export const promoted =
  (op: AnyOp) =>
  (a: Arg, b: Arg): Tensor =>
    apply(op, promote(op.name, [a, b]), {})

/** Like `promoted`, but the operands become floats: integers give float32. */
export const promotedFloat =
  (op: AnyOp) =>
  (a: Arg, b: Arg): Tensor =>
    apply(op, promote(op.name, [a, b]).map(toFloat), {})

export const toFloat = (x: Tensor): Tensor => (isFloat(x.dtype) ? x : castTensor(x, 'float32'))
