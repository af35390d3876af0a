import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import type { H5Worker } from 'gradloom/keras'
import { CHANNEL, type ReadReply, type ReadRequest } from '../../src/keras/h5/messages'
import { EntryWorkers } from '../training/worker'

/** For a machine that is busy otherwise: a library that goes on for ever is ended by the time of the processor. */
export const DEADLINE = 60_000
/** Within the time that a file may take. */
const MOST_WORK = 800

let prepared: Promise<EntryWorkers> | undefined
let running: Worker | undefined

/** A thread that has loaded the library: that takes longer than most files. */
async function started(): Promise<Worker> {
  const workers = await (prepared ??= EntryWorkers.prepare('h5-worker').then((made) => {
    process.once('exit', () => rmSync(made.directory, { recursive: true, force: true }))
    return made
  }))
  const worker = workers.start()
  worker.postMessage({ channel: CHANNEL, bytes: new Uint8Array(8), maxBytes: 0 } satisfies ReadRequest)
  await once(worker, 'message')
  return worker
}

/** Milliseconds that processors have worked since. */
function workSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Makes what runs `gradloom/h5-worker`, once for many files: one thread, made anew where it did not answer or the library failed. */
export async function h5Worker(): Promise<() => H5Worker> {
  const worker = (running ??= await started())
  worker.unref()
  return () => {
    let isWell = false
    let watch: NodeJS.Timeout | undefined
    const listeners: [string, (...values: unknown[]) => void][] = []
    const end = (): void => {
      const reply = {
        channel: CHANNEL,
        kind: 'fail',
        name: 'FormatError',
        message: 'it takes long',
        at: undefined,
      } satisfies ReadReply
      for (const [event, listener] of listeners) if (event === 'message') listener(reply)
      isWell = false
    }
    return {
      postMessage: (message: unknown) => {
        worker.ref()
        worker.postMessage(message)
        const before = process.cpuUsage()
        watch = setInterval(() => (workSince(before) > MOST_WORK ? end() : undefined), 20)
      },
      on: (event: string, listener: (...values: unknown[]) => void) => {
        const heard = (...values: unknown[]): void => {
          if (event === 'message')
            isWell = !/abort|memory|unreachable|RuntimeError/i.test(String((values[0] as { message?: string }).message))
          listener(...values)
        }
        listeners.push([event, heard])
        worker.on(event, heard)
      },
      terminate: () => {
        clearInterval(watch)
        for (const [event, listener] of listeners) worker.off(event, listener)
        worker.unref()
        if (isWell) return
        running = undefined
        void worker.terminate()
      },
    } as H5Worker
  }
}
