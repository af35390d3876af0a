import { add } from '../api/math'
import { matmul } from '../api/shape'
import { GraphError } from '../ir/errors'
import { describe } from '../ir/tensor'
import { defineLayer } from './layer'
import { integer, required } from './option'
import { activation, biasWeight, kernelOptions, kernelWeight } from './part-options'
import { currentPass } from './pass'

/** activation(x kernel + bias) over the last axis: [..., n] gives [..., units]; kernel [n, units], bias [units]. */
export const dense = defineLayer({
  className: 'Dense',
  name: 'dense',
  options: { units: required(integer()), activation: activation('linear'), ...kernelOptions },
  mask: 'pass',
  call([x], o, at) {
    if (x!.shape.length < 2 && currentPass().standIns)
      throw new GraphError(`Dense: an input of a model has 2 axes or more with the batch, got ${describe(x!)}`)
    const kernel = at.weight('kernel', [x!.shape.at(-1)!, o.units], kernelWeight(o))
    const product = matmul(x!, kernel)
    return o.activation(o.useBias ? add(product, at.weight('bias', [o.units], biasWeight(o))) : product)
  },
})
