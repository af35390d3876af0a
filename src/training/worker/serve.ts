import type { AnyLayer } from '../../layers/layer'
import { ownPort } from '../../runtime/worker-host'
import { fitSet } from '../fit-model'
import { trainerOf } from '../methods'
import { FarCallbacks } from './far-callbacks'
import { CHANNEL, type FitRequest, type ToWorker } from './messages'

/**
 * Runs the fits that whoever started this worker sends, one at a time; nothing where this is no worker. `load` makes the model
 * that a file holds.
 */
export function serveFits(load: (file: Uint8Array) => AnyLayer): void {
  const port = ownPort()
  if (!port) return
  let callbacks: FarCallbacks | undefined
  const fit = async ({ model: file, set, validation, plan, hooks }: FitRequest): Promise<void> => {
    try {
      const model = load(file)
      const trainer = trainerOf('fit', model)
      const own = (callbacks = new FarCallbacks(trainer, hooks, port))
      const history = await fitSet(trainer, model, set, validation, plan, () => Promise.resolve(own))
      const state = own.checkpoint()
      trainer.release()
      port.post({ channel: CHANNEL, kind: 'end', history, state, fits: trainer.fits }, [state.buffer as ArrayBuffer])
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
      port.post({ channel: CHANNEL, kind: 'fail', name, message })
    } finally {
      callbacks = undefined
    }
  }
  port.listen((given) => {
    const message = given as ToWorker | null
    if (message?.channel !== CHANNEL) return
    if (message.kind === 'fit') {
      port.post({ channel: CHANNEL, kind: 'taken' })
      void fit(message)
    } else if (message.kind === 'reply') callbacks?.take(message)
    else if (message.kind === 'abort') callbacks?.abort()
    else callbacks?.stop(message.when)
  })
}
