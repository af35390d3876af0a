import { flag, optional, plain, string } from './option'
import { regularizer } from './part-options'
import type { OpenShape } from './symbolic'

/** What every layer may be told. */
export const layerOptions = {
  name: optional(string()),
  trainable: flag(true),
  /** Of its weights; that of the inputs by default, float32 for inputs that are not floats. */
  dtype: optional(plain<'float32' | 'float64'>("'float32' or 'float64'", (v) => v === 'float32' || v === 'float64')),
  /** The shape of inputs without the batch, for the first layer of `sequential`. */
  inputShape: optional(
    plain<OpenShape>(
      'a list of extents, null for one that data settle',
      (v) => Array.isArray(v) && v.every((d) => d === null || (Number.isSafeInteger(d) && (d as number) >= 0)),
    ),
  ),
  activityRegularizer: regularizer(),
}
/** What every layer takes. */
export type SharedOptions = typeof layerOptions
