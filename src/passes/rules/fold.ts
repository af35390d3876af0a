import { evaluate } from '../../ir/evaluate'
import { literal, type Scalar } from '../../ir/scalar'
import type { Tensor } from '../../ir/tensor'
import { constantValue, scalarConstant } from '../../ops/leaf'

/** A pointwise op of rank-0 constants becomes its value, by the very definition that is compiled. */
export function foldConstants(t: Tensor): Tensor | undefined {
  if (t.op.kind !== 'point' || !t.op.pointwise || t.shape.length !== 0) return undefined
  const values = t.inputs.map(constantValue)
  if (values.some((v) => v === undefined)) return undefined
  const operands = t.inputs.map((x, i) => literal(values[i]!, x.dtype))
  return scalarConstant(evaluate(pointValue(t, operands)), t.dtype)
}

/** What a pointwise op makes of its operands at a point. */
export function pointValue(t: Tensor, operands: readonly Scalar[]): Scalar {
  if (t.op.kind !== 'point' || !t.op.pointwise) throw new Error(`${t.op.name} is not pointwise`)
  const read = (i: number): Scalar => operands[i]!
  return t.op.lower({
    inputs: t.inputs,
    output: t,
    attrs: t.attrs,
    index: [],
    reduceAxis: () => {
      throw new Error('a pointwise op does not reduce')
    },
    read,
    readFlat: read,
  }).value
}
