import { GraphError } from '../../ir/errors'
import { CHANNEL, type FromWorker, type ToWorker } from './messages'

/** A worker that runs `gradloom/fit-worker`: one of `node:worker_threads` or of a browser. */
export interface FitWorker {
  /** As workers have it. */
  postMessage(message: unknown): void
}

interface NodeWorker extends FitWorker {
  on(event: string, listener: (value: never) => void): void
  off(event: string, listener: (value: never) => void): void
}
interface WebWorker extends FitWorker {
  addEventListener(event: string, listener: (value: never) => void): void
  removeEventListener(event: string, listener: (value: never) => void): void
}

export interface Events {
  message(message: FromWorker): void
  /** It could not start, threw outside of a run, or ended. */
  fail(reason: string): void
}

export interface Connection {
  /** Nothing any more once it is closed. */
  post(message: ToWorker): void
  close(): void
}

const busy = new WeakSet<object>()

/** Listens to a worker until it is closed. Throws a GraphError for what is no worker, and for one that is busy with a fit. */
export function connect(worker: FitWorker, events: Events): Connection {
  const given: unknown = worker
  const isObject = typeof given === 'object' && given !== null && 'postMessage' in given
  const isNode = isObject && 'on' in given && 'off' in given
  if (!isNode && !(isObject && 'addEventListener' in given))
    throw new GraphError('fit: worker must be a Worker that runs "gradloom/fit-worker"')
  // Its events have been told by then: nobody would hear of it.
  if (isNode && (given as { readonly threadId?: number }).threadId === -1)
    throw new GraphError('fit: the worker has ended; give one that runs')
  if (busy.has(worker))
    throw new GraphError('fit: the worker is busy with another fit; wait for it, or give another worker')
  const read = (message: unknown): void => {
    if ((message as Partial<FromWorker> | null)?.channel === CHANNEL) events.message(message as FromWorker)
  }
  const listeners: Readonly<Record<string, (value: never) => void>> = isNode
    ? {
        message: read,
        messageerror: (error: Error) => events.fail(error.message),
        error: (error: Error) => events.fail(error.message),
        exit: (code: number) => events.fail(`it ended with code ${code}`),
      }
    : {
        message: ({ data }: { readonly data: unknown }) => read(data),
        messageerror: () => events.fail('a message could not be read'),
        error: ({ message }: { readonly message?: string }) => events.fail(message ?? 'it could not be started'),
      }
  const each = (f: (event: string, listener: (value: never) => void) => void): void => {
    for (const [event, listener] of Object.entries(listeners)) f(event, listener)
  }
  if (isNode) each((event, listener) => (worker as NodeWorker).on(event, listener))
  else each((event, listener) => (worker as WebWorker).addEventListener(event, listener))
  busy.add(worker)
  let isOpen = true
  return {
    post: (message) => {
      if (isOpen) worker.postMessage(message)
    },
    close: () => {
      isOpen = false
      busy.delete(worker)
      if (isNode) each((event, listener) => (worker as NodeWorker).off(event, listener))
      else each((event, listener) => (worker as WebWorker).removeEventListener(event, listener))
    },
  }
}
