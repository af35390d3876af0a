import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pythonWithTorch } from './python'
import { relaxedFlags } from './relaxed'
import { type Contender, isPeer, peerOf } from './systems/contender'
import type { Reply, Request } from './worker'
import type { Task } from './workloads'

type ReplyOf<K extends Reply['kind']> = Extract<Reply, { kind: K }>

/** A worker process that measures one system on one task. */
export interface Remote {
  prepare(task: Task): Promise<ReplyOf<'ready'>>
  /** So many calls, however long they take. */
  call(times: number): Promise<ReplyOf<'done'>>
  warmUp(seconds: number): Promise<ReplyOf<'done'>>
  window(seconds: number): Promise<ReplyOf<'done'>>
  close(): void
}

/** A process with a way to send it a request; replies come to `hear`. */
interface Worker {
  readonly child: ChildProcess
  send(request: Request): void
}
type Hear = (reply: Reply) => void

function nodeWorker(flags: readonly string[], hear: Hear): Worker {
  const execArgv = [...process.execArgv, ...flags]
  const child = fork(new URL('./worker.js', import.meta.url), {
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', hear)
  return { child, send: (request) => child.send(request) }
}

/** The same messages as lines of JSON. */
function pythonWorker(threads: number, hear: Hear): Worker {
  const python = pythonWithTorch()
  if (python === null) throw new Error('there is no Python with torch')
  const script = fileURLToPath(new URL('../systems/torch_worker.py', import.meta.url))
  const count = String(threads)
  // Threads that spin while they wait cost a busy machine more than they give: down to a thirtieth of the rate.
  const waiting = process.env['OMP_WAIT_POLICY'] ?? 'PASSIVE'
  const env = { ...process.env, OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, OMP_WAIT_POLICY: waiting }
  const child = spawn(python, [script, count], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (line) => hear(parsed(line)))
  child.stdin.on('error', () => {}) // its end is reported by the exit
  return { child, send: (request) => child.stdin.write(`${JSON.stringify(request)}\n`) }
}

function parsed(line: string): Reply {
  try {
    return JSON.parse(line) as Reply
  } catch {
    return { kind: 'failed', message: `not a reply: ${line}` }
  }
}

function flagsOf({ system }: Contender): string[] {
  // Code of the baseline compiler is no limit of the machine.
  if (system === 'limit') return ['--no-liftoff']
  return isPeer(system) && peerOf(system).relaxed ? relaxedFlags() : []
}

const isPython = ({ system }: Contender): boolean => isPeer(system) && peerOf(system).packages === undefined

export function startRemote(contender: Contender): Remote {
  let waiting: { resolve: Hear; reject: (error: Error) => void } | undefined
  const hear: Hear = (reply) => waiting?.resolve(reply)
  const { child, send } = isPython(contender)
    ? pythonWorker(contender.threads, hear)
    : nodeWorker(flagsOf(contender), hear)
  let ended: Error | undefined
  const end = (error: Error): void => {
    ended = error
    waiting?.reject(error)
  }
  child.on('error', end)
  child.on('exit', (code) => end(new Error(`the worker ended with code ${code}`)))

  const ask = async (request: Request): Promise<Reply> => {
    if (ended) throw ended
    const reply = await new Promise<Reply>((resolve, reject) => {
      waiting = { resolve, reject }
      send(request)
    })
    if (reply.kind === 'failed') throw new Error(reply.message)
    return reply
  }
  return {
    prepare: ({ workload, phase, size }) =>
      ask({ kind: 'prepare', contender, task: { workload, phase, size } }) as Promise<ReplyOf<'ready'>>,
    call: (times) => ask({ kind: 'call', times }) as Promise<ReplyOf<'done'>>,
    warmUp: (seconds) => ask({ kind: 'warmUp', seconds }) as Promise<ReplyOf<'done'>>,
    window: (seconds) => ask({ kind: 'window', seconds }) as Promise<ReplyOf<'done'>>,
    close: () => {
      child.removeAllListeners()
      child.kill()
    },
  }
}
