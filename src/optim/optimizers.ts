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
import { RULES } from './rules'
import { sgdRule } from './sgd'
import { makeSpec, type OptimizerSpec, optionsOf } from './spec'

const factory =
  <O extends OptimizerOptions>(rule: Rule<O>) =>
  (options: O = {} as O): OptimizerSpec =>
    makeSpec(rule, options)

// Optimisers of models, with the options of the functions of the same name.
/** sgd by options, for `compile` of a model; the formula is that of the function `sgd` of `gradloom`. */
export const sgd = factory(sgdRule)
/** rmsprop by options, for `compile` of a model; the formula is that of the function `rmsprop` of `gradloom`. */
export const rmsprop = factory(rmspropRule)
/** adagrad by options, for `compile` of a model; the formula is that of the function `adagrad` of `gradloom`. */
export const adagrad = factory(adagradRule)
/** adadelta by options, for `compile` of a model; the formula is that of the function `adadelta` of `gradloom`. */
export const adadelta = factory(adadeltaRule)
/** adam by options, for `compile` of a model; the formula is that of the function `adam` of `gradloom`. */
export const adam = factory(adamRule)
/** adamw by options, for `compile` of a model; the formula is that of the function `adamw` of `gradloom`. */
export const adamw = factory(adamwRule)
/** adamax by options, for `compile` of a model; the formula is that of the function `adamax` of `gradloom`. */
export const adamax = factory(adamaxRule)
/** nadam by options, for `compile` of a model; the formula is that of the function `nadam` of `gradloom`. */
export const nadam = factory(nadamRule)
/** ftrl by options, for `compile` of a model; the formula is that of the function `ftrl` of `gradloom`. */
export const ftrl = factory(ftrlRule)
/** lion by options, for `compile` of a model; the formula is that of the function `lion` of `gradloom`. */
export const lion = factory(lionRule)
/** lamb by options, for `compile` of a model; the formula is that of the function `lamb` of `gradloom`. */
export const lamb = factory(lambRule)
/** adafactor by options, for `compile` of a model; the formula is that of the function `adafactor` of `gradloom`. */
export const adafactor = factory(adafactorRule)
/** muon by options, for `compile` of a model; the formula is that of the function `muon` of `gradloom`. */
export const muon = factory(muonRule)

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
    `optimizerOf: there is no optimiser ${quoted(String(className))}; there are ${RULES.map((r) => r.name).join(', ')}; ` +
      'of one of your own give what its factory makes, and loadModel the factory as { customObjects: { name: factory } }',
  )
}
