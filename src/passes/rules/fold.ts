import { evaluate } from '../../ir/evaluate'
import { literal } from '../../ir/scalar'
import type { Tensor } from '../../ir/tensor'
import { constantValue, scalarConstant } from '../../ops/leaf'

/** A pointwise op of rank-0 constants becomes its value, by the very definition that is compiled. */
export function foldConstants(t: Tensor): Tensor | undefined {
  if (t.op.kind !== 'point' || !t.op.pointwise || t.shape.length !== 0) return undefined
  const values = t.inputs.map(constantValue)
  if (values.some((v) => v === undefined)) return undefined
  const { value } = t.op.lower({
    inputs: t.inputs,
    output: t,
    attrs: t.attrs,
    index: [],
    reduceAxis: () => {
      throw new Error('a pointwise op does not reduce')
    },
    read: (i) => literal(values[i]!, t.inputs[i]!.dtype),
    readFlat: (i) => literal(values[i]!, t.inputs[i]!.dtype),
  })
  return scalarConstant(evaluate(value), t.dtype)
}
