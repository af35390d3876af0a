import { reshape } from '../api/shape'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { defineLayer } from './layer'
import { layerOption } from './layer-option'
import { maskOf, setMask } from './pass'

const folded = (x: Tensor): Tensor => reshape(x, [x.shape[0]! * x.shape[1]!, ...x.shape.slice(2)])
const unfolded = (y: Tensor, x: Tensor): Tensor => reshape(y, [...x.shape.slice(0, 2), ...y.shape.slice(1)])

/**
 * A layer on every step by itself: [batch, steps, ...] gives [batch, steps, ...] of what the layer makes of [batch, ...]. All
 * steps are one batch to it: statistics that it takes of a batch are those of all of them. A mask [batch, steps] is handed
 * on; one of more axes is the layer's.
 */
export const timeDistributed = defineLayer({
  className: 'TimeDistributed',
  name: 'time_distributed',
  options: { layer: layerOption() },
  parts: ({ layer }) => ({ layer }),
  call([x], { layer }, at) {
    if (x!.shape.length < 3)
      throw new GraphError(`TimeDistributed: the input must be [batch, steps, ...], it is ${describe(x!)}`)
    const [mask] = at.masks
    const isOfSteps = mask && mask.shape.length === 2
    const results = at.layer(layer, folded(x!), { mask: mask && !isOfSteps ? folded(mask) : null }, layer.name)
    const outputs = results.map((y) => {
      const output = unfolded(y, x!)
      const behind = maskOf(y)
      setMask(output, isOfSteps ? mask : behind && unfolded(behind, x!))
      return output
    })
    return outputs.length === 1 ? outputs[0]! : outputs
  },
  mask: (_masks, _inputs, outputs) => outputs.map(maskOf),
})
