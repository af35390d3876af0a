import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { defineLayer } from './layer'
import { optional, type Option, required, shown } from './option'

type Mask = Tensor | undefined
/** What the function of a `lambda` sees besides its inputs. */
export interface LambdaCall {
  readonly training: boolean
  /** The masks of the inputs. */
  readonly masks: readonly Mask[]
}
/** What a `lambda` layer computes. */
export type LambdaFunction = (x: Tensor & readonly Tensor[], call: LambdaCall) => Tensor | readonly Tensor[]
/** What mask a `lambda` layer hands on. */
export type LambdaMask = (masks: readonly Mask[], inputs: readonly Tensor[]) => Mask | readonly Mask[]

const code = <F>(): Option<F, F, false> => ({
  required: false,
  text: 'a function',
  parse(value, where) {
    if (typeof value !== 'function') throw new GraphError(`${where} must be a function, it is ${shown(value)}`)
    return value as F
  },
  write() {
    throw new GraphError('Lambda: a function cannot be saved in a config; write a layer of your own with defineLayer')
  },
})

/**
 * Any function of tensors as a layer: it is given the input, or the list where there are several, and gives a tensor or
 * several. `mask` says the masks behind it; without one there are none. It has no weights, and no config: throws a GraphError
 * where the function calls a layer that has some.
 */
export const lambda = defineLayer({
  className: 'Lambda',
  name: 'lambda',
  options: { function: required(code<LambdaFunction>()), mask: optional(code<LambdaMask>()) },
  arity: { least: 1, most: Infinity },
  mask: (masks, inputs, _, o) => o.mask?.(masks, inputs),
  call: (inputs, o, { training, masks }) =>
    o.function((inputs.length === 1 ? inputs[0] : inputs) as never, { training, masks }),
})
