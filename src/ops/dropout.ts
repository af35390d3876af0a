import { GraphError } from '../ir/errors'
import { callF } from '../ir/formula'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showShape, type TensorType } from '../ir/type'
import { addT, mulT } from './arith'
import { composite } from './composite'
import { broadcastOrThrow } from './elementwise'
import { scalarConstant } from './leaf'
import { requireWords } from './random'
import { lessEqualOp, lessT, whereT } from './select'
import { like } from './unary'

const WORDS = 2 ** 32

/** Whether random bits fall below a share of all words: true with that probability, from 0 up to 1, exact to 2^-32. */
export function chanceT(bits: Tensor, share: number): Tensor {
  const limit = Math.round(share * WORDS) - WORDS / 2
  // Every word is below the last limit, which int32 does not hold.
  if (limit === WORDS / 2) return apply(lessEqualOp, [bits, scalarConstant(limit - 1, 'int32')], {})
  return lessT(bits, scalarConstant(limit, 'int32'))
}

export interface DropoutAttrs {
  /** The share of elements that is dropped. */
  readonly rate: number
}

function check([x, bits]: readonly TensorType[]): void {
  if (!isFloat(x!.dtype)) throw new GraphError(`needs floats, got ${x!.dtype}; cast it first`)
  requireWords([bits!])
  if (!sameShape(broadcastOrThrow(x!.shape, bits!.shape), x!.shape))
    throw new GraphError(
      `the shape ${showShape(bits!.shape)} of the noise does not broadcast to ${showShape(x!.shape)}`,
    )
}

/**
 * x / (1 - rate) where random bits keep it, 0 elsewhere. The comparison is one of integers: the mask is the same on every
 * target, and the gradient selects by it. Source: Srivastava et al. 2014, scaled in training.
 */
export const dropoutOp = composite<'dropout', DropoutAttrs>('dropout', {
  check,
  expand: ([x, bits], { rate }) => whereT(chanceT(bits!, 1 - rate), mulT(x!, like(1 / (1 - rate), x!)), like(0, x!)),
  formula: ([x], { rate }) => callF('dropout', [x!], rate),
})

// What selu gives far below 0.
const SATURATED = -1.7580993408473766

/**
 * a x + b where random bits keep it, a s + b elsewhere, with s = -1.7581, a = 1 / sqrt((1 - rate) (1 + rate s²)) and
 * b = -a s rate: mean 0 and variance 1 stay. Source: Klambauer et al. 2017, arXiv:1706.02515.
 */
export const alphaDropoutOp = composite<'alphaDropout', DropoutAttrs>('alphaDropout', {
  check,
  expand: ([x, bits], { rate }) => {
    const a = ((1 - rate) * (1 + rate * SATURATED ** 2)) ** -0.5
    const b = -a * SATURATED * rate
    const kept = addT(mulT(x!, like(a, x!)), like(b, x!))
    return whereT(chanceT(bits!, 1 - rate), kept, like(a * SATURATED + b, x!))
  },
  formula: ([x], { rate }) => callF('alphaDropout', [x!], rate),
})
