import { prelu } from '../api/activation'
import { GraphError } from '../ir/errors'
import { describe } from '../ir/tensor'
import { defineLayer } from './layer'
import { axes, optional } from './option'
import { constraint, initializer, regularizer } from './part-options'

/**
 * x above 0, alpha x below with a slope that is trained: `alpha` has the shape of an input without the batch, and extent 1
 * along the axes that share it, counted with the batch. Source: He et al. 2015, arXiv:1502.01852.
 */
export const pReLU = defineLayer({
  className: 'PReLU',
  name: 'p_re_lu',
  options: {
    alphaInitializer: initializer('zeros'),
    alphaRegularizer: regularizer(),
    alphaConstraint: constraint(),
    sharedAxes: optional(axes()),
  },
  mask: 'pass',
  call([x], o, at) {
    const shared = [o.sharedAxes ?? []].flat()
    const wrong = shared.find((axis) => axis < 1 || axis >= x!.shape.length)
    if (wrong !== undefined)
      throw new GraphError(`PReLU: sharedAxes are from 1, behind the batch, to ${x!.shape.length - 1}; ${describe(x!)} has no ${wrong}`) // prettier-ignore
    const shape = x!.shape.slice(1).map((extent, i) => (shared.includes(i + 1) ? 1 : extent))
    const alpha = at.weight('alpha', shape, {
      initializer: o.alphaInitializer,
      regularizer: o.alphaRegularizer,
      constraint: o.alphaConstraint,
    })
    return prelu(x!, alpha)
  },
})
