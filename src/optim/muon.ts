import { checkNumber } from '../api/build'
import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, subT } from '../ops/arith'
import { mirrorT, timesT } from '../ops/matrix'
import { normT } from '../ops/statistics'
import { like, sqrtT } from '../ops/unary'
import { moments, shortfall } from './adam'
import { checkSelection, isSelected, type Selection } from './decay'
import type { Hyper } from './hyper'
import { COMMON, type Complete, type OptimizerOptions } from './options'
import { optimize, type Rule, type RuleContext, type Written } from './optimizer'

/** Here `weightDecay`, of the matrices, is 0.004 by default. */
export interface MuonOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Decay of the average gradient where Adam is used, 0.9 by default. */
  readonly adamBeta1?: Hyper
  /** Decay of the average squared gradient where Adam is used, 0.999 by default. */
  readonly adamBeta2?: Hyper
  /** Decoupled decay where Adam is used, 0.004 by default. */
  readonly adamWeightDecay?: Hyper | null
  /** As in Adam, 1e-7 by default. */
  readonly epsilon?: Hyper
  /** Variables that Adam is used for, though they are matrices: the output layer as a rule. None by default. */
  readonly excludeLayers?: Selection
  /** Adam for variables with "embedding" in their names, in either case; true by default. */
  readonly excludeEmbeddings?: boolean
  /** The first coefficient of the iteration, 3.4445 by default. */
  readonly muonA?: number
  /** The second, -4.775 by default. */
  readonly muonB?: number
  /** The third, 2.0315 by default. */
  readonly muonC?: number
  /** Adam's step size, as a share of the rule's; 1 by default. */
  readonly adamLrRatio?: Hyper
  /** Share of the last sum of gradients that is kept, 0.95 by default. */
  readonly momentum?: Hyper
  /** How often to iterate, 5 by default. */
  readonly nsSteps?: number
  /** Look ahead along the sum of gradients; true by default. */
  readonly nesterov?: boolean
  /** Steps are scaled by this times √(the longer side), so that rates and decays of Adam fit; 0.2 by default, null for 1. */
  readonly rmsRate?: Hyper | null
}
type Options = Complete<MuonOptions>

const usesAdam = (variable: Variable, { excludeEmbeddings, excludeLayers }: Options): boolean =>
  variable.shape.length !== 2 ||
  (excludeEmbeddings && isSelected(variable, [/embedding/i])) ||
  isSelected(variable, excludeLayers)

/**
 * A matrix whose singular values are near 1 and whose singular vectors are those of x: x / ‖x‖, then `nsSteps` times
 * a x + (b A + c A²) x with A = x xᵀ over the shorter side.
 */
function orthogonalized(x: Tensor, { muonA, muonB, muonC, nsSteps }: Options): Tensor {
  const isTall = x.shape[0]! > x.shape[1]!
  let y = isTall ? mirrorT(x) : x
  y = divT(y, addT(normT(y, { axes: [0, 1], keepDims: false }), like(1e-7, y)))
  const [a, b, c] = [like(muonA, y), like(muonB, y), like(muonC, y)]
  for (let i = 0; i < nsSteps; i++) {
    const square = timesT(y, mirrorT(y))
    y = addT(mulT(a, y), timesT(addT(mulT(b, square), mulT(c, timesT(square, square))), y))
  }
  return isTall ? mirrorT(y) : y
}

function writeMatrix({ variable, weight, gradient, slot, hyper }: RuleContext, options: Options): Written {
  const sum = slot('momentum')
  const next = addT(mulT(hyper('momentum'), sum), gradient)
  const direction = options.nesterov ? addT(gradient, mulT(hyper('momentum'), next)) : next
  const step = mulT(hyper('learningRate'), orthogonalized(direction, options))
  const side = like(Math.sqrt(Math.max(...variable.shape)), step)
  const scaled = options.rmsRate === null ? step : mulT(mulT(hyper('rmsRate'), side), step)
  return { next: subT(weight, scaled), slots: [[sum, next]] }
}

function writeAdam({ weight, gradient, slot, hyper, cast, scalars, step }: RuleContext): Written {
  const { adamBeta1, adamBeta2, learningRate, adamLrRatio } = scalars
  const { first, second, slots } = moments({ gradient, slot }, adamBeta1!, adamBeta2!, ['momentum', 'velocity'])
  const root = sqrtT(shortfall(adamBeta2!, step()))
  const size = divT(mulT(mulT(learningRate!, adamLrRatio!), root), shortfall(adamBeta1!, step()))
  return {
    next: subT(weight, divT(mulT(cast(size), first), addT(sqrtT(second), hyper('epsilon')))),
    slots,
  }
}

export const muonRule: Rule<MuonOptions> = {
  name: 'muon',
  className: 'Muon',
  defaults: {
    ...COMMON,
    weightDecay: 0.004,
    learningRate: 0.001,
    adamBeta1: 0.9,
    adamBeta2: 0.999,
    adamWeightDecay: 0.004,
    epsilon: 1e-7,
    excludeLayers: [],
    excludeEmbeddings: true,
    muonA: 3.4445,
    muonB: -4.775,
    muonC: 2.0315,
    adamLrRatio: 1,
    momentum: 0.95,
    nsSteps: 5,
    nesterov: true,
    rmsRate: 0.2,
  },
  decays: ['adamBeta1', 'adamBeta2'],
  check: ({ muonA, muonB, muonC, nsSteps, excludeLayers }) => {
    for (const [name, value] of Object.entries({ muonA, muonB, muonC }))
      checkNumber('muon', name, value, Number.isFinite, 'a finite number')
    checkSelection('muon', 'excludeLayers', excludeLayers)
    checkNumber('muon', 'nsSteps', nsSteps, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  },
  hypers: (options) => {
    const { learningRate, adamBeta1, adamBeta2, adamWeightDecay, epsilon, adamLrRatio, momentum, rmsRate } = options
    return {
      ...{ learningRate, adamBeta1, adamBeta2, epsilon, adamLrRatio, momentum },
      ...(adamWeightDecay === null ? {} : { adamWeightDecay }),
      ...(rmsRate === null ? {} : { rmsRate }),
    }
  },
  decayOf: (variable, options) => (usesAdam(variable, options) ? 'adamWeightDecay' : 'weightDecay'),
  write: (context, options) =>
    usesAdam(context.variable, options) ? writeAdam(context) : writeMatrix(context, options),
}

/**
 * Muon: for matrices s = momentum s + g, then w - lr rmsRate √(the longer side) O(g + momentum s), O being the nearest matrix
 * with orthonormal rows or columns, by Newton-Schulz; everything else, and what is excluded, by Adam. A tensor of rank 3 or
 * more is no matrix, as in Keras. Source: Jordan et al. 2024, "Muon"; the scale: Liu et al. 2025, arXiv:2502.16982.
 */
export function muon<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'muon', L['shape']>, L>,
  variables: readonly V[],
  options: MuonOptions = {},
): Update<V>[] {
  return optimize(muonRule, loss as Tensor, variables, options) as never
}
