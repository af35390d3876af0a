import { convLstmCell } from '../api/recurrent-conv'
import { GraphError } from '../ir/errors'
import { describe } from '../ir/tensor'
import { defineCell, type ManyFactory } from './cell'
import { dropped, forgetOptions, forgetting, gateOptions, recurrentOptions, recurrentWeights } from './cell-options'
import { choice, integer, perAxis, required } from './option'

const optionsOf = (rank: number) => ({
  filters: required(integer()),
  kernelSize: required(perAxis(rank)),
  strides: perAxis(rank, 1),
  padding: choice(['valid', 'same'], 'valid'),
  dataFormat: choice(['channelsLast', 'channelsFirst'], 'channelsLast'),
  dilationRate: perAxis(rank, 1),
  ...recurrentOptions,
  ...gateOptions,
  ...forgetOptions,
})
export type ConvLstmOptions = ReturnType<typeof optionsOf>

/**
 * One step of an LSTM whose projections are convolutions: [batch, ...positions, channels] and the state h, c to the output,
 * which is h, and the state, with filters as channels. The input is convolved with `strides`, `padding` and `dilationRate`,
 * the state with padding `same`. Source: Shi et al. 2015, arXiv:1506.04214.
 */
function convCell(rank: number): ManyFactory<ConvLstmOptions> {
  const className = `ConvLSTM${rank}DCell`
  return defineCell({
    className,
    name: 'conv_lstm_cell',
    options: optionsOf(rank),
    cell(x, o, at) {
      if (x.shape.length !== rank + 2)
        throw new GraphError(`${className}: a step must have ${rank + 2} dimensions, it is ${describe(x)}`)
      const { filters, kernelSize, strides, padding, dataFormat, activation, recurrentActivation } = o
      const channels = x.shape.at(dataFormat === 'channelsLast' ? -1 : 1)!
      const shapes = {
        kernel: [...kernelSize, channels, 4 * filters],
        recurrentKernel: [...kernelSize, filters, 4 * filters],
        bias: [4 * filters],
      }
      const first = o.unitForgetBias ? forgetting(o.biasInitializer, filters) : o.biasInitializer
      const weights = recurrentWeights(o, at, shapes, first)
      const options = { strides, padding, dataFormat, dilations: o.dilationRate, activation, recurrentActivation }
      const { shape } = convLstmCell(className, x, weights, options)
      const { step } = convLstmCell(className, x, weights, { ...options, ...dropped(o, at, x, shape, 4, true) })
      return {
        shapes: [shape, shape],
        step: (x, [h, c]) => {
          const next = step(x, { h: h!, c: c! })
          return { output: next.h, state: [next.h, next.c] }
        },
      }
    },
  })
}

/**
 * One step of `convLstm1d`: [batch, steps, channels] and the state h, c to the output, which is h, and the state, with
 * filters as channels.
 */
export const convLstm1dCell = convCell(1)
/**
 * One step of `convLstm2d`: [batch, rows, columns, channels] and the state h, c to the output, which is h, and the state, with
 * filters as channels.
 */
export const convLstm2dCell = convCell(2)
/**
 * One step of `convLstm3d`: [batch, planes, rows, columns, channels] and the state h, c to the output, which is h, and the state, with
 * filters as channels.
 */
export const convLstm3dCell = convCell(3)
