import { einsum } from '../api/products'
import { l2Normalize } from '../api/statistics'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { normalizeAxis } from '../ops/axes'
import { expandDims } from '../api/arrange'
import { defineLayer } from './layer'
import { flag, plain, required } from './option'

type Axes = number | readonly [number, number]
// Keras divides by the length, but by no less than this.
const LEAST = 1e-7

/**
 * The products of two inputs summed along an axis of each, sample by sample: what is left of the first, then of the second
 * without the batch; [batch, 1] where nothing is. With `normalize` the cosines of the angles between them. No mask goes on.
 */
export const dot = defineLayer({
  className: 'Dot',
  name: 'dot',
  options: {
    axes: required(
      plain<Axes>('an axis, or a pair with one for each input', (v) =>
        Array.isArray(v) ? v.length === 2 && v.every(Number.isSafeInteger) : Number.isSafeInteger(v),
      ),
    ),
    normalize: flag(false),
  },
  arity: { least: 2, most: 2 },
  call(inputs, o) {
    const [x, y] = inputs as [Tensor, Tensor]
    const [p, q] = typeof o.axes === 'number' ? [o.axes, o.axes] : o.axes
    const [a, b] = [normalizeAxis('Dot', p, x.shape), normalizeAxis('Dot', q, y.shape)]
    const fail = (why: string): GraphError =>
      new GraphError(`Dot: ${why}, for axes ${a} and ${b} of ${describe(x)} and ${describe(y)}`)
    if (a === 0 || b === 0) throw fail('the axis of the batch is not summed')
    if (x.shape[0] !== y.shape[0]) throw fail('the batches differ')
    if (x.shape[a] !== y.shape[b]) throw fail(`extents ${x.shape[a]} and ${y.shape[b]} differ`)
    const unit = (t: Tensor, axis: number): Tensor => (o.normalize ? l2Normalize(t, { axis, epsilon: LEAST ** 2 }) : t)
    const letters = 'bcdefghijklmnopqrstuvwxyABCDEFGHIJKLMNOPQRSTUVWXYZ'
    const term = (t: Tensor, axis: number, from: number): string =>
      t.shape.map((_, i) => (i === 0 ? 'a' : i === axis ? 'z' : letters[from + i - 1]!)).join('')
    const [left, right] = [term(x, a, 0), term(y, b, x.shape.length - 1)]
    const rest = [...left, ...right.slice(1)].filter((letter) => letter !== 'z').join('')
    const product = einsum(`${left},${right}->${rest}`, unit(x, a), unit(y, b))
    return product.shape.length === 1 ? expandDims(product, 1) : product
  },
})
