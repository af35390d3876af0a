import { gruCell as gruStep } from '../api/recurrent-layers'
import { defineCell } from './cell'
import { dropped, gateOptions, recurrentWeights, unitOptions } from './cell-options'
import { flag } from './option'

/**
 * One step of a gated recurrent unit: [batch, features] and h to the output, which is h, [batch, units]. Gates lie side by
 * side in the order z r h; with `resetAfter` the bias is [2, 3 units], one row for each kernel.
 */
export const gruCell = defineCell({
  className: 'GRUCell',
  name: 'gru_cell',
  options: { ...unitOptions, ...gateOptions, resetAfter: flag(true) },
  cell(x, o, at) {
    const { units, activation, recurrentActivation, resetAfter } = o
    const shape = [x.shape[0]!, units]
    const weights = recurrentWeights(o, at, {
      kernel: [x.shape.at(-1)!, 3 * units],
      recurrentKernel: [units, 3 * units],
      bias: resetAfter ? [2, 3 * units] : [3 * units],
    })
    const options = { activation, recurrentActivation, resetAfter, ...dropped(o, at, x, shape, 3) }
    return {
      shapes: [shape],
      step: (x, [h]) => {
        const { output, state } = gruStep(x, { h: h! }, weights, options)
        return { output, state: [state.h] }
      },
    }
  },
})
