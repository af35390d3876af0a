import { lstmCell } from './lstm-cell'
import { defineRecurrent } from './recurrent'

/** `lstmCell` over the steps of [batch, steps, features]: [batch, units] of the last, or of all with `returnSequences`. */
export const lstm = defineRecurrent('LSTM', 'lstm', lstmCell)
