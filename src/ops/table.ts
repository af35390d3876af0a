import type { AnyOp } from '../ir/op'
import { expandDimsOp, padBorderOp, repeatOp, rollOp, squeezeOp, stackOp, tileOp } from './arrange'
import { broadcastToOp, sumOp } from './broadcast'
import { contractOp } from './contract'
import { barrierOp } from './barrier'
import { customGradientOp } from './custom'
import { allOp, anyOp, argMinOp, minOp, prodOp } from './extrema'
import { constantOp, inputOp, variableOp } from './leaf'
import {
  binaryCrossEntropyOp,
  hingeOp,
  huberOp,
  klDivergenceOp,
  logCoshOp,
  meanAbsoluteErrorOp,
  meanSquaredErrorOp,
  poissonOp,
  sigmoidCrossEntropyOp,
  squaredHingeOp,
} from './loss'
import { concatOp, padOp, sliceOp } from './pieces'
import { diagonalOp, dotOp, einsumOp, kronOp, outerOp, tensordotOp, traceOp } from './products'
import { argMaxOp, maxOp, meanOp, oneHotOp } from './reduce'
import { crossEntropyOp, logSoftmaxOp, softmaxOp, sparseCrossEntropyOp } from './softmax'
import { cosineSimilarityOp, countNonZeroOp, l2NormalizeOp, logSumExpOp, normOp, stdOp, varianceOp } from './statistics'
import { flipOp, reshapeOp, transposeOp } from './view'
import { RANDOM } from './table-random'
import { NORMS } from './table-norms'
import { IMAGE } from './table-image'
import { INDEXING } from './table-indexing'
import { LINEAR } from './table-linear'
import { SORTING } from './table-sorting'
import { POINTWISE } from './table-pointwise'
import { WINDOWED } from './table-window'

/** Every op there is; tests, references and documentation are mapped types over its names. */
export const OPS = {
  ...POINTWISE,
  ...WINDOWED,
  ...NORMS,
  ...IMAGE,
  ...INDEXING,
  ...LINEAR,
  ...SORTING,
  input: inputOp,
  variable: variableOp,
  constant: constantOp,
  reshape: reshapeOp,
  transpose: transposeOp,
  flip: flipOp,
  broadcastTo: broadcastToOp,
  sum: sumOp,
  mean: meanOp,
  max: maxOp,
  argMax: argMaxOp,
  oneHot: oneHotOp,
  contract: contractOp,
  softmax: softmaxOp,
  logSoftmax: logSoftmaxOp,
  sparseSoftmaxCrossEntropy: sparseCrossEntropyOp,
  softmaxCrossEntropy: crossEntropyOp,
  meanSquaredError: meanSquaredErrorOp,
  min: minOp,
  argMin: argMinOp,
  any: anyOp,
  all: allOp,
  prod: prodOp,
  logSumExp: logSumExpOp,
  variance: varianceOp,
  std: stdOp,
  norm: normOp,
  countNonZero: countNonZeroOp,
  l2Normalize: l2NormalizeOp,
  cosineSimilarity: cosineSimilarityOp,
  slice: sliceOp,
  pad: padOp,
  concat: concatOp,
  expandDims: expandDimsOp,
  squeeze: squeezeOp,
  stack: stackOp,
  tile: tileOp,
  repeat: repeatOp,
  roll: rollOp,
  padBorder: padBorderOp,
  dot: dotOp,
  outer: outerOp,
  tensordot: tensordotOp,
  einsum: einsumOp,
  kron: kronOp,
  diagonal: diagonalOp,
  trace: traceOp,
  meanAbsoluteError: meanAbsoluteErrorOp,
  sigmoidCrossEntropy: sigmoidCrossEntropyOp,
  binaryCrossEntropy: binaryCrossEntropyOp,
  huber: huberOp,
  logCosh: logCoshOp,
  hinge: hingeOp,
  squaredHinge: squaredHingeOp,
  klDivergence: klDivergenceOp,
  poisson: poissonOp,
  customGradient: customGradientOp,
  ...RANDOM,
  barrier: barrierOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }

export type OpName = keyof typeof OPS
