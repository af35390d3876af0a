import type { Affine, Axis } from './affine'
import type { Lanes, Position, Scalar } from './scalar'
import type { DType } from './type'
import type { Buffer } from './plan'

/** A name inside one kernel, chosen when it is printed; compared by identity. */
export interface Local {
  readonly hint: string
  readonly dtype: DType
  /** More than one in a vector schedule. */
  readonly lanes: Lanes
}

/** A buffer as a kernel sees it. */
export interface Param {
  readonly buffer: Buffer
  readonly access: 'read' | 'write' | 'update'
}

/** A pointer that moves along with a loop, so that inner loops do not multiply. */
export interface Induction {
  readonly local: Local
  /** What it points into: targets that count in bytes need its element size. */
  readonly of: Param
  readonly from: Affine
  readonly step: number
}

/** `serial` loops count by `step`; in a `vector` loop the body works on `step` neighbouring points at once. */
export type LoopKind = 'serial' | 'vector'

export type Stmt =
  | {
      readonly kind: 'for'
      readonly axis: Axis
      readonly from: number
      readonly to: number
      readonly step: number
      readonly loop: LoopKind
      readonly inductions: readonly Induction[]
      readonly body: readonly Stmt[]
    }
  | { readonly kind: 'if'; readonly condition: Scalar; readonly body: readonly Stmt[] }
  /** Turns as long as the condition holds, which is looked at before each. */
  | { readonly kind: 'while'; readonly condition: Scalar; readonly body: readonly Stmt[] }
  /** `let` is never assigned again, `var` is. */
  | { readonly kind: 'let' | 'var'; readonly local: Local; readonly value: Scalar }
  | { readonly kind: 'set'; readonly local: Local; readonly value: Scalar }
  | {
      readonly kind: 'store'
      readonly to: Param
      readonly at: Position
      readonly value: Scalar
      readonly lanes: Lanes
      /** How many lanes there is room for, where a vector reaches beyond the last point. */
      readonly live?: number
    }
  | { readonly kind: 'note'; readonly text: string }

/**
 * Whole turns of the loops over one axis that can be done in parts: a part begins at `from` plus a multiple of `step`. Loops
 * over what is left behind `to` belong to the part that ends there.
 */
export interface Partition {
  readonly axis: Axis
  readonly from: number
  readonly to: number
  readonly step: number
}

/** A partition for threads. */
export interface Division extends Partition {
  /** In how many calls one thread does all of it while it has no other to share with. */
  readonly alone: number
}

/** A partition that one thread does in order, so many turns a part. */
export interface Calls extends Partition {
  readonly turns: number
  /** What only the first part does: copies that stay where they are from call to call. */
  readonly once: ReadonlySet<Stmt>
}

export interface Kernel {
  readonly name: string
  /** Formula, shapes and origin, one line each, not yet escaped. */
  readonly doc: readonly string[]
  readonly params: readonly Param[]
  readonly body: readonly Stmt[]
  /** Loops around it whose place it is told, outermost first. */
  readonly times?: readonly Axis[]
  /** It is called with several sets of buffers: where they lie comes as arguments. */
  readonly isShared?: boolean
  /** How threads may divide it, where that pays. */
  readonly partition?: Division
  /** How one thread takes it in calls that follow one another, where that pays. */
  readonly calls?: Calls
}
