import { simpleRnnCell } from '../api/recurrent-layers'
import { defineCell } from './cell'
import { dropped, recurrentWeights, unitOptions } from './cell-options'

/** One step activation(x kernel + h recurrent_kernel + bias): [batch, features] and h to the output, which is h, [batch, units]. */
export const simpleRNNCell = defineCell({
  className: 'SimpleRNNCell',
  name: 'simple_rnn_cell',
  options: unitOptions,
  cell(x, o, at) {
    const { units, activation } = o
    const shape = [x.shape[0]!, units]
    const shapes = { kernel: [x.shape.at(-1)!, units], recurrentKernel: [units, units], bias: [units] }
    const weights = recurrentWeights(o, at, shapes)
    const options = { activation, ...dropped(o, at, x, shape, 1) }
    return {
      shapes: [shape],
      step: (x, [h]) => {
        const { output, state } = simpleRnnCell(x, { h: h! }, weights, options)
        return { output, state: [state.h] }
      },
    }
  },
})
