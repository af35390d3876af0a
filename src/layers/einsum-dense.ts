import { add } from '../api/math'
import { einsum } from '../api/products'
import { GraphError } from '../ir/errors'
import { sizeOf } from '../ir/type'
import { parseEinsumDense, weightShapes } from './einsum-shapes'
import { withFans } from './fans'
import { defineLayer } from './layer'
import { optional, plain, required, string } from './option'
import { activation, biasWeight, kernelOptions, kernelWeight } from './part-options'

const { useBias: _, ...weightOptions } = kernelOptions
type Extents = number | readonly (number | null)[]
const isExtent = (v: unknown): boolean => v === null || (Number.isSafeInteger(v) && (v as number) >= 1)

/**
 * activation(einsum(equation, x, kernel) + bias). The equation is `ab,bc->ac`, with `...` in front of or behind the axes of x
 * that it leaves alone; `outputShape` is that of the result without the batch and those axes, null where the input says it;
 * the bias has the axes of the result that `biasAxes` names. The fans of the kernel are its axes that the result has not,
 * and those that it has. Throws for an equation that does not say all axes of the kernel, and for extents that differ.
 */
export const einsumDense = defineLayer({
  className: 'EinsumDense',
  name: 'einsum_dense',
  options: {
    equation: required(string()),
    outputShape: required(
      plain<Extents>('a whole number from 1, or a list of them with null where the input says the extent', (v) =>
        Array.isArray(v) ? v.every(isExtent) : v !== null && isExtent(v),
      ),
    ),
    activation: activation('linear'),
    biasAxes: optional(string()),
    ...weightOptions,
  },
  check({ equation, biasAxes = '' }, where) {
    const { output } = parseEinsumDense(equation, where)
    const other = [...biasAxes].find((axis) => !output.includes(axis))
    if (other !== undefined)
      throw new GraphError(`${where}: biasAxes names "${other}", which the result of ${equation} has not`)
  },
  call([x], o, at) {
    const { kernel, bias, inward } = weightShapes(o, x!)
    const fanIn = sizeOf(kernel.filter((_, i) => inward[i]))
    const scaled = { ...kernelWeight(o), initializer: withFans(o.kernelInitializer, fanIn, sizeOf(kernel) / fanIn) }
    const product = einsum(o.equation, x!, at.weight('kernel', kernel, scaled))
    return o.activation(bias ? add(product, at.weight('bias', bias, biasWeight(o))) : product)
  },
})
