import {
  celu,
  elu,
  gelu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  softplus,
  softShrink,
  softsign,
  tanhShrink,
} from '../api/activation'
import {
  glu,
  relu,
  type ReluOptions,
  sparsemax,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  threshold,
} from '../api/activation-more'
import { clip } from '../api/elementary'
import { identity } from '../api/elementary-more'
import { add, exp, mul, sigmoid, tanh } from '../api/math'
import { logSoftmax, softmax } from '../api/nn'
import { GraphError } from '../ir/errors'
import { checkKeys, nameIn } from '../ir/names-of'
import { type Part, type PartConfig, partConfig, partFrom, type PartId, requireConfig } from '../ir/part'
import type { Tensor } from '../ir/tensor'

/** What a layer does to its result, element by element or along an axis; one of Keras's has a class name and a config. */
export type Activation = Part<(x: Tensor) => Tensor>
/** An activation: its name, its class and config, or a function. */
export type ActivationId = PartId<(x: Tensor) => Tensor>

interface Row {
  /** The public function that means the same where a layer is given it. */
  readonly own?: (x: Tensor) => Tensor
  /** All options with the values they have where they are not given. */
  readonly defaults: Readonly<Record<string, unknown>>
  readonly needs?: readonly string[]
  readonly run: (x: Tensor, options: never) => Tensor
}
const plain = (own: (x: Tensor) => Tensor): Row => ({ own, defaults: {}, run: own })
const along = (own: (x: Tensor, options: { readonly axis: number }) => Tensor): Row => ({
  own: own as (x: Tensor) => Tensor,
  defaults: { axis: -1 },
  run: own,
})

/** Keras's activations with its defaults. */
const ACTIVATIONS = {
  celu: { own: celu, defaults: { alpha: 1 }, run: celu },
  elu: { own: elu, defaults: { alpha: 1 }, run: elu },
  exponential: plain(exp),
  gelu: { own: gelu, defaults: { approximate: false }, run: gelu },
  glu: along(glu),
  hardShrink: { own: hardShrink, defaults: { threshold: 0.5 }, run: hardShrink },
  // That of Keras 2 has a slope of 0.2.
  hardSigmoid: {
    own: hardSigmoid,
    defaults: { slope: 1 / 6 },
    run: (x, { slope }: { readonly slope: number }) =>
      slope === 1 / 6 ? hardSigmoid(x) : clip(add(mul(x, slope), 0.5), 0, 1),
  },
  hardSilu: plain(hardSilu),
  hardTanh: plain(hardTanh),
  leakyRelu: {
    own: leakyRelu,
    defaults: { negativeSlope: 0.2 },
    run: (x, { negativeSlope }: { readonly negativeSlope: number }) => leakyRelu(x, { slope: negativeSlope }),
  },
  linear: { own: identity, defaults: {}, run: (x) => x },
  logSigmoid: plain(logSigmoid),
  logSoftmax: along(logSoftmax),
  mish: plain(mish),
  relu: {
    own: relu,
    defaults: { negativeSlope: 0, maxValue: undefined, threshold: 0 } satisfies { [K in keyof ReluOptions]-?: unknown },
    run: relu,
  },
  relu6: plain(relu6),
  selu: plain(selu),
  sigmoid: plain(sigmoid),
  silu: plain(silu),
  softmax: along(softmax),
  softplus: plain(softplus),
  softShrink: { own: softShrink, defaults: { threshold: 0.5 }, run: softShrink },
  softsign: plain(softsign),
  sparsemax: along(sparsemax),
  sparsePlus: plain(sparsePlus),
  sparseSigmoid: plain(sparseSigmoid),
  squareplus: { own: squareplus, defaults: { b: 4 }, run: squareplus },
  tanh: plain(tanh),
  tanhShrink: plain(tanhShrink),
  threshold: {
    defaults: { threshold: undefined, defaultValue: undefined },
    needs: ['threshold', 'defaultValue'],
    run: (x, options: { readonly threshold: number; readonly defaultValue: number }) =>
      threshold(x, options.threshold, options.defaultValue),
  },
} satisfies Readonly<Record<string, Row>>

const ROWS: Readonly<Record<string, Row>> = ACTIVATIONS
const ALIASES = { hardSwish: 'hardSilu', swish: 'silu' }
/** The names of all activations; two more, `swish` and `hardSwish`, are `silu` and `hardSilu`. */
export const activationNames: readonly string[] = Object.keys(ACTIVATIONS)

/**
 * The activation that a layer is told: one of Keras's by name, case and underscores aside ('leakyRelu', 'leaky_relu'), or as
 * { className, config } with options; a public function such as `relu`, which is the same as its name; or any function of a
 * tensor. None is `linear`. Throws for a name or an option that is not known.
 */
export function activationOf(id: ActivationId | null | undefined): Activation {
  if (id === undefined || id === null) return made('linear', {})
  if (typeof id === 'function') {
    const known = activationNames.find((name) => ROWS[name]!.own === id)
    return known === undefined ? id : made(known, {})
  }
  const { className, config = {} } = requireConfig('activation', typeof id === 'string' ? { className: id } : id)
  return made(nameIn('activation', activationNames, className, ALIASES), config)
}

function made(name: string, config: object): Activation {
  const { defaults, needs = [], run } = ROWS[name]!
  checkKeys(name, config, Object.keys(defaults))
  const options: Readonly<Record<string, unknown>> = { ...defaults, ...config }
  if (needs.some((key) => options[key] === undefined))
    throw new GraphError(`${name}: needs ${needs.join(' and ')}, as in { className: '${name}', config: { ... } }`)
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  return partFrom(name, options, (x: Tensor) => run(x, given as never))
}

/**
 * What JSON holds of an activation: its name alone where all options are the defaults. Throws for a function of the user's
 * own.
 */
export function activationConfig(activation: Activation): string | PartConfig {
  const { className, config } = partConfig('activation', activation)
  const defaults = ROWS[className]?.defaults
  return defaults && Object.keys(config).every((key) => config[key] === defaults[key])
    ? className
    : { className, config }
}
