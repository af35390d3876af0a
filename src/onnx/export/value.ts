import type { DType, TensorType } from '../../ir/type'
import type { AttributeProto, GraphProto, TensorProto } from '../proto/messages'
import { elementCode, elementOfDType, type ElementType } from '../types'

/** Element types of what is written: ours, and those that ONNX wants of shapes and shifts. */
export type ValueType = DType | 'int64' | 'uint32'

/** A tensor of the graph that is written; compared by identity, as names are chosen at the end. */
export interface Value {
  readonly type: ValueType
  readonly shape: readonly number[]
}

export const valueLike = ({ dtype, shape }: TensorType): Value => ({ type: dtype, shape })

export const elementOf = (type: ValueType): ElementType =>
  type === 'int64' || type === 'uint32' ? type : elementOfDType(type)
export const codeOf = (type: ValueType): number => elementCode(elementOf(type))

/** Attributes of a node by name. */
export type Attributes = Readonly<Record<string, Attribute>>
export type Attribute = Omit<AttributeProto, 'name'>

// The numbers are those of `AttributeProto.AttributeType`.
export const float = (f: number): Attribute => ({ type: 1, f })
export const int = (i: number): Attribute => ({ type: 2, i })
export const text = (s: string): Attribute => ({ type: 3, s: new TextEncoder().encode(s) })
export const tensor = (t: TensorProto): Attribute => ({ type: 4, t })
export const graph = (g: GraphProto): Attribute => ({ type: 5, g })
export const ints = (list: readonly number[]): Attribute => ({ type: 7, ints: [...list] })
