import type { AnyOp } from '../../src/ir/op'
import { apply, type Tensor } from '../../src/ir/tensor'
import type { DType } from '../../src/ir/type'
import { constantValue, makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'

export const x = makeInput('x', { dtype: 'float32', shape: [2, 3] })
export const cube = makeInput('cube', { dtype: 'float64', shape: [2, 3, 4] })
export const row = makeInput('row', { dtype: 'float32', shape: [3] })
export const whole = makeInput('whole', { dtype: 'int32', shape: [2, 3, 4] })
export const flags = makeInput('flags', { dtype: 'bool', shape: [2, 3, 4] })
export const ones = makeInput('ones', { dtype: 'int32', shape: [1, 4, 1] })
export const op = (name: OpName, inputs: readonly Tensor[], attrs: unknown): Tensor =>
  apply(OPS[name] as AnyOp, inputs, attrs)
export const stretch = (t: Tensor, ...shape: number[]): Tensor => op('broadcastTo', [t], { shape })
export const flip = (t: Tensor, axes: readonly number[]): Tensor => op('flip', [t], { axes })
export const permute = (t: Tensor, ...permutation: number[]): Tensor => op('transpose', [t], { permutation })
export const shaped = (t: Tensor, ...shape: number[]): Tensor => op('reshape', [t], { shape })
export const part = (t: Tensor, start: number[], step: number[], size: number[]): Tensor => op('slice', [t], { start, step, size }) // prettier-ignore
export const bordered = (t: Tensor, before: number[], after: number[], value = 0): Tensor => op('pad', [t], { before, after, value }) // prettier-ignore
export const joined = (axis: number, ...parts: readonly Tensor[]): Tensor => op('concat', parts, { axis })
export const converted = (t: Tensor, dtype: DType): Tensor => op('cast', [t], { dtype })
export const reduced = (name: OpName, t: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  op(name, [t], { axes, keepDims })

/** A graph as nested calls of ops, without attributes. */
export const showForm = (t: Tensor): string =>
  t.op.name === 'input'
    ? (t.attrs as { readonly name: string }).name
    : t.op.name === 'constant'
      ? String(constantValue(t))
      : `${t.op.name}(${t.inputs.map(showForm).join(', ')})`
