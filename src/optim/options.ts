import { checkFlags, checkKeys, flagsOf, withoutUndefined } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import type { Variable } from '../ir/variable'
import type { ClipOptions } from './clip'
import type { DecayOptions } from './decay'
import type { EmaOptions } from './ema'

/** What every optimiser takes. */
export interface OptimizerOptions extends ClipOptions, DecayOptions, EmaOptions {
  /** Part of the names of the optimiser's state, `entry/name/...`; the rule's own name if absent. */
  readonly name?: string
  /** All that stands in front of these names, so that several entries of a program share the state. */
  readonly path?: string
  /**
   * Sums the gradients of this many calls, and applies their mean, clipped where that is asked for, on the last of them; on
   * the others variables, slots, averages and step counters keep their values. 1 by default. As in Keras, but that every
   * count, a schedule's too, is of steps that apply gradients.
   */
  readonly gradientAccumulationSteps?: number | null
  /** What a variable must satisfy, applied last to its next value; the result has its shape and dtype. */
  readonly constraints?: ReadonlyMap<Variable, (w: Tensor) => Tensor>
}

/** Options with nothing left open; null is "none". */
export type Complete<O> = Required<Omit<O, 'name' | 'path' | 'constraints'>> &
  Pick<OptimizerOptions, 'name' | 'path' | 'constraints'>

/** What every rule takes, as it is where nothing is said. */
export const COMMON = {
  clipValue: null,
  clipNorm: null,
  globalClipNorm: null,
  weightDecay: null,
  excludeFromWeightDecay: [],
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  gradientAccumulationSteps: null,
} as const satisfies Complete<OptimizerOptions>

/** Throws for an option that the rule does not have. */
export function complete<O extends OptimizerOptions>(
  rule: string,
  defaults: Complete<O>,
  options: O,
): Complete<O> & Complete<OptimizerOptions> {
  checkKeys(rule, options, ['name', 'path', 'constraints', ...Object.keys(defaults)])
  checkFlags(rule, options as object, flagsOf(defaults))
  return { ...defaults, ...withoutUndefined(options) } as never
}
