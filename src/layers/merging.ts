import { expandDims } from '../api/arrange'
import { logicalOr } from '../api/logic'
import { add as plus, div, maximum as larger, minimum as smaller, mul, sub, where } from '../api/math'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { defineLayer, type LayerFactory } from './layer'
import { maskOver } from './mask-over'

type Mask = Tensor | undefined
type Merge = (inputs: readonly Tensor[], masks: readonly Mask[]) => Tensor

/** New axes behind the batch, so many that all have the same. */
const widened = (x: Tensor, missing: number): Tensor =>
  missing === 0 || x.shape.length === 0 ? x : expandDims(x, Array.from({ length: missing }, (_, i) => 1 + i)) // prettier-ignore

function missingAxes(inputs: readonly Tensor[]): number[] {
  const rank = Math.max(...inputs.map((x) => x.shape.length))
  return inputs.map((x) => rank - x.shape.length)
}

/** True where one of the inputs counts; nothing is masked where an input has no mask. */
function either(masks: readonly Mask[], inputs: readonly Tensor[]): Mask {
  const missing = missingAxes(inputs)
  const known = masks.flatMap((mask, i) => (mask ? [widened(mask, missing[i]!)] : []))
  return known.length === masks.length ? known.reduce((a, b) => logicalOr(a, b)) : undefined
}

/** Layers that go over inputs element by element. Shapes broadcast; of the batch only what does not depend on it, 1. */
function merging(className: string, name: string, merge: Merge, most = Infinity): LayerFactory<Record<never, never>> {
  return defineLayer({
    className,
    name,
    options: {},
    arity: { least: most === 2 ? 2 : 1, most },
    mask: either,
    call(inputs, _, at) {
      const batches = new Set(inputs.map((x) => x.shape[0] ?? 1))
      batches.delete(1)
      if (batches.size > 1)
        throw new GraphError(
          `${className}: inputs have the same batch, or one of 1, got ${inputs.map(describe).join(' and ')}`,
        )
      const missing = missingAxes(inputs)
      const masks = at.masks.map((mask, i) => mask && widened(mask, missing[i]!))
      return merge(inputs.map((x, i) => widened(x, missing[i]!)), masks) // prettier-ignore
    },
  })
}

const total = (inputs: readonly Tensor[]): Tensor => inputs.reduce((a, b) => plus(a, b))

/** The sum of its inputs. */
export const add = merging('Add', 'add', total)
/** The first input less the second. */
export const subtract = merging('Subtract', 'subtract', ([a, b]) => sub(a!, b!), 2)
/** The mean of its inputs. */
export const average = merging('Average', 'average', (inputs) => div(total(inputs), inputs.length))

/** The product of its inputs. What is masked counts as 1; where all inputs have masks and all are false it is 0. */
export const multiply = merging('Multiply', 'multiply', (inputs, masks) => {
  const factors = inputs.map((x, i) => (masks[i] ? where(maskOver(masks[i], x), x, 1) : x))
  const product = factors.reduce((a, b) => mul(a, b))
  const mask = either(masks, inputs)
  return mask ? where(maskOver(mask, product), product, 0) : product
})

/** What is masked is passed over where another input, or all before it together, is not. */
const extreme =
  (choose: (a: Tensor, b: Tensor) => Tensor): Merge =>
  ([first, ...rest], [mask, ...masks]) => {
    let [output, known] = [first!, mask]
    rest.forEach((x, i) => {
      const own = masks[i]
      const seen = own ? where(maskOver(own, x), x, output) : x
      const before = known ? where(maskOver(known, output), output, seen) : output
      known = own && known ? logicalOr(own, known) : undefined
      output = choose(before, seen)
    })
    return output
  }
/** The largest of its inputs, of those that are not masked. */
export const maximum = merging('Maximum', 'maximum', extreme((a, b) => larger(a, b))) // prettier-ignore
/** The smallest of its inputs, of those that are not masked. */
export const minimum = merging('Minimum', 'minimum', extreme((a, b) => smaller(a, b))) // prettier-ignore
