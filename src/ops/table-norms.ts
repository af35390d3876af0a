import { batchNormOp, layerNormOp } from './normalize'

/** Normalisation and attention. */
export const NORMS = {
  layerNorm: layerNormOp,
  batchNorm: batchNormOp,
} as const
