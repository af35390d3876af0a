import { defineLayer } from './layer'

/** Its inputs as they are, masks too. */
export const identity = defineLayer({
  className: 'Identity',
  name: 'identity',
  options: {},
  arity: { least: 1, most: Infinity },
  mask: (masks) => masks,
  call: (inputs) => (inputs.length === 1 ? inputs[0]! : inputs),
})
