import { GraphError } from '../ir/errors'
import type { Formula } from '../ir/formula'
import type { Op, Vjp } from '../ir/op'
import type { Scalar } from '../ir/scalar'
import { broadcastShapes, type DType, sameShape, showShape, showType, type TensorType } from '../ir/type'

export interface ElementwiseSpec<A> {
  /** The value at a point from the operands' values there. */
  fn(args: readonly Scalar[], attrs: A, output: TensorType): Scalar
  readonly vjp: Vjp<A> | null
  /** Result dtype; the default demands equal operand dtypes and keeps them. */
  dtype?(inputs: readonly TensorType[], attrs: A): DType
  readonly commutative?: boolean
  formula?(operands: readonly Formula[], attrs: A): Formula
}

/** An op whose result at a point depends on the operands at that point, operands broadcast. */
export function elementwise<N extends string, A = Record<never, never>>(name: N, spec: ElementwiseSpec<A>): Op<N, A> {
  return {
    name,
    kind: 'point',
    pointwise: true,
    ...(spec.commutative ? { commutative: true } : {}),
    infer: (inputs, attrs) => ({
      dtype: (spec.dtype ?? sameDtype)(inputs, attrs),
      shape: inputs.slice(1).reduce((shape, x) => broadcastOrThrow(shape, x.shape), inputs[0]!.shape),
    }),
    vjp: spec.vjp,
    lower: ({ inputs, index, attrs, output, read }) => ({
      value: spec.fn(
        inputs.map((_, i) => read(i, index)),
        attrs,
        output,
      ),
    }),
    ...(spec.formula ? { formula: spec.formula } : {}),
  }
}

export function broadcastOrThrow(a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameShape(a, b)) return a
  const shape = broadcastShapes(a, b)
  if (shape) return shape
  throw new GraphError(
    `shapes ${showShape(a)} and ${showShape(b)} do not broadcast: aligned from the right, extents must be equal or 1`,
  )
}

export function sameDtype(inputs: readonly TensorType[]): DType {
  const [first, ...rest] = inputs
  for (const x of rest) {
    if (x.dtype !== first!.dtype)
      throw new GraphError(`dtypes differ: ${inputs.map(showType).join(' and ')}; cast one of them`)
  }
  return first!.dtype
}

/** Operands of one dtype that is not bool. */
export const numbers = (inputs: readonly TensorType[]): DType => {
  const dtype = sameDtype(inputs)
  if (dtype === 'bool') throw new GraphError('needs numbers, got bool; cast it first')
  return dtype
}
