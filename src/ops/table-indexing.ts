import type { AnyOp } from '../ir/op'
import { gatherOp, indexAddOp, scatterAddOp, takeAlongAxisOp } from './gather'
import { ravelIndexOp } from './ravel'
import { reverseSequenceOp } from './reverse-sequence'
import { indexMaxOp, scatterMaxOp } from './scatter-extreme'
import { indexSetOp, scatterSetOp } from './scatter-set'

/** Ops that take elements at indices, or put them there. */
export const INDEXING = {
  gather: gatherOp,
  indexAdd: indexAddOp,
  indexMax: indexMaxOp,
  indexSet: indexSetOp,
  takeAlongAxis: takeAlongAxisOp,
  scatterAdd: scatterAddOp,
  scatterMax: scatterMaxOp,
  scatterSet: scatterSetOp,
  ravelIndex: ravelIndexOp,
  reverseSequence: reverseSequenceOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
