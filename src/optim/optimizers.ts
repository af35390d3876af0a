import { GraphError } from '../ir/errors'
import { quoted, sameName } from '../ir/names-of'
import { adafactorRule } from './adafactor'
import { adamRule, adamwRule } from './adam'
import { adamaxRule, lambRule, nadamRule } from './adam-kin'
import { adadeltaRule, adagradRule, rmspropRule } from './adaptive'
import { ftrlRule } from './ftrl'
import { lionRule } from './lion'
import { muonRule } from './muon'
import type { OptimizerOptions } from './options'
import type { Rule } from './optimizer'
import { sgdRule } from './sgd'
import { makeSpec, type OptimizerSpec, optionsOf } from './spec'

const factory =
  <O extends OptimizerOptions>(rule: Rule<O>) =>
  (options: O = {} as O): OptimizerSpec =>
    makeSpec(rule, options)

// Optimisers of models, with the options of the functions of the same name.
export const sgd = factory(sgdRule)
export const rmsprop = factory(rmspropRule)
export const adagrad = factory(adagradRule)
export const adadelta = factory(adadeltaRule)
export const adam = factory(adamRule)
export const adamw = factory(adamwRule)
export const adamax = factory(adamaxRule)
export const nadam = factory(nadamRule)
export const ftrl = factory(ftrlRule)
export const lion = factory(lionRule)
export const lamb = factory(lambRule)
export const adafactor = factory(adafactorRule)
export const muon = factory(muonRule)

const RULES = [
  sgdRule,
  rmspropRule,
  adagradRule,
  adadeltaRule,
  adamRule,
  adamwRule,
  adamaxRule,
  nadamRule,
  ftrlRule,
  lionRule,
  lambRule,
  adafactorRule,
  muonRule,
] as unknown as readonly Rule[]

/** An optimiser by what names it: its class or name in any case, with or without underscores; class and config; or itself. */
export type OptimizerId = string | OptimizerSpec | { readonly className: string; readonly config: object }

/** Throws for a name that no rule has. */
export function optimizerOf(id: OptimizerId): OptimizerSpec {
  if (typeof id === 'function' || (typeof id !== 'string' && (typeof id !== 'object' || id === null)))
    throw new GraphError(
      `optimizerOf: expected a name, or what a function such as adam({ learningRate: 0.001 }) gives; got ${id === null ? 'null' : typeof id}`,
    )
  if (typeof id !== 'string' && 'updates' in id) return id
  const className = typeof id === 'string' ? id : id.className
  const rule = RULES.find((r) => sameName(r.className, String(className)))
  if (rule && typeof id === 'string') return makeSpec(rule, {})
  if (rule) {
    const made = makeSpec(rule, optionsOf((id as { readonly config: unknown }).config) as OptimizerOptions)
    // What comes from a config has one; reading it finds values that no option has.
    void made.config
    return made
  }
  throw new GraphError(
    `optimizerOf: there is no optimiser ${quoted(String(className))}; there are ${RULES.map((r) => r.name).join(', ')}`,
  )
}
