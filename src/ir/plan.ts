import type { Affine, Axis } from './affine'
import type { Fused } from './block'
import type { Tensor } from './tensor'
import type { DType } from './type'
import type { Variable } from './variable'

/** A stretch of memory with one dtype; compared by identity. */
export interface Buffer {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly size: number
  /**
   * A panel is scratch of a single kernel; every one of them lies at the same place. What is packed for a whole loop lies
   * behind the scratch, and so do constants, unless they have memory of their own.
   */
  readonly region: 'state' | 'io' | 'constant' | 'scratch' | 'panel' | 'packed'
  /** Byte offset in its region: the store's memory for state, the specialisation's for the others. */
  readonly offset: number
  /** The tensor whose values it holds; for state the variable. */
  readonly of: Tensor
  /** First and last item of the plan that touches it. */
  readonly live: readonly [first: number, last: number]
}

/** A fused block with the buffer of each tensor it stores. */
export interface PlannedKernel {
  readonly fused: Fused
  readonly stores: ReadonlyMap<Tensor, Buffer>
  /** Memory that it needs while it runs. */
  readonly workspace?: Buffer
  /** True where an old value of a state variable is overwritten while its own kernel still reads it point by point. */
  readonly inPlace: readonly Variable[]
}

export type Item =
  | { readonly kind: 'run'; readonly kernel: PlannedKernel }
  | { readonly kind: 'copy'; readonly from: Buffer; readonly to: Buffer }
  /** An error with this message unless the count is 0. */
  | { readonly kind: 'check'; readonly count: Buffer; readonly message: string }
  /** Items that run once a turn, from the first place to the last or the other way. */
  | {
      readonly kind: 'loop'
      readonly time: Axis
      readonly reverse: boolean
      /** Holds the place while a turn runs, for kernels that other threads run too. */
      readonly cell: Buffer
      readonly items: readonly Item[]
      /** The tensors that it leaves. */
      readonly parts: readonly Tensor[]
    }
  /** The first items where the condition holds, else the second. */
  | {
      readonly kind: 'choice'
      readonly condition: Buffer
      readonly arms: readonly [readonly Item[], readonly Item[]]
      readonly parts: readonly Tensor[]
    }
  /** A look for NaN and infinities, after all that is computed and before anything is written to state. */
  | { readonly kind: 'guard' }

/** An input as it is fed. */
export interface FedInput {
  readonly name: string
  readonly buffer: Buffer
  /** Extents that index values must stay below, with the op that needs it. */
  readonly ranges: readonly { readonly below: number; readonly op: string }[]
}

export interface Plan {
  readonly items: readonly Item[]
  readonly buffers: readonly Buffer[]
  /** Where a tensor that is read lies. */
  readonly place: ReadonlyMap<Tensor, Buffer>
  /** How far on in its buffer a tensor lies, where loops move it. */
  readonly shifts: ReadonlyMap<Tensor, Affine>
  /** From one element to the next along each axis, where a tensor is a part of another. */
  readonly strides: ReadonlyMap<Tensor, readonly number[]>
  readonly inputs: ReadonlyMap<string, Buffer>
  readonly outputs: ReadonlyMap<string, Buffer>
  /** Inputs, outputs and scratch. */
  readonly workBytes: number
  readonly constantBytes: number
  /** What the scratch region would take without reuse. */
  readonly naiveBytes: number
}

/** Items that stand inside of an item. */
export const itemsIn = (item: Item): readonly Item[] =>
  item.kind === 'loop' ? item.items : item.kind === 'choice' ? item.arms.flat() : []

/** What takes time in a step: kernels, copies and the guard, those of loops included, in order. */
export function timedItems(items: readonly Item[]): Extract<Item, { kind: 'run' | 'copy' | 'guard' }>[] {
  return items.flatMap((item) => {
    if (item.kind === 'check') return []
    return item.kind === 'loop' || item.kind === 'choice' ? timedItems(itemsIn(item)) : [item]
  })
}

/** Every kernel that items run, those of loops included, in order. */
export function kernelsOf(items: readonly Item[]): PlannedKernel[] {
  return items.flatMap((item) => (item.kind === 'run' ? [item.kernel] : kernelsOf(itemsIn(item))))
}
