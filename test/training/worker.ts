import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'tsup'

/** An entry that runs in workers as one module, as bundlers make it; a loader would take most of its time. */
export class EntryWorkers {
  private readonly made: Worker[] = []

  private constructor(readonly directory: string) {}

  static async prepare(entry: 'fit-worker' | 'h5-worker'): Promise<EntryWorkers> {
    const out = fileURLToPath(new URL('./out', import.meta.url))
    mkdirSync(out, { recursive: true })
    const directory = mkdtempSync(join(out, 'worker-'))
    await build({
      entry: { worker: fileURLToPath(new URL(`../../src/${entry}.ts`, import.meta.url)) },
      outDir: directory,
      config: false,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      silent: true,
      clean: false,
      outExtension: () => ({ js: '.mjs' }),
    })
    return new EntryWorkers(directory)
  }

  start(): Worker {
    const worker = new Worker(join(this.directory, 'worker.mjs'))
    this.made.push(worker)
    return worker
  }

  async remove(): Promise<void> {
    await Promise.all(this.made.map((worker) => worker.terminate()))
    rmSync(this.directory, { recursive: true, force: true })
  }
}
