import { convLstm1dCell, convLstm2dCell, convLstm3dCell } from './conv-lstm-cell'
import { defineRecurrent } from './recurrent'

/** `convLstm1dCell` over the steps of [batch, steps, length, channels]. */
export const convLstm1d = defineRecurrent('ConvLSTM1D', 'conv_lstm1d', convLstm1dCell)
/** `convLstm2dCell` over the steps of [batch, steps, rows, columns, channels]. */
export const convLstm2d = defineRecurrent('ConvLSTM2D', 'conv_lstm2d', convLstm2dCell)
/** `convLstm3dCell` over the steps of [batch, steps, depth, rows, columns, channels]. */
export const convLstm3d = defineRecurrent('ConvLSTM3D', 'conv_lstm3d', convLstm3dCell)
