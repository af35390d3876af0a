import type { Shape } from './shapes'
import type { Part } from './part'
import type { Tensor } from './tensor'
import type { Data, DType } from './type'

/** The part a variable plays; variables of one role, and slots of one kind, lie side by side in memory. */
export type Role =
  | { readonly kind: 'parameter' }
  /** What is kept but not trained, such as running statistics. */
  | { readonly kind: 'untrained' }
  | { readonly kind: 'slot'; readonly slot: string }
  /** A hyper-parameter or a counter: set at any time without compiling anew. */
  | { readonly kind: 'scalar' }
  /** Samples that a program holds, and that no file of its state does. */
  | { readonly kind: 'data' }

/**
 * Gives the first value: an initializer called with the shape, its own random stream and the dtype. It has the class of that
 * initializer, where there is one that is known by a class.
 */
export type FirstValue = Part<
  (shape: readonly number[], seed: number, name: string, dtype: DType) => ArrayLike<number> | Data
>

export interface VariableAttrs {
  readonly name: string
  readonly role: Role
  readonly first: FirstValue
}

/** What a variable is called in generated code: parameters by their path, optimiser state without the optimiser's. */
export function shortName(v: Tensor): string {
  const { name, role } = variableAttrs(v)
  if (role.kind === 'parameter' || role.kind === 'untrained' || role.kind === 'data') return name
  const segments = name.split('/')
  return role.kind === 'scalar' ? segments.at(-1)! : segments.slice(2).join('/')
}

/** A tensor that a program keeps between steps. Compared by identity: the name is for people, files and `state`. */
export interface Variable<N extends string = string, S extends Shape = Shape, D extends DType = DType> extends Tensor<
  S,
  D
> {
  readonly name: N
}

export const isVariable = (t: Tensor): t is Variable => t.op.name === 'variable'
export const variableAttrs = (v: Tensor): VariableAttrs => v.attrs as VariableAttrs

/** What an entry does to a variable: its value after the step. */
export type Update<V extends Variable = Variable> = readonly [variable: V, next: Tensor]
