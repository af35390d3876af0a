import { entryInternals } from '../../../src/compile/internals'
import type { Traced } from '../../../src/compile/trace-entry'
import type { Tensor } from '../../../src/ir/tensor'
import { type Feeds, Feeder } from './batches'
import type { Column, Columns } from './columns'
import type { Fit, InputSpec } from './fit'
import { withoutUpdates } from './variants'

type Run = (feeds: Feeds) => Readonly<Record<string, unknown>>

/** Predictions for rows, row by row. */
export interface Predicted {
  /** How many numbers a row has. */
  readonly width: number
  readonly values: Float32Array
}

export interface Predictor {
  /** The entry that predictions come from. */
  readonly origin: 'predict' | 'train'
  /** Whether a single number is a probability, not its logit: a sigmoid gives it. */
  readonly isProbability: boolean
  /** Of rows of samples, one after the other. */
  of(samples: Float32Array | Int32Array): Predicted
}

/** Rows are predicted so many at a time, the last ones filled up: one size means one compilation. */
const CHUNK = 200
/** What tensors are called that a model predicts by, where no entry gives them out. */
const NAMES = ['logits', 'prediction', 'predictions', 'forecast', 'probabilities', 'scores', 'p']

/**
 * What predicts: the entry `predict`, or without one what the entry that trains computes on the way: an output with a row for
 * each sample, or a tensor that has such a name. Undefined where there is neither.
 */
export function predictorOf(predict: Run | undefined, train: Run, fit: Fit, columns: Columns): Predictor | undefined {
  const own = predict && picked(predict, fit.sample.input, false)
  const found = own ?? picked(train, fit.sample.input, true)
  if (!found) return undefined
  const { run, key, size, result } = found
  const origin = own ? 'predict' : 'train'
  return {
    origin,
    isProbability: isSigmoid(result),
    of: (samples) => inChunks(run, key, size ?? CHUNK, samples, columns, origin === 'train'),
  }
}

const isSigmoid = ({ op, inputs }: Tensor): boolean =>
  op.name === 'reshape' ? isSigmoid(inputs[0]!) : op.name === 'sigmoid'

function picked(run: Run, input: string, lookInside: boolean) {
  const { probe, entry } = entryInternals('training', run)
  const rows = probe.inputs.get(input)?.shape[0]
  const isFor = (t: Tensor | undefined): t is Tensor => t !== undefined && t.shape.length > 0 && t.shape[0] === rows
  const [dim] = (entry.inputs as Readonly<Record<string, InputSpec>>)[input]!.dims
  const size = typeof dim === 'number' ? dim : undefined
  const [key, result] = [...probe.roots.outputs].find(([, t]) => isFor(t)) ?? []
  if (key !== undefined)
    return {
      run: withoutUpdates(run, ({ roots }) => new Map([[key, roots.outputs.get(key)!]])),
      key,
      size,
      result: result!,
    }
  if (!lookInside) return undefined
  const named = (name: string, { order }: Traced): Tensor | undefined => order.find((t) => t.origin.name === name)
  const name = NAMES.find((name) => isFor(named(name, probe)))
  if (name === undefined) return undefined
  return {
    run: withoutUpdates(run, (traced) => new Map([[name, named(name, traced)!]])),
    key: name,
    size,
    result: named(name, probe)!,
  }
}

function inChunks(
  run: Run,
  key: string,
  size: number,
  samples: Float32Array | Int32Array,
  columns: Columns,
  withTargets: boolean,
): Predicted {
  const sample: Column = { ...columns.sample, data: samples }
  const feeder = new Feeder([sample])
  const count = samples.length / sample.width
  // Targets that are not known: whatever stands first.
  const { target } = columns
  const others = withTargets && target ? new Feeder([target]).take(new Int32Array(size)) : {}
  let values = new Float32Array()
  let width = 0
  for (let from = 0; from < count; from += size) {
    const rows = Int32Array.from({ length: size }, (_, i) => Math.min(from + i, count - 1))
    const result = run({ ...feeder.take(rows), ...others })[key] as ArrayLike<number>
    if (from === 0) {
      width = result.length / size
      values = new Float32Array(count * width)
    }
    for (let i = 0; i < Math.min(size, count - from) * width; i++) values[from * width + i] = result[i]!
  }
  return { width, values }
}
