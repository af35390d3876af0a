import { GraphError } from '../ir/errors'
import { lookUp } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import { relu, sigmoid, tanh, exp } from '../api/math'
import { elu, gelu, hardSigmoid, selu, silu, softplus, softsign } from '../api/activation'
import { softmax } from '../api/nn'

export type Activation = (x: Tensor) => Tensor
const TABLE: Readonly<Record<string, Activation>> = {
  linear: (x: Tensor) => x,
  relu,
  sigmoid,
  tanh,
  softmax: (x: Tensor) => softmax(x),
  elu: (x: Tensor) => elu(x),
  gelu: (x: Tensor) => gelu(x),
  hardSigmoid,
  selu,
  silu,
  softplus,
  softsign,
  exponential: exp,
} as never
const ids = new WeakMap<Activation, string>()
export type ActivationId = string | Activation | null
export function activationOf(id: unknown): Activation {
  if (typeof id === 'function') return id as Activation
  const found = lookUp('activation', TABLE, (id ?? 'linear') as string)
  if (!ids.has(found))
    ids.set(
      found,
      Object.keys(TABLE).find((k) => TABLE[k] === found)!,
    )
  return found
}
export function activationConfig(f: Activation): unknown {
  const id = ids.get(f)
  if (id === undefined) throw new GraphError('activation: a function of your own has no config')
  return id
}
