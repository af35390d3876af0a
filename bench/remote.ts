import { type ChildProcess, fork } from 'node:child_process'
import { relaxedFlags } from './relaxed'
import { type Contender, isPeer, peerOf } from './systems/contender'
import type { Reply, Request } from './worker'
import type { Task } from './workloads'

type ReplyOf<K extends Reply['kind']> = Extract<Reply, { kind: K }>

/** A worker process that measures one system on one task. */
export interface Remote {
  prepare(task: Task): Promise<ReplyOf<'ready'>>
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

function flagsOf({ system }: Contender): string[] {
  return isPeer(system) && peerOf(system).relaxed ? relaxedFlags() : []
}

export function startRemote(contender: Contender): Remote {
  let waiting: { resolve: Hear; reject: (error: Error) => void } | undefined
  const hear: Hear = (reply) => waiting?.resolve(reply)
  const { child, send } = nodeWorker(flagsOf(contender), hear)
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
    warmUp: (seconds) => ask({ kind: 'warmUp', seconds }) as Promise<ReplyOf<'done'>>,
    window: (seconds) => ask({ kind: 'window', seconds }) as Promise<ReplyOf<'done'>>,
    close: () => {
      child.removeAllListeners()
      child.kill()
    },
  }
}
