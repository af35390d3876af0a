import type { AnyOp } from '../ir/op'
import { addOp, divOp, mulOp, negOp, powOp, squareOp, subOp } from './arith'
import { broadcastToOp, sumOp } from './broadcast'
import { castOp } from './cast'
import { contractOp } from './contract'
import { constantOp, inputOp, variableOp } from './leaf'
import { meanSquaredErrorOp } from './loss'
import { argMaxOp, maxOp, meanOp, oneHotOp } from './reduce'
import { equalOp, lessEqualOp, lessOp, maximumOp, notEqualOp, reluOp, whereOp } from './select'
import { crossEntropyOp, logSoftmaxOp, softmaxOp, sparseCrossEntropyOp } from './softmax'
import { stopGradientOp } from './stop'
import { expOp, identityOp, logOp, sigmoidOp, sqrtOp, tanhOp } from './unary'
import { flipOp, reshapeOp, transposeOp } from './view'

/** Every op there is; tests, references and documentation are mapped types over its names. */
export const OPS = {
  input: inputOp,
  variable: variableOp,
  constant: constantOp,
  add: addOp,
  sub: subOp,
  mul: mulOp,
  div: divOp,
  neg: negOp,
  square: squareOp,
  pow: powOp,
  exp: expOp,
  log: logOp,
  sqrt: sqrtOp,
  tanh: tanhOp,
  sigmoid: sigmoidOp,
  identity: identityOp,
  relu: reluOp,
  maximum: maximumOp,
  less: lessOp,
  lessEqual: lessEqualOp,
  equal: equalOp,
  notEqual: notEqualOp,
  where: whereOp,
  cast: castOp,
  stopGradient: stopGradientOp,
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
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }

export type OpName = keyof typeof OPS
