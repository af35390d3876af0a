import type { AnyOp } from '../ir/op'
import { gatherOp, indexAddOp, scatterAddOp, takeAlongAxisOp } from './gather'
import { reverseSequenceOp } from './reverse-sequence'

/** Ops that take elements at indices, or put them there. */
export const INDEXING = {
  gather: gatherOp,
  indexAdd: indexAddOp,
  takeAlongAxis: takeAlongAxisOp,
  scatterAdd: scatterAddOp,
  reverseSequence: reverseSequenceOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
