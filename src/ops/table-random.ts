import type { AnyOp } from '../ir/op'
import { gumbelOp, normalOp, normalTruncatedOp, randintOp, uniformOp } from './distributions'
import { alphaDropoutOp, dropoutOp } from './dropout'
import { permutationOp, permuteRowsOp } from './permutation'
import { randomBitsOp, randomKeyOp } from './random'

/** Ops of random numbers. */
export const RANDOM = {
  randomKey: randomKeyOp,
  randomBits: randomBitsOp,
  uniform: uniformOp,
  normal: normalOp,
  normalTruncated: normalTruncatedOp,
  gumbel: gumbelOp,
  randint: randintOp,
  dropout: dropoutOp,
  alphaDropout: alphaDropoutOp,
  permutation: permutationOp,
  permuteRows: permuteRowsOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
