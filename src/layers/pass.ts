import { makeVariable } from '../api/leaf'
import { checkKeys, requireFlag, requireFunction } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import { withoutTrace } from '../ir/trace'
import type { Update, Variable } from '../ir/variable'
import { instantiate } from '../ops/region'
import type { AnyLayer, LayerState } from './layer'
import type { Weight, WeightRule } from './weight'

/** Where the weights of layers appear in the program of a model, and as which variables. */
export interface Naming {
  readonly paths: Map<AnyLayer, string>
  readonly variables: Map<Weight, Variable>
  /** What layers were told when the program was made: it is the same for batches of any size. */
  readonly told: Map<AnyLayer, Told>
  /** Whether a layer is to be trained. */
  isTrainable(layer: AnyLayer): boolean
}
export const makeNaming = (isTrainable: Naming['isTrainable'] = (layer) => layer.trainable): Naming => ({
  paths: new Map(),
  variables: new Map(),
  told: new Map(),
  isTrainable,
})

/** What may change between one call of a layer and the next. */
export type Told = Pick<LayerState, 'options' | 'trainable'>

export function toldOf(layer: AnyLayer, { naming }: Pass): Told {
  const known = naming?.told.get(layer)
  if (known) return known
  const now = { options: layer.state.options, trainable: naming?.isTrainable(layer) ?? layer.trainable }
  naming?.told.set(layer, now)
  return now
}

/** What layers that run together share. */
export interface Pass {
  readonly training: boolean
  /** Present where only shapes are asked for. */
  readonly standIns?: StandIns
  /** Present in the program of a model; elsewhere each layer has one path for good. */
  readonly naming?: Naming
  /** Scalars that training adds to the loss. */
  readonly losses: Tensor[]
  /** What an entry that uses the results must do. */
  readonly updates: Update[]
  /** What a layer around another makes of its weights. */
  readonly instead?: Instead
  /** The layer whose call is under way, unless that is a model. */
  readonly caller?: AnyLayer
  /** Present inside of a layer that is no part of the one that called it. */
  readonly hidden?: { readonly caller: AnyLayer; readonly layer: AnyLayer }
}

/** Other values, and other rules, for the weights of one layer. */
export interface Instead {
  readonly layer: AnyLayer
  rule(name: string, given: WeightRule): WeightRule
  value(name: string, weight: Tensor): Tensor
}

/** What takes the place of weights while only shapes are asked for. */
export class StandIns {
  private readonly made = new Map<Weight, Tensor>()

  of(weight: Weight, layer: string): Tensor {
    let found = this.made.get(weight)
    if (!found) {
      found = withoutTrace(() =>
        makeVariable(`${layer}/${weight.name}`, weight.shape, weight.dtype, 0, { kind: 'untrained' }),
      )
      this.made.set(weight, found)
    }
    return found
  }
}

// Ambient like the trace, so that layers may be called inside plain functions.
let current: Pass | undefined

export const makePass = (
  training: boolean,
  more: Pick<Pass, 'standIns' | 'naming' | 'caller' | 'hidden'> = {},
): Pass => ({
  training,
  ...more,
  losses: [],
  updates: [],
})

export const currentPass = (): Pass => current ?? makePass(false)

export function withPass<T>(pass: Pass, body: () => T): T {
  const outer = current
  current = pass
  try {
    return body()
  } finally {
    current = outer
  }
}

/** What is updated twice, as by a layer that is called twice, is so in turn: the later update begins where the earlier one ends. */
export function addUpdates({ updates }: Pass, more: readonly Update[]): void {
  for (const [variable, next] of more) {
    const at = updates.findIndex(([v]) => v === variable)
    if (at < 0) updates.push([variable, next])
    else updates[at] = [variable, instantiate([next], new Map([[variable, updates[at]![1]]]))[0]!]
  }
}

/** What came of layers that ran together. */
export interface Forward<T> {
  readonly result: T
  /** Scalars to add to the loss: penalties of activities. */
  readonly losses: readonly Tensor[]
  /** Updates that belong to the result, such as those of running statistics; an entry that uses the result returns them. */
  readonly updates: readonly Update[]
}

/**
 * Calls layers inside the body of an entry and collects what they do besides computing.
 *
 *     const { result, updates } = forward({ training: true }, () => net(x))
 */
export function forward<T>(options: { readonly training?: boolean }, body: () => T): Forward<T> {
  checkKeys('forward', options, ['training'])
  if (options.training !== undefined) requireFlag('forward: training', options.training)
  requireFunction('forward: the body', body)
  return forwardNamed(options, undefined, body)
}

/** The same in the program of a model. */
export function forwardNamed<T>(
  { training = false }: { readonly training?: boolean },
  naming: Naming | undefined,
  body: () => T,
): Forward<T> {
  const { caller, hidden } = currentPass()
  const more = { ...(naming ? { naming } : {}), ...(caller ? { caller } : {}), ...(hidden ? { hidden } : {}) }
  const pass = makePass(training, more)
  const result = withPass(pass, body)
  return { result, losses: pass.losses, updates: pass.updates }
}

const masks = new WeakMap<Tensor, Tensor>()
/** The mask that belongs to a tensor, bool; undefined where everything counts. */
export const maskOf = (x: Tensor): Tensor | undefined => masks.get(x)
export const setMask = (x: Tensor, mask: Tensor | undefined): void => {
  if (mask) masks.set(x, mask)
  else masks.delete(x)
}
