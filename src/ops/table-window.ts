import type { AnyOp } from '../ir/op'
import { convInputOp, convKernelOp, convOp } from './conv'
import { averagePoolOp, maxPoolOp, pickOp, placeOp, sumPoolOp } from './pool'
import { poolIndexOp } from './pool-index'
import { windowProductOp, windowScatterOp } from './window-product'
import { foldTurnsOp, windowsOp } from './windows'

/** Ops that look at windows of their operands. */
export const WINDOWED = {
  conv: convOp,
  convInput: convInputOp,
  convKernel: convKernelOp,
  windowProduct: windowProductOp,
  windowScatter: windowScatterOp,
  windows: windowsOp,
  foldTurns: foldTurnsOp,
  maxPool: maxPoolOp,
  poolIndex: poolIndexOp,
  place: placeOp,
  pick: pickOp,
  sumPool: sumPoolOp,
  averagePool: averagePoolOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
