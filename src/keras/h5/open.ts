import { FormatError } from '../../formats/error'
import { GraphError, RuntimeError } from '../../ir/errors'
import { atDeadline } from '../../runtime/deadline'
import { startModule } from '../../runtime/worker-host'
import { addressOf } from './address'
import { CHANNEL, type ReadReply, type ReadRequest } from './messages'
import { type Hdf5File, loadH5wasm, readHdf5 } from './read'

/** A worker that runs `gradloom/h5-worker`: one of `node:worker_threads` or of a browser. */
export interface H5Worker {
  /** As workers have it. */
  postMessage(message: unknown): void
  /** Ends it. */
  terminate(): unknown
}

/** How a file of HDF5 is read. */
export interface H5Options {
  /** Makes a worker that runs `gradloom/h5-worker`; by default the one beside this module. It is ended afterwards. */
  readonly worker?: () => H5Worker
  /** How many milliseconds reading may take, 20,000 by default: then the worker is ended. */
  readonly deadline?: number
  /** How many bytes of data there may be; by default 16 times the size of the file, at least 16 MiB. */
  readonly maxBytes?: number
}

const LEAST = 16 * 2 ** 20

/**
 * What an HDF5 file holds. The library that reads it is written in C and was not made for files that nobody vouches for: it runs
 * in a worker, which is ended at a deadline; only where there are no workers at all it runs here.
 */
export async function openHdf5(bytes: Uint8Array, options: H5Options = {}): Promise<Hdf5File> {
  const { deadline = 20_000, maxBytes = Math.max(LEAST, 16 * bytes.length) } = options
  if (!(deadline > 0))
    throw new GraphError(`loadH5: deadline must be a number of milliseconds, it is ${String(deadline)}`)
  if (!(maxBytes >= 0)) throw new GraphError(`loadH5: maxBytes must be a number of bytes, it is ${String(maxBytes)}`)
  const worker = workerOf(options) ?? startModule(besideThis())
  if (!worker) return readHdf5(await loadH5wasm('loadH5'), bytes, maxBytes)
  try {
    // A copy: of a part of a larger buffer all would be sent.
    return await answer(worker, { channel: CHANNEL, bytes: new Uint8Array(bytes), maxBytes }, deadline)
  } finally {
    void worker.terminate()
  }
}

function workerOf({ worker: make }: H5Options): H5Worker | undefined {
  if (make === undefined) return undefined
  if (typeof make !== 'function') throw new GraphError('loadH5: worker must be a function that makes a worker')
  const worker = make() as Partial<H5Worker> | null
  if (typeof worker?.postMessage === 'function' && typeof worker.terminate === 'function') return worker as H5Worker
  throw new GraphError('loadH5: what worker makes is no worker that runs gradloom/h5-worker')
}

declare const __filename: string | undefined
/** The entry `gradloom/h5-worker` of the package that this is part of, as a module or as CommonJS. */
function besideThis(): URL {
  const here = typeof __filename === 'string' ? addressOf(__filename) : import.meta.url
  return new URL(here.endsWith('.cjs') ? './h5-worker.cjs' : './h5-worker.js', here)
}

type Listen = (event: string, listener: (value: never) => void) => void

function answer(worker: H5Worker, request: ReadRequest, deadline: number): Promise<Hdf5File> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(
        new RuntimeError(
          `loadH5: the worker failed: ${reason}; give one that runs gradloom/h5-worker by options.worker`,
        ),
      )
    const settle = atDeadline(deadline, () =>
      reject(new FormatError('HDF5', `reading it took longer than ${deadline} ms`)),
    )
    const take = (message: unknown): void => {
      const reply = message as ReadReply | null
      if (reply?.channel !== CHANNEL) return
      settle()
      if (reply.kind === 'file') resolve(reply.file)
      else if (reply.name === 'FormatError')
        reject(new FormatError('HDF5', reply.message.replace(/^HDF5: /, ''), reply.at))
      else if (reply.name === 'RuntimeError') reject(new RuntimeError(reply.message))
      else reject(new FormatError('HDF5', `it cannot be read: ${reply.message.slice(0, 160)}`))
    }
    const stop = (reason: string): void => {
      settle()
      fail(reason)
    }
    const { on, addEventListener } = worker as { readonly on?: Listen; readonly addEventListener?: Listen }
    if (on) {
      on.call(worker, 'message', take)
      on.call(worker, 'error', (error: Error) => stop(error.message))
      on.call(worker, 'exit', (code: number) => stop(`it ended with code ${code}`))
    } else if (addEventListener) {
      addEventListener.call(worker, 'message', ({ data }: { readonly data: unknown }) => take(data))
      addEventListener.call(worker, 'error', ({ message }: { readonly message?: string }) =>
        stop(message ?? 'it could not be started'),
      )
    } else fail('it is none')
    worker.postMessage(request)
  })
}
