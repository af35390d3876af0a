import type { Axis } from '../../ir/affine'
import type { Local, Param } from '../../ir/loop'
import type { Buffer } from '../../ir/plan'
import type { Position, Scalar } from '../../ir/scalar'
import { bytesOf } from '../../ir/type'
import type { FuncBuilder } from './builder'
import type { MemArg, ValType } from './opcodes'

/** What the identities of a kernel are in the function being written. */
export interface FunctionScope {
  readonly f: FuncBuilder
  axis(axis: Axis): number
  local(local: Local): number
  addressOf(buffer: Buffer): number
  /** The local that says where a buffer lies, where several sets of buffers share the function. */
  base(buffer: Buffer): number | undefined
  /** Whether a pointer may lie before its buffer, so that only its sum with a constant is an address. */
  isSigned(pointer: Local): boolean
  /** A local of its own for what an instruction needs twice. */
  temporary(type: ValType): number
  /** Appends what leaves the value of a scalar on the stack. */
  push(s: Scalar): void
  /** The imported function for a scalar function that has no instruction. */
  imported(name: string): number
  /** The local that says how far on the panel of this thread lies, where there are several. */
  readonly panel: number | undefined
  /** Products may be added without being rounded first. */
  readonly isRelaxed: boolean
  /** Bytes of memory that exist whenever the function runs. */
  readonly memoryBytes: number
}

/** Part of an address that does not move, as the immediate of an access. */
export type Place = Required<MemArg>

/** Appends the part of an address that moves, and returns the part that does not. */
export function pushAddress(
  { buffer }: Param,
  { index, pointer, offset: moved }: Position,
  scope: FunctionScope,
): Place {
  const bytes = bytesOf(buffer.dtype)
  const base = scope.base(buffer)
  const offset = (base === undefined ? scope.addressOf(buffer) : 0) + index.base * bytes
  // The immediate is added without wrapping around, so it cannot make up for a part that is negative.
  const isSigned = offset < 0 || isNegative(index.terms) || (pointer !== undefined && scope.isSigned(pointer))
  const hasSum = !moved || isSigned || pointer !== undefined || index.terms.size > 0
  if (hasSum) pushSum(isSigned ? offset : 0, index.terms, bytes, scope, pointer)
  if (moved) pushOffset(moved, bytes, scope, hasSum)
  if (base !== undefined) scope.f.op('local.get', base).op('i32.add')
  // A pointer into a panel starts in that of its thread.
  if (buffer.region === 'panel' && !pointer) addPanel(scope)
  return { offset: isSigned ? 0 : offset, align: bytes, buffer, element: index.base }
}

/** Adds to an address, if there is one on the stack, the part of a position that is computed. */
export function pushOffset(offset: Scalar, bytes: number, { f, push }: FunctionScope, hasAddress = true): void {
  push(offset)
  if (bytes > 1) f.op('i32.const', Math.log2(bytes)).op('i32.shl')
  if (hasAddress) f.op('i32.add')
}

/** Adds to an address into a panel where that of this thread lies. */
export function addPanel({ f, panel }: FunctionScope): void {
  if (panel !== undefined) f.op('local.get', panel).op('i32.add')
}

/** Whether a sum of axes may lie below zero. */
export const isNegative = (terms: ReadonlyMap<Axis, number>): boolean => [...terms.values()].some((k) => k < 0)

/** Appends constant + pointer + scale * (the sum of the terms). */
export function pushSum(
  constant: number,
  terms: ReadonlyMap<Axis, number>,
  scale: number,
  scope: FunctionScope,
  pointer?: Local,
): void {
  const { f } = scope
  let count = 0
  const added = (): void => {
    if (count++ > 0) f.op('i32.add')
  }
  if (pointer) {
    f.op('local.get', scope.local(pointer))
    added()
  }
  for (const [axis, k] of terms) {
    f.op('local.get', scope.axis(axis))
    if (k * scale !== 1) f.op('i32.const', k * scale).op('i32.mul')
    added()
  }
  if (constant !== 0 || count === 0) {
    f.op('i32.const', constant)
    added()
  }
}
