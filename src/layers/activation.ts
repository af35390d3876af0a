import { defineLayer } from './layer'
import { required } from './option'
import { activation as activationOption } from './part-options'

/** An activation as a layer of its own. */
export const activation = defineLayer({
  className: 'Activation',
  name: 'activation',
  options: { activation: required(activationOption('linear')) },
  mask: 'pass',
  call: ([x], o) => o.activation(x!),
})
