import type { AnyOp, Op } from '../../ir/op'
import type { Tensor } from '../../ir/tensor'
import type { Kinds } from './kinds'

/** What a document holds of the nodes of an op. */
export interface OpRow<A> {
  /** How many operands it has, at least and at most. */
  readonly operands: readonly [number, number]
  readonly attrs: Kinds<A>
  /** Throws GraphError for attributes that do not fit one another or the operands, where neither kinds nor the shape rule say so. */
  readonly check?: (attrs: A, inputs: readonly Tensor[]) => void
}

/** Of an op whose nodes cannot be written: why. */
export interface Unwritable {
  readonly unwritable: string
}

type AttrsOf<O> = O extends Op<string, infer A> ? A : never
/** A row for each op: whoever adds one, or an attribute, has to say here how it is written. */
export type Rows<T extends Readonly<Record<string, AnyOp>>> = {
  readonly [N in keyof T]: OpRow<AttrsOf<T[N]>> | Unwritable
}

export function op(operands: number | readonly [number, number]): OpRow<Record<never, never>>
export function op<A>(
  operands: number | readonly [number, number],
  attrs: Kinds<A>,
  check?: (attrs: NoInfer<A>, inputs: readonly Tensor[]) => void,
): OpRow<A>
export function op<A>(
  operands: number | readonly [number, number],
  attrs?: Kinds<A>,
  check?: (attrs: NoInfer<A>, inputs: readonly Tensor[]) => void,
): OpRow<A> {
  return {
    operands: typeof operands === 'number' ? [operands, operands] : operands,
    attrs: attrs ?? ({} as Kinds<A>),
    ...(check ? { check } : {}),
  }
}

export const rows = <N extends string, A>(names: readonly N[], row: OpRow<A>): { readonly [K in N]: OpRow<A> } =>
  Object.fromEntries(names.map((name) => [name, row])) as { readonly [K in N]: OpRow<A> }
