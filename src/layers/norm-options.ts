import { type AffineOptions } from '../api/normalize'
import type { Call } from './layer'
import { flag, type Parsed } from './option'
import { constraint, initializer, regularizer } from './part-options'

/** What norms multiply by and add, with Keras's defaults. */
export const affineOptions = {
  center: flag(true),
  scale: flag(true),
  betaInitializer: initializer('zeros'),
  gammaInitializer: initializer('ones'),
  betaRegularizer: regularizer(),
  gammaRegularizer: regularizer(),
  betaConstraint: constraint(),
  gammaConstraint: constraint(),
}

/** The weights `gamma` and `beta` as far as they are wanted. */
export function affineWeights(o: Parsed<typeof affineOptions>, at: Call, shape: readonly number[]): AffineOptions {
  const gamma = { initializer: o.gammaInitializer, regularizer: o.gammaRegularizer, constraint: o.gammaConstraint }
  const beta = { initializer: o.betaInitializer, regularizer: o.betaRegularizer, constraint: o.betaConstraint }
  return {
    ...(o.scale ? { gamma: at.weight('gamma', shape, gamma) } : {}),
    ...(o.center ? { beta: at.weight('beta', shape, beta) } : {}),
  }
}
