import { rmSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import type { H5Worker } from 'gradloom/keras'
import { EntryWorkers } from '../training/worker'

let prepared: Promise<EntryWorkers> | undefined
let running: Worker | undefined

/** Makes what runs `gradloom/h5-worker`, once for many files: one thread, made anew where it did not answer or the library failed. */
export async function h5Worker(): Promise<() => H5Worker> {
  const workers = await (prepared ??= EntryWorkers.prepare('h5-worker').then((made) => {
    process.once('exit', () => rmSync(made.directory, { recursive: true, force: true }))
    return made
  }))
  return () => {
    const worker = (running ??= workers.start())
    worker.unref()
    let isWell = false
    const listeners: [string, (...values: unknown[]) => void][] = []
    return {
      postMessage: (message: unknown) => {
        worker.ref()
        worker.postMessage(message)
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
        for (const [event, listener] of listeners) worker.off(event, listener)
        worker.unref()
        if (isWell) return
        running = undefined
        void worker.terminate()
      },
    } as H5Worker
  }
}
