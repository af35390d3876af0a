import { checkCell } from './cell'
import { defineLayer } from './layer'
import { layerOption } from './layer-option'
import { type RecurrentFactory, resetStates, runCell, sequenceMask } from './recurrent'
import { sequenceOptions } from './sequence-options'

const options = { cell: layerOption(), ...sequenceOptions }

/** Any cell over the steps of [batch, steps, ...]: what it gives for the last, or for all with `returnSequences`. */
export const rnn = defineLayer({
  className: 'RNN',
  name: 'rnn',
  options,
  check: ({ cell }, where) => checkCell(cell, `${where}: cell`),
  parts: ({ cell }) => ({ cell }),
  call: ([x], o, at) => runCell(o.cell, x!, o, at, 'RNN'),
  mask: sequenceMask,
  methods: (layer) => ({ resetStates: () => resetStates(layer) }),
}) as unknown as RecurrentFactory<typeof options>
