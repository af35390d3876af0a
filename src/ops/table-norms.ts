import { attentionOp, maskedSoftmaxOp, rotaryOp } from './attention'
import { iotaOp } from './iota'
import { batchNormOp, groupNormOp, layerNormOp, localResponseNormOp, rmsNormOp, weightNormOp } from './normalize'

/** Normalisation and attention. */
export const NORMS = {
  layerNorm: layerNormOp,
  batchNorm: batchNormOp,
  groupNorm: groupNormOp,
  rmsNorm: rmsNormOp,
  localResponseNorm: localResponseNormOp,
  weightNorm: weightNormOp,
  iota: iotaOp,
  maskedSoftmax: maskedSoftmaxOp,
  scaledDotProductAttention: attentionOp,
  rotaryEmbedding: rotaryOp,
} as const
