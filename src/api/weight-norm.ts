import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { apply, describe, isTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { isVariable, type Update, type Variable } from '../ir/variable'
import { divT, mulT } from '../ops/arith'
import { normalizeAxis } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { contractT } from '../ops/contract'
import { weightNormOp } from '../ops/normalize'
import { isZero, whereT } from '../ops/select'
import { l2NormalizeOp } from '../ops/statistics'
import { stopT } from '../ops/stop'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { owe } from './batch-norm'
import { checkNumber } from './build'
import { checkPart } from './normalize'

interface AxisOption {
  /** The axis of the outputs of a layer, the last by default; PyTorch's weights have it first. */
  readonly axis?: number
}

function checkWeights(op: string, w: Tensor, axis: number): number {
  if (!isTensor(w) || !isFloat(w.dtype) || w.shape.length < 2)
    throw new GraphError(`${op}: weights are floats of rank 2 or more, not ${isTensor(w) ? describe(w) : typeof w}`)
  return normalizeAxis(op, axis, w.shape)
}

/**
 * g v / |v|: weights from directions v (a float of rank 2 or more) and lengths g, [extent of the axis], of v's dtype; the
 * length is taken over all other axes. Same shape as v; where v is all zeros, so is the result. Source: Salimans and
 * Kingma 2016, arXiv:1602.07868.
 */
export function weightNorm<X extends Tensor>(
  v: X,
  g: Tensor,
  options: AxisOption = {},
): Tensor<X['shape'], X['dtype']> {
  checkKeys('weightNorm', options, ['axis'])
  const { axis = -1 } = options
  const outputs = checkWeights('weightNorm', v, axis)
  checkPart('weightNorm', 'g', g, v, [outputs])
  return apply(weightNormOp, [v, g], { axis: outputs })
}

/** Options of `spectralNorm`. */
export interface SpectralNormOptions<U extends Tensor> extends AxisOption {
  /** The estimate of the singular vector along the axis, [its extent] or [1, its extent]: a variable in training, first values at random. */
  readonly u: U
  /** Steps of the power iteration, 1 by default. */
  readonly iterations?: number
  /** Improve the estimate (the default), or take it as it is. */
  readonly training?: boolean
  /** False: the improved estimate is used but not kept. */
  readonly track?: boolean
}

/**
 * Weights by their largest singular value, as a matrix of the axis by all others: w / sigma, same shape, where sigma = vᵀ w u
 * comes from power iteration. The update of u belongs to the output: an entry that uses it must return it. The gradient
 * flows through sigma with u and v held constant, as in Keras and PyTorch; weights of zeros stay zeros. Source: Miyato et
 * al. 2018, arXiv:1802.05957, algorithm 1.
 */
export function spectralNorm<W extends Tensor, U extends Tensor>(
  w: W,
  options: SpectralNormOptions<U>,
): { readonly output: Tensor<W['shape'], W['dtype']>; readonly updates: readonly Update<Extract<U, Variable>>[] } {
  checkKeys('spectralNorm', options, ['u', 'axis', 'iterations', 'training', 'track'])
  checkFlags('spectralNorm', options, ['training', 'track'])
  const { axis = -1, iterations = 1, training = true, track = true } = options
  const outputs = checkWeights('spectralNorm', w, axis)
  checkNumber('spectralNorm', 'iterations', iterations, (n) => Number.isInteger(n) && n > 0, 'a whole number from 1')
  // Keras keeps it as a row.
  const isRow = isTensor(options.u) && options.u.shape.length === 2 && options.u.shape[0] === 1
  const given: Tensor = isRow ? reshapeT(options.u, [options.u.shape[1]!]) : options.u
  checkPart('spectralNorm', 'u', given, w, [outputs])
  const isKept = training && track
  if (isKept && !isVariable(options.u))
    throw new GraphError(`spectralNorm: in training u must be a variable, it is ${describe(options.u)}`)
  const all = w.shape.map((_, i) => i)
  const rest = all.filter((i) => i !== outputs)
  const fixed = stopT(w)
  const [across, along] = [(by: Tensor, u: Tensor) => contractT(by, u, { a: all, b: [outputs], out: rest }), (by: Tensor, v: Tensor) => contractT(by, v, { a: all, b: rest, out: [outputs] })] // prettier-ignore
  let u = stopT(given)
  let v = unit(across(fixed, u))
  for (let i = 0; training && i < iterations; i++) {
    if (i > 0) v = unit(across(fixed, u))
    u = unit(along(fixed, v))
  }
  const sigma = sumT(mulT(along(w, v), u), { axes: [0], keepDims: false })
  const output = divT(w, whereT(isZero(sigma), like(1, sigma), sigma))
  const updates: Update[] = isKept ? [[options.u as Tensor as Variable, reshapeT(u, options.u.shape)]] : []
  owe('spectralNorm', output, updates)
  return { output, updates } as never
}

/** A vector of length 1, over however many axes; of length 0 it stays so. */
const unit = (x: Tensor): Tensor => apply(l2NormalizeOp, [x], { axes: x.shape.map((_, i) => i), epsilon: 1e-24 })
