import { FeedError, GraphError } from '../../ir/errors'
import type { AnyLayer } from '../../layers/layer'
import { atDeadline } from '../../runtime/deadline'
import { type Callbacks, ALL_HOOKS } from '../callback'
import type { Column } from '../columns'
import { encodeModel } from '../encode-model'
import type { FitPlanOptions } from '../fit-options'
import type { History } from '../history'
import type { SampleSet } from '../samples'
import type { Trainer } from '../trainer'
import { ModelCopy } from './copy'
import { checkKnown } from './known'
import { CHANNEL, type FromWorker, type ToWorker } from './messages'
import { NearRun } from './near-run'
import { connect, type FitWorker } from './port'

interface Run {
  readonly worker: FitWorker
  /** Milliseconds until it has to say something. */
  readonly deadline: number
  readonly set: SampleSet
  readonly validation: SampleSet | undefined
  readonly plan: FitPlanOptions
}

type End = Extract<FromWorker, { readonly kind: 'end' }>

/**
 * Trains in a worker, with callbacks that are called here; the model is then as if it had been trained here. Throws a GraphError
 * where it cannot go there, and the error of a callback, or that with which the worker failed; the model is then as it was.
 */
export const fitThere = (trainer: Trainer, model: AnyLayer, run: Run, callbacks: Callbacks): Promise<History> =>
  callbacks.releasing(async () => {
    const file = encoded(trainer)
    const copy = new ModelCopy(trainer)
    try {
      const { history, state, fits } = await ended(run, file, callbacks, (post) => {
        return new NearRun(trainer, model, copy, callbacks, post)
      })
      copy.take(state)
      trainer.fits = fits
      return history
    } catch (error) {
      copy.reset()
      throw error
    }
  })

function encoded(trainer: Trainer): Uint8Array {
  try {
    checkKnown(trainer)
    return encodeModel('fit', trainer)
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    throw new GraphError(`fit: the model cannot go to a worker: ${error.message}`, { cause: error })
  }
}

/** What the worker says at the end. */
function ended(
  { worker, deadline, set, validation, plan }: Run,
  model: Uint8Array,
  callbacks: Callbacks,
  start: (post: (message: ToWorker) => void) => NearRun,
): Promise<End> {
  let thrown: { readonly error: unknown } | undefined
  const answer = async (run: NearRun, call: Parameters<NearRun['call']>[0]): Promise<void> => {
    try {
      connection.post(await run.call(call))
    } catch (error) {
      // The run there has to end before the worker can be used again.
      thrown = { error }
      connection.post({ channel: CHANNEL, kind: 'abort' })
    }
  }
  const near = start((message) => connection.post(message))
  const { promise, resolve, reject } = withResolvers<End>()
  const connection = connect(worker, {
    message: (message) => {
      isHeard()
      if (message.kind === 'taken') return
      if (message.kind === 'hook') void answer(near, message)
      else if (message.kind === 'end') resolve(message)
      else reject(thrown ? thrown.error : errorOf(message))
    },
    fail: (reason) => reject(new Error(`fit: the worker failed: ${reason}`)),
  })
  const hooks = Object.fromEntries(
    ALL_HOOKS.filter((hook) => callbacks.has(hook)).map((hook) => [hook, callbacks.readsModel(hook)]),
  )
  connection.post({
    ...{ channel: CHANNEL, kind: 'fit', model, plan, hooks },
    set: compact(set),
    validation: validation && compact(validation),
  })
  const isHeard = atDeadline(deadline, () => reject(silent(deadline)))
  return promise.finally(() => {
    isHeard()
    connection.close()
  })
}

const silent = (deadline: number): GraphError =>
  new GraphError(
    `fit: the worker has said nothing for ${deadline} ms; its module must import "gradloom/fit-worker" (where that takes longer to load, give workerDeadline)`,
  )

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}

function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'GraphError') return new GraphError(message)
  if (name === 'FeedError') return new FeedError(message)
  return Object.assign(new Error(message), { name })
}

/** A part of a larger buffer would take all of it along. */
function compact(set: SampleSet): SampleSet {
  const cut = <C extends Column | undefined>(c: C): C =>
    c && (c.data.byteLength === c.data.buffer.byteLength ? c : { ...c, data: c.data.slice() })
  return { count: set.count, inputs: set.inputs.map(cut), targets: set.targets.map(cut), weights: set.weights.map(cut) }
}
