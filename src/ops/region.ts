import { GraphError } from '../ir/errors'
import type { AnyOp, Op } from '../ir/op'
import type { Origin } from '../ir/origin'
import { makeTensor, type Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'

export interface StandInAttrs {
  /** `rows`: a carry as it was before each turn and after the last. */
  readonly role: 'slice' | 'carry' | 'captured' | 'turn' | 'rows'
}

/** Stands in a body for what it gets from outside; compared by identity. */
export const standInOp: Op<'standIn', StandInAttrs> = {
  name: 'standIn',
  kind: 'leaf',
  infer: () => {
    throw new GraphError('a leaf has its type from the start')
  },
  vjp: null,
}

export const standIn = (role: StandInAttrs['role'], { dtype, shape }: TensorType, origin: Origin): Tensor =>
  makeTensor(standInOp as AnyOp, [], { role }, { dtype, shape }, origin)

export interface PartAttrs {
  readonly kind: 'final' | 'stack' | 'history'
  readonly index: number
}

/** One result of a region. */
export const partOp: Op<'part', PartAttrs> = {
  name: 'part',
  kind: 'part',
  infer: () => {
    throw new GraphError('a part has its type from its region')
  },
  vjp: null,
}

export const partAttrs = (t: Tensor): PartAttrs => t.attrs as PartAttrs
