import { gruCell } from './gru-cell'
import { defineRecurrent } from './recurrent'

/** `gruCell` over the steps of [batch, steps, features]: [batch, units] of the last, or of all with `returnSequences`. */
export const gru = defineRecurrent('GRU', 'gru', gruCell)
