import type { AnyOp } from '../ir/op'
import { argsortOp, argTopKOp } from './sort'

/** Ops that sort, search and count, and those that run along an axis. */
export const SORTING = {
  argsort: argsortOp,
  argTopK: argTopKOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
