import { digitize } from '../../api/counting'
import { asFloat } from '../../api/build'
import { GraphError } from '../../ir/errors'
import { defineLayer } from '../layer'
import { choice, flag, integer, number, optional } from '../option'
import { title } from '../title'
import { encoded } from './encode'
import { batchesOf, type HostData } from './host'
import { rising } from './options'
import { boundariesOf, EMPTY, merge, summarize } from './quantile-summary'

/**
 * The number of the bin of each element: i where binBoundaries[i - 1] <= x < binBoundaries[i], so one bin more than there are
 * boundaries. `int` gives int32 in the shape of x, other output modes what `categoryEncoding` makes of it. Instead of
 * boundaries there may be `numBins`, and `adapt(data)` finds boundaries between about equally many elements, with an error
 * of `epsilon` of them. The config then has the boundaries, too.
 */
export const discretization = defineLayer({
  className: 'Discretization',
  name: 'discretization',
  options: {
    binBoundaries: optional(rising()),
    numBins: optional(integer()),
    epsilon: number(0.01, Number.MIN_VALUE, 1),
    outputMode: choice(['int', 'oneHot', 'multiHot', 'count'], 'int'),
    sparse: flag(false),
  },
  check({ binBoundaries, numBins, sparse }, where) {
    if (binBoundaries === undefined && numBins === undefined)
      throw new GraphError(`${where}: give binBoundaries, or numBins and call adapt(data)`)
    if (sparse) throw new GraphError(`${where}: tensors here are dense; leave sparse out`)
  },
  call([x], { binBoundaries, outputMode }) {
    if (binBoundaries === undefined)
      throw new GraphError('Discretization: it has no boundaries yet; call adapt(data) before it is used')
    const bins = digitize(asFloat('Discretization', x!), binBoundaries)
    return encoded('Discretization', bins, outputMode, binBoundaries.length + 1, 'float32')
  },
  methods: (layer, { numBins, epsilon }) => ({
    /** Finds boundaries, anew at each call; programs that were compiled before keep theirs. */
    adapt(data: HostData): void {
      if (numBins === undefined)
        throw new GraphError(`${title(layer)}: it was given binBoundaries; give numBins to find them from data`)
      let summary = EMPTY
      for (const { values } of batchesOf(`${title(layer)}.adapt`, data))
        summary = merge(summarize(values, epsilon), summary, epsilon)
      if (summary.values.length === 0) throw new GraphError(`${title(layer)}.adapt: there are no values to learn from`)
      layer.state.options = { ...layer.state.options, binBoundaries: boundariesOf(summary, numBins) }
    },
  }),
})
