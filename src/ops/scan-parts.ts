import type { AnyOp } from '../ir/op'
import { currentOrigin } from '../ir/origin'
import type { Body } from '../ir/region'
import { makeTensor, type Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'
import { type PartAttrs, partOp } from './region'

export interface ScanAttrs {
  readonly body: Body
  /** How many turns there are. */
  readonly length: number
  /** From the last place to the first. */
  readonly reverse: boolean
  /** Outputs that nobody asked for: how many indices were out of range in a turn. */
  readonly counts?: readonly CountedOutput[]
}

export const scanAttrs = (scan: Tensor): ScanAttrs => scan.attrs as ScanAttrs

/** A result of a region that counts indices out of range, and what is said if there are any. */
export interface CountedOutput {
  readonly output: number
  readonly message: string
}

/** What a scan gives. */
export interface ScanParts {
  /** After the last turn. */
  readonly finals: readonly Tensor[]
  /** Outputs along a new first axis. */
  readonly stacks: readonly Tensor[]
}

export interface ScanSpec {
  readonly length: number
  readonly reverse: boolean
  /** Operands with what stands for a slice of them. */
  readonly over: readonly (readonly [operand: Tensor, slice: Tensor])[]
  /** First values, what stands for a carry, and what is handed on. */
  readonly carry: readonly (readonly [first: Tensor, carry: Tensor, next: Tensor])[]
  readonly turn: Tensor
  readonly outputs: readonly Tensor[]
}

export function partsOf(scan: Tensor): ScanParts {
  const { body } = scanAttrs(scan)
  return {
    finals: body.carries.map((_, i) => scanPart(scan, 'final', i)),
    stacks: body.outputs.map((_, i) => scanPart(scan, 'stack', i)),
  }
}

/** A part of a scan by its kind; `history` is a carry as it was before each turn. */
export function scanPart(scan: Tensor, kind: PartAttrs['kind'], index: number): Tensor {
  const { body, length } = scanAttrs(scan)
  const { dtype, shape, origin } = kind === 'stack' ? body.outputs[index]! : body.carries[index]!
  const type: TensorType = { dtype, shape: kind === 'final' ? shape : [length, ...shape] }
  const { name, scope } = origin
  const label = name !== undefined && kind !== 'final' ? `${name}_turns` : name
  const now = currentOrigin()
  const named = label === undefined || now.rule ? now : { ...now, scope, name: label }
  return makeTensor(partOp as AnyOp, [scan], { kind, index } satisfies PartAttrs, type, named)
}
