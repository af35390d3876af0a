import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { type DType, isFloat, sameShape, showShape } from '../ir/type'
import { checkWeight } from './check-weight'
import { refuseHidden } from './hidden'
import type { AnyLayer } from './layer'
import { explained } from './option'
import { currentPass } from './pass'
import { variableOf } from './path'
import { title } from './title'
import { Weight, type WeightOptions, weightRule } from './weight'

const floatOf = (inputs: readonly Tensor[]): DType => inputs.find((x) => isFloat(x.dtype))?.dtype ?? 'float32'

/** A weight of a layer where it is computed with, made at the first call. */
export function weightOf(
  layer: AnyLayer,
  inputs: readonly Tensor[],
  name: string,
  shape: readonly number[],
  spec: WeightOptions = {},
): Tensor {
  refuseHidden()
  checkWeight(`${title(layer)}: its weight`, name, shape, spec)
  const { weights, shared } = layer.state
  const dtype = spec.dtype ?? shared.dtype ?? floatOf(inputs)
  const { standIns, instead } = currentPass()
  const other = instead?.layer === layer ? instead : undefined
  let weight = weights.get(name)
  if (!weight) {
    const rule = explained(`${title(layer)}: its weight "${name}"`, () => weightRule(spec))
    weight = new Weight(name, [...shape], dtype, other ? other.rule(name, rule) : rule)
    weights.set(name, weight)
  }
  if (!sameShape(weight.shape, shape) || weight.dtype !== dtype)
    throw new GraphError(
      `${title(layer)}: its weight "${name}" is ${weight.dtype}${showShape(weight.shape)}, and would have to be ` +
        `${dtype}${showShape(shape)} for ${inputs.map((x) => `${x.dtype}${showShape(x.shape)}`).join(' and ')}; ` +
        `a layer has the same weights for all its calls`,
    )
  const value = standIns?.of(weight, layer.name) ?? variableOf(layer, weight)
  return other ? other.value(name, value) : value
}
