/** What one value of a field is on the wire. */
export type ScalarKind = 'int' | 'uint' | 'float' | 'double' | 'text' | 'bytes'

/** How a field is written: its number, what it holds, whether it may stand several times. */
export interface FieldRule {
  readonly id: number
  /** A message is named by a function, as messages hold one another. */
  readonly kind: ScalarKind | (() => MessageRule)
  readonly isList: boolean
}

/** The fields of a message by name; a field that has no rule, or the rule of another kind, does not type-check. */
export type Rules<T> = { readonly [K in keyof Required<T>]: FieldRuleFor<NonNullable<T[K]>> }
export type MessageRule = Readonly<Record<string, FieldRule>>

interface Rule<L extends boolean, V> extends FieldRule {
  readonly isList: L
  /** Never there: ties a rule to the type of its values. */
  readonly of?: V
}
type FieldRuleFor<V> = V extends Uint8Array
  ? Rule<false, V>
  : V extends readonly (infer E)[]
    ? Rule<true, E>
    : Rule<false, V>

const scalar =
  <V>(kind: ScalarKind) =>
  (id: number): Rule<false, V> => ({ id, kind, isList: false })
const scalars =
  <V>(kind: ScalarKind) =>
  (id: number): Rule<true, V> => ({ id, kind, isList: true })

export const [int, ints] = [scalar<number>('int'), scalars<number>('int')]
export const [float, floats] = [scalar<number>('float'), scalars<number>('float')]
export const [text, texts] = [scalar<string>('text'), scalars<string>('text')]
export const [bytes, byteLists] = [scalar<Uint8Array>('bytes'), scalars<Uint8Array>('bytes')]
export const uints = scalars<number>('uint')
export const [double, doubles] = [scalar<number>('double'), scalars<number>('double')]
export const one = <V>(id: number, kind: () => Rules<V>): Rule<false, V> => ({ id, kind, isList: false })
export const many = <V>(id: number, kind: () => Rules<V>): Rule<true, V> => ({ id, kind, isList: true })
