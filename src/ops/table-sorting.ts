import type { AnyOp } from '../ir/op'
import { cumProdOp, cumSumOp, linearRecurrenceOp } from './cumulative'
import { cumArgMaxOp, logCumSumExpOp } from './cumulative-largest'
import { bincountOp, searchSortedOp } from './search'
import { argsortOp, argTopKOp } from './sort'

/** Ops that sort, search and count, and those that run along an axis. */
export const SORTING = {
  argsort: argsortOp,
  argTopK: argTopKOp,
  searchSorted: searchSortedOp,
  bincount: bincountOp,
  cumSum: cumSumOp,
  cumProd: cumProdOp,
  linearRecurrence: linearRecurrenceOp,
  cumArgMax: cumArgMaxOp,
  logCumSumExp: logCumSumExpOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
