import type { Initializer } from '../init/initializers'
import { type Activation, activationConfig, type ActivationId, activationOf } from '../parts/activations'
import { type Constraint, constraintConfig, type ConstraintId, constraintOf } from '../parts/constraints'
import { initializerConfig, type InitializerId, initializerOf } from '../parts/initializers'
import { type Regularizer, regularizerConfig, type RegularizerId, regularizerOf } from '../parts/regularizers'
import { explained, flag, type Option, type Parsed } from './option'
import type { WeightOptions } from './weight'

/** An option that is one of the library's named parts, or a function. */
function part<In, Out>(
  text: string,
  fallback: string,
  read: (id: never) => Out,
  write: (part: never) => unknown,
): Option<In, Out, false> {
  return {
    required: false,
    text,
    fallback,
    parse: (value, where) => explained(where, () => read(value as never)),
    write: (value) => write(value as never),
  }
}

/** The same, where nothing is the default. */
function maybe<In, Out>(
  text: string,
  read: (id: never) => Out,
  write: (part: never) => unknown,
): Option<In | null, Out | undefined, false> {
  return {
    required: false,
    text: `${text}, or nothing`,
    parse: (value, where) =>
      value === undefined || value === null ? undefined : explained(where, () => read(value as never)),
    write: (value) => (value === undefined ? null : write(value as never)),
  }
}

/** Null is the linear one, also where another is the default. */
export const activation = (fallback: string): Option<ActivationId | null, Activation, false> => ({
  ...part('an activation', fallback, activationOf, activationConfig),
  takesNull: true,
})
export const initializer = (fallback: string): Option<InitializerId, Initializer, false> =>
  part('an initializer', fallback, initializerOf, initializerConfig)
export const regularizer = (): Option<RegularizerId | null, Regularizer | undefined, false> =>
  maybe('a regularizer', regularizerOf as (id: RegularizerId) => Regularizer, regularizerConfig)
export const constraint = (): Option<ConstraintId | null, Constraint | undefined, false> =>
  maybe('a constraint', constraintOf as (id: ConstraintId) => Constraint, constraintConfig)

/** The options of a layer with a kernel and a bias, with Keras's defaults. */
export const kernelOptions = {
  useBias: flag(true),
  kernelInitializer: initializer('glorotUniform'),
  biasInitializer: initializer('zeros'),
  kernelRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  kernelConstraint: constraint(),
  biasConstraint: constraint(),
}
type KernelOptions = Parsed<typeof kernelOptions>

/** What the kernel of such a layer is made by. */
export const kernelWeight = (o: Omit<KernelOptions, 'useBias'>): WeightOptions => ({
  initializer: o.kernelInitializer,
  regularizer: o.kernelRegularizer,
  constraint: o.kernelConstraint,
})
/** What its bias is made by. */
export const biasWeight = (
  o: Pick<KernelOptions, 'biasInitializer' | 'biasRegularizer' | 'biasConstraint'>,
): WeightOptions => ({
  initializer: o.biasInitializer,
  regularizer: o.biasRegularizer,
  constraint: o.biasConstraint,
})
