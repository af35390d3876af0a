import { lstmCell as lstmStep } from '../api/recurrent-layers'
import { defineCell } from './cell'
import { dropped, forgetOptions, forgetting, gateOptions, recurrentWeights, unitOptions } from './cell-options'

/**
 * One step of an LSTM: [batch, features] and the state h, c to the output, which is h, and the state, [batch, units] each.
 * Gates lie side by side in the order i f c o; with `unitForgetBias` the bias of f begins with ones.
 */
export const lstmCell = defineCell({
  className: 'LSTMCell',
  name: 'lstm_cell',
  options: { ...unitOptions, ...gateOptions, ...forgetOptions },
  cell(x, o, at) {
    const { units, activation, recurrentActivation } = o
    const shape = [x.shape[0]!, units]
    const shapes = { kernel: [x.shape.at(-1)!, 4 * units], recurrentKernel: [units, 4 * units], bias: [4 * units] }
    const first = o.unitForgetBias ? forgetting(o.biasInitializer, units) : o.biasInitializer
    const weights = recurrentWeights(o, at, shapes, first)
    const options = { activation, recurrentActivation, ...dropped(o, at, x, shape, 4) }
    return {
      shapes: [shape, shape],
      step: (x, [h, c]) => {
        const { output, state } = lstmStep(x, { h: h!, c: c! }, weights, options)
        return { output, state: [state.h, state.c] }
      },
    }
  },
})
