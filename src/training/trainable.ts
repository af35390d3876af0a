import type { Tensor } from '../ir/tensor'
import type { AnyLayer } from '../layers/layer'
import type { TrainableRule } from '../layers/layer-weights'
import type { Symbolic } from '../layers/symbolic'

/** What training needs to know of a model. */
export interface Trainable {
  readonly layer: AnyLayer
  readonly inputs: readonly Symbolic[]
  readonly outputs: readonly Symbolic[]
  /** Unique, and those under which data may be given. */
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** First seed of weights and random numbers. */
  readonly seed: number
  /** Whether results are lists. */
  readonly isMany: boolean
  /** Whether it is known what samples look like. */
  readonly isBuilt: boolean
  /** Says what samples look like, where the model takes that from its first data. */
  prepare?(x: unknown): void
  run(inputs: readonly Tensor[]): readonly Tensor[]
}

/** The rule as it is now for a layer and its parts, whatever is frozen or freed later. Parts that come later say it themselves. */
export function trainableNow(layer: AnyLayer): TrainableRule {
  const known = new Map<AnyLayer, boolean>()
  const note = (l: AnyLayer): void => {
    known.set(l, l.trainable)
    l.layers.forEach(note)
  }
  note(layer)
  return (l) => known.get(l) ?? l.trainable
}
