// One system on one task in a process of its own: cold first calls, its own memory. It does nothing between requests.
import { loadSystem, type SystemName } from './systems/system'
import { now, type Pace, type Step, warmUp, window } from './timer'
import { findTask, type TaskKey } from './workloads'

export type Request =
  | { readonly kind: 'prepare'; readonly system: SystemName; readonly task: TaskKey }
  | { readonly kind: 'warmUp'; readonly seconds: number }
  | { readonly kind: 'window'; readonly seconds: number }

export type Reply =
  | {
      readonly kind: 'ready'
      readonly firstLoss: number
      readonly firstStepMs: number
      readonly compileMs: number | null
    }
  | { readonly kind: 'unable' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly rate: number; readonly last: number; readonly rssMB: number }

let step: Step = () => NaN
let pace: Pace = { chunk: 1 }

async function answer(request: Request): Promise<Reply> {
  if (request.kind === 'prepare') {
    const system = await loadSystem(request.system)
    const prepared = system.prepare(findTask(request.task))
    if (!prepared) return { kind: 'unable' }
    step = prepared.step
    const start = now()
    const firstLoss = step()
    return { kind: 'ready', firstLoss, firstStepMs: now() - start, compileMs: prepared.compileMs ?? null }
  }
  if (request.kind === 'warmUp') pace = warmUp(step, request.seconds)
  const { rate, last } = window(step, pace, request.kind === 'warmUp' ? 0 : request.seconds)
  return { kind: 'done', rate, last, rssMB: process.resourceUsage().maxRSS / 1024 }
}

process.on('message', (request: Request) => {
  answer(request).then(
    (reply) => process.send!(reply),
    (error: unknown) =>
      process.send!({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
