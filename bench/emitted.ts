// EMIT: the training steps that `emit` writes: how large they are, and how soon a bare process has made the first step.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { emit } from 'gradloom'
import type { BareRequest, Started } from './bare'
import { checkFirst, processesFor } from './measure'
import { TARGETS } from './systems/contender'
import { gradloom } from './systems/gradloom'
import { prepare } from './systems/system'
import { median } from './timer'
import { WORKLOADS } from './workloads'

const EMITTED = ['W1', 'W2', 'W3', 'W4'] as const
export type Emitted = (typeof EMITTED)[number]
export type EmitFormat = 'js' | 'wasm'

export interface EmitRow {
  readonly workload: 'EMIT'
  readonly phase: 'start'
  readonly size: Emitted
  readonly format: EmitFormat
  /** Bytes of the text without weights, and compressed by gzip. */
  readonly codeBytes: number
  readonly codeGzip: number
  /** The same with the first weights inside. */
  readonly bytes: number
  readonly gzip: number
  /** From the import to the end of the first step, the median. */
  readonly startMs: number
  readonly min: number
  readonly max: number
  readonly firstLoss: number
}

const PROCESSES = 10

/** One line a workload. Throws where a first loss is wrong. */
export async function emitRows(format: EmitFormat, windows: number): Promise<EmitRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-bench-'))
  try {
    const rows: EmitRow[] = []
    for (const workload of EMITTED) rows.push(await emitRow(workload, format, join(folder, `${workload}.mjs`), windows))
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function emitRow(workload: Emitted, format: EmitFormat, path: string, windows: number): Promise<EmitRow> {
  const task = WORKLOADS[workload]().find(({ phase }) => phase === 'train')!
  const { program } = prepare(gradloom({ system: 'gradloom', ...TARGETS[format] }), task)
  const code = Buffer.from(emit(program!, { format, weights: 'none' }))
  const whole = Buffer.from(emit(program!, { format }))
  writeFileSync(path, whole)
  const starts: Started[] = []
  for (let i = 0; i < processesFor(PROCESSES, windows); i++)
    starts.push(await started({ workload, url: pathToFileURL(path).href }))
  const firstLoss = starts[0]!.loss
  checkFirst(task, firstLoss)
  const times = starts.map(({ startMs }) => startMs)
  return {
    ...{ workload: 'EMIT', phase: 'start', size: workload, format },
    ...{ codeBytes: code.length, codeGzip: gzipSync(code).length },
    ...{ bytes: whole.length, gzip: gzipSync(whole).length },
    ...{ startMs: median(times), min: Math.min(...times), max: Math.max(...times) },
    firstLoss,
  }
}

/** A process of its own in which no code may be made from strings. */
const started = (request: BareRequest): Promise<Started> =>
  new Promise((resolve, reject) => {
    const execArgv = [...process.execArgv, '--disallow-code-generation-from-strings']
    const child = fork(new URL('./bare.js', import.meta.url), { execArgv })
    child.on('message', (reply) => resolve(reply as Started))
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the bare process ended with code ${code}`)))
    child.send(request)
  })
