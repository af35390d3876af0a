// One system on one task in a process of its own: cold first calls, its own memory. It does nothing between requests.
import { classifierData } from './data'
import type { Contender } from './systems/contender'
import { loadSystem } from './systems/load'
import { now, type Pace, type Step, warmUp, type Window, window } from './timer'
import { type Classifier, findTask, MLP, type TaskKey } from './workloads'

export type Request =
  | { readonly kind: 'prepare'; readonly contender: Contender; readonly task: TaskKey }
  | { readonly kind: 'call'; readonly times: number }
  | { readonly kind: 'warmUp'; readonly seconds: number }
  | { readonly kind: 'window'; readonly seconds: number }

export type Reply =
  | {
      readonly kind: 'ready'
      readonly firstLoss: number
      readonly firstStepMs: number
      readonly compileMs: number | null
      /** From the import of the library to the end of the first step. */
      readonly startMs: number
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly rate: number; readonly last: number; readonly rssMB: number }

let step: Step = () => NaN
let pace: Pace = { chunk: 1 }

async function answer(request: Request): Promise<Reply> {
  if (request.kind === 'prepare') {
    const task = findTask(request.task)
    if (task.phase === 'start') {
      const { batch, widths } = MLP[task.size as Classifier]
      classifierData(batch, widths) // before the clock runs: the data are not the library's
    }
    const begin = now()
    const prepare = await loadSystem(request.contender)
    const { step: prepared, compileMs = null } = prepare(task)
    step = prepared
    const start = now()
    const firstLoss = step()
    const end = now()
    return { kind: 'ready', firstLoss, firstStepMs: end - start, compileMs, startMs: end - begin }
  }
  if (request.kind === 'call') return done(window(step, { chunk: request.times }, 0))
  if (request.kind === 'warmUp') pace = warmUp(step, request.seconds)
  return done(window(step, pace, request.kind === 'warmUp' ? 0 : request.seconds))
}

const done = ({ rate, last }: Window): Reply => ({
  kind: 'done',
  rate,
  last,
  rssMB: process.resourceUsage().maxRSS / 1024,
})

process.on('message', (request: Request) => {
  answer(request).then(
    (reply) => process.send!(reply),
    (error: unknown) =>
      process.send!({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  )
})
