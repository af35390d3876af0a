import type { Callback } from '../../src/training/callback'
import type { ModelHandle } from '../../src/training/handle'
import type { TrainingRun } from '../../src/training/run'

/** What callbacks did to a model and a run that compute nothing. */
export interface Done {
  rate: number
  /** The epoch whose weights the model has. */
  weights: number
  stopped: TrainingRun['stopped']
}

/**
 * Plays epochs to callbacks as `fit` does, until one stops the run. `resumeAt` ends the run behind that epoch and goes on with
 * fresh callbacks and the states of the old ones.
 */
export async function play(
  make: () => readonly Callback[],
  epochs: readonly Readonly<Record<string, number>>[],
  {
    rate = 1,
    resumeAt = -1,
    directions = {},
  }: { rate?: number; resumeAt?: number; directions?: Readonly<Record<string, 'min' | 'max'>> } = {},
): Promise<Done & { readonly logs: Readonly<Record<string, number>>[] }> {
  const done: Done = { rate, weights: -1, stopped: undefined }
  const logs: Record<string, number>[] = []
  const model = {
    name: 'model',
    get learningRate() {
      return done.rate
    },
    set learningRate(value) {
      done.rate = value
    },
    directionOf: (log: string) => directions[log] ?? (/^(val_)?loss$/.test(log) ? 'min' : undefined),
    saveWeights: () => Uint8Array.of(done.weights),
    loadWeights: (bytes: Uint8Array) => {
      done.weights = bytes[0]!
    },
  } as Partial<ModelHandle> as ModelHandle
  const run = {
    model,
    hasValidation: true,
    params: { epochs: epochs.length, steps: 1, verbose: 0 },
    stop: (when = 'batch') => {
      done.stopped = when
    },
    get stopped() {
      return done.stopped
    },
  } as Partial<TrainingRun> as TrainingRun
  const begin = async (): Promise<readonly Callback[]> => {
    const list = make()
    for (const c of list) {
      c.setModel?.(model)
      c.setRun?.(run)
    }
    for (const c of list) await c.onTrainBegin?.({})
    return list
  }
  let list = await begin()
  for (const [epoch, given] of epochs.entries()) {
    for (const c of list) await c.onEpochBegin?.(epoch, {})
    done.weights = epoch
    const own = { ...given }
    for (const c of list) await c.onEpochEnd?.(epoch, own)
    logs.push(own)
    if (epoch === resumeAt) {
      const states = JSON.parse(JSON.stringify(list.map((c) => c.getState?.() ?? null))) as unknown[]
      list = await begin()
      list.forEach((c, i) => c.setState?.(states[i] as never))
    }
    if (done.stopped) break
  }
  for (const c of list) await c.onTrainEnd?.({})
  return { ...done, logs }
}
