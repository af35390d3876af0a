import type { DType } from '../../ir/type'
import type { Role } from '../../ir/variable'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const FORMAT = 'gradloom-graph'
export const VERSION = 1

/** A graph as plain data, stable from release to release. Lists, not objects: they keep their order and hide no name twice. */
export interface GraphDocument {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly variables: readonly VariableDocument[]
  readonly entries: readonly EntryDocument[]
}

export interface TypeDocument {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** Values are no part of a graph; where it is known how a variable begins, `initial` says it, and else it begins with zeros. */
export interface VariableDocument extends TypeDocument {
  readonly name: string
  readonly role: Role
  readonly initial?: InitialDocument
}

/** An initializer by its class, a number everywhere, or one of the two variables that random numbers depend on. */
export type InitialDocument =
  | { readonly className: string; readonly config: Json }
  | { readonly value: Json }
  | { readonly random: 'seed' | 'step' }

/** An entry for one binding of its dimensions. */
export interface EntryDocument {
  readonly name: string
  readonly inputs: readonly ({ readonly name: string } & TypeDocument)[]
  /** Operands first. A node is referred to by its place. */
  readonly nodes: readonly NodeDocument[]
  readonly outputs: readonly { readonly name: string; readonly node: number }[]
  readonly updates: readonly { readonly variable: string; readonly node: number }[]
}

export interface NodeDocument extends TypeDocument {
  readonly op: string
  readonly inputs?: readonly number[]
  readonly attrs?: { readonly [key: string]: Json }
  /** What it is called in generated code. */
  readonly name?: string
  /** Of a region that is the gradient of another: that one. */
  readonly gradientOf?: number
}

/** What a region runs. Places count the stand-ins of slices, carries and captured tensors, then the turn, then the nodes. */
export interface BodyDocument {
  readonly slices: readonly StandInDocument[]
  readonly carries: readonly StandInDocument[]
  readonly captured: readonly StandInDocument[]
  readonly nodes: readonly NodeDocument[]
  readonly next: readonly number[]
  readonly outputs: readonly number[]
}
export type StandInDocument = TypeDocument & { readonly name?: string }
