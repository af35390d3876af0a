import { fork } from 'node:child_process'
import type { SystemName } from './systems/system'
import type { Task } from './workloads'
import type { Reply, Request } from './worker'

type ReplyOf<K extends Reply['kind']> = Extract<Reply, { kind: K }>

/** A worker process that measures one system on one task. */
export interface Remote {
  prepare(task: Task): Promise<ReplyOf<'ready' | 'unable'>>
  warmUp(seconds: number): Promise<ReplyOf<'done'>>
  window(seconds: number): Promise<ReplyOf<'done'>>
  close(): void
}

export function startRemote(system: SystemName): Remote {
  const child = fork(new URL('./worker.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ask = async (request: Request): Promise<Reply> => {
    const reply = await new Promise<Reply>((resolve, reject) => {
      const gone = (code: number | null) => reject(new Error(`the worker ended with code ${code}`))
      child.once('exit', gone)
      child.once('message', (message: Reply) => {
        child.off('exit', gone)
        resolve(message)
      })
      child.send(request)
    })
    if (reply.kind === 'failed') throw new Error(reply.message)
    return reply
  }
  return {
    prepare: ({ workload, phase, size }) =>
      ask({ kind: 'prepare', system, task: { workload, phase, size } }) as Promise<ReplyOf<'ready' | 'unable'>>,
    warmUp: (seconds) => ask({ kind: 'warmUp', seconds }) as Promise<ReplyOf<'done'>>,
    window: (seconds) => ask({ kind: 'window', seconds }) as Promise<ReplyOf<'done'>>,
    close: () => {
      child.removeAllListeners()
      child.kill()
    },
  }
}
