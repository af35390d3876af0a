import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { checkCount, checkSeed } from './checks'
import { datasetOf } from './dataset'
import { type NumberArray, showValue } from './layout'
import type { BatchOf, Row } from './rows'
import { stack } from './stack'
import { type Table, tableOf } from './table'
import { tableStage } from './source'
import type { Dataset } from './types'

const WHAT = 'dataset.timeSeries'

/** Options of `dataset.timeSeries`. */
export interface TimeSeriesOptions {
  /** Steps in a sequence. */
  readonly sequenceLength: number
  /** How many steps the beginnings of neighbouring sequences are apart. Default 1. */
  readonly sequenceStride?: number
  /** How many steps of the data neighbouring steps of a sequence are apart. Default 1. */
  readonly samplingRate?: number
  /** Sequences in a batch, of which the last may have fewer; null gives them one by one. Default 128. */
  readonly batchSize?: number | null
  /** Whether each epoch has the sequences in another order. Default false. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
  /** The data used: from step `startIndex` on, 0 by default, and before step `endIndex`, the end by default. */
  readonly startIndex?: number
  readonly endIndex?: number
}
const OPTIONS: readonly (keyof TimeSeriesOptions)[] = ['sequenceLength', 'sequenceStride', 'samplingRate', 'batchSize', 'shuffle', 'seed', 'startIndex', 'endIndex'] // prettier-ignore

type Series = NumberArray | readonly unknown[]
type Batches<T, B, O> = O extends { readonly batchSize: null } ? Dataset<T, B> : Dataset<B, B>

/**
 * Sequences of steps of a series, as Keras's `timeseries_dataset_from_array` makes them: batches of shape
 * [batch, sequenceLength, ...step], or with targets pairs of those and their targets, [batch, ...target]. The data is
 * cut along its first axis (an array, or a typed array with a `shape`); the sequence that begins at step i has target i.
 * Throws where no sequence fits, and where Keras does: for strides and rates of the length of the data and more.
 */
export function timeSeries<D extends Series, const O extends TimeSeriesOptions>(
  data: D,
  targets: null | undefined,
  options: O,
): Batches<BatchOf<D>, BatchOf<D>, O>
export function timeSeries<D extends Series, Y extends Series, const O extends TimeSeriesOptions>(
  data: D,
  targets: Y,
  options: O,
): Batches<[sequence: BatchOf<D>, target: Row<Y>], [sequences: BatchOf<D>, targets: BatchOf<Y>], O>
export function timeSeries(
  data: Series,
  targets: Series | null | undefined,
  options: TimeSeriesOptions,
): Dataset<unknown> {
  checkKeys(WHAT, options, OPTIONS)
  checkFlags(WHAT, options, ['shuffle'])
  const steps = seriesOf('data', data)
  const goals = targets === null || targets === undefined ? undefined : seriesOf('targets', targets)
  const { sequenceLength, sequenceStride = 1, samplingRate = 1, batchSize = 128, shuffle = false, seed = 0 } = options
  const { startIndex = 0, endIndex = steps.extent } = options
  for (const [name, value] of Object.entries({ sequenceLength, sequenceStride, samplingRate, endIndex }))
    checkCount(WHAT, name, value, 1)
  checkCount(WHAT, 'startIndex', startIndex, 0)
  if (batchSize !== null) checkCount(WHAT, 'batchSize', batchSize, 1)
  checkSeed(WHAT, seed)
  for (const [name, value] of Object.entries({ sequenceStride, samplingRate, startIndex }))
    if (value >= steps.extent)
      throw new GraphError(`${WHAT}: ${name} must be below the ${steps.extent} steps of the data, it is ${value}`)
  if (endIndex <= startIndex || endIndex > steps.extent)
    throw new GraphError(
      `${WHAT}: endIndex must be above startIndex ${startIndex} and at most the ${steps.extent} steps of the data, it is ${endIndex}`,
    )

  const reach = (sequenceLength - 1) * samplingRate + 1
  const starts = Math.min(endIndex - startIndex - reach + 1, (goals?.extent ?? Infinity) - startIndex)
  if (starts < 1)
    throw new GraphError(
      `${WHAT}: no sequence fits: one takes ${reach} steps and a target, there are ${endIndex - startIndex} steps` +
        (goals ? ` and ${Math.max(0, goals.extent - startIndex)} targets` : ''),
    )
  const sequence = (start: number): unknown => {
    const rows = Array.from({ length: sequenceLength }, (_, i) => steps.at(start + i * samplingRate))
    return stack({ what: WHAT, indexOf: (row) => start + row * samplingRate }, rows, steps.layout)
  }
  const startOf = (index: number): number => startIndex + index * sequenceStride
  const all = datasetOf(
    tableStage<unknown>({
      extent: Math.ceil(starts / sequenceStride),
      layout: goals && [undefined, goals.layout],
      at: (index) => (goals ? [sequence(startOf(index)), goals.at(startOf(index))] : sequence(startOf(index))),
    }),
  )
  const ordered = shuffle ? all.shuffle(Infinity, { seed }) : all
  return batchSize === null ? ordered : ordered.batch(batchSize)
}

function seriesOf(name: string, series: unknown): Table {
  const table = Array.isArray(series) || ArrayBuffer.isView(series) ? tableOf(WHAT, name, series) : undefined
  if (!table) throw new GraphError(`${WHAT}: ${name} must be an array or a typed array, it is ${showValue(series)}`)
  return table
}
