import { defineRecurrent } from './recurrent'
import { simpleRNNCell } from './simple-rnn-cell'

/** `simpleRNNCell` over the steps of [batch, steps, features]: [batch, units] of the last, or of all with `returnSequences`. */
export const simpleRNN = defineRecurrent('SimpleRNN', 'simple_rnn', simpleRNNCell)
