import type { Param, Stmt } from '../ir/loop'
import type { Buffer } from '../ir/plan'
import type { Element } from '../ir/scalar'

/** What kernels of a loop may do before its first turn. */
export interface Ahead {
  /** Whether an operand is the same at every turn. */
  isFixed(e: Element): boolean
  /** Memory that lasts for the loop. */
  room(name: string, like: Buffer, size: number): Buffer
  /** Copies an operand into such memory. */
  pack(from: Param, to: Param, body: readonly Stmt[]): void
}
