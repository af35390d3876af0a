import type { Formula } from '../ir/formula'
import type { Op } from '../ir/op'
import type { Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'
import { makeInput } from './leaf'

export interface CompositeSpec<A> {
  /** The op in other ops: its meaning, and how it is differentiated. */
  expand(inputs: readonly Tensor[], attrs: A): Tensor
  /** Refuses operands that would fail deep inside the expansion. */
  check?(inputs: readonly TensorType[], attrs: A): void
  /** False says "not differentiable" out loud. */
  readonly differentiable?: false
  formula?(operands: readonly Formula[], attrs: A): Formula
}

/** An op that is written in other ops, by a name of its own for people; its type is that of its expansion. */
export function composite<N extends string, A = Record<never, never>>(name: N, spec: CompositeSpec<A>): Op<N, A> {
  return {
    name,
    kind: 'composite',
    infer: (inputs, attrs) => {
      spec.check?.(inputs, attrs)
      const { dtype, shape } = spec.expand(
        inputs.map((t, i) => makeInput(`operand ${i + 1}`, t)),
        attrs,
      )
      return { dtype, shape }
    },
    vjp: spec.differentiable === false ? null : 'expand',
    expand: spec.expand,
    ...(spec.formula ? { formula: spec.formula } : {}),
  }
}
