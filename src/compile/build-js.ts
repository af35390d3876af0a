import { feedText } from '../codegen/feed-text'
import { helperText } from '../codegen/js-math'
import { strictText } from '../codegen/run-text'
import { FeedError } from '../ir/errors'
import { viewData } from '../ir/type'
import { evaluateModule } from '../runtime/evaluate'
import type { Store } from '../runtime/store'
import { constantsOf, writeConstant } from './constants'
import { guardOf } from './guard'
import type { Built, Step, Tick } from './internals'
import type { Settings } from './options'
import { type Compilation, passReport } from './pipeline'
import { printCompilation } from './print'

/** Prints a compilation as JavaScript and evaluates it over the memory of the store. */
export function buildJs(compilation: Compilation, store: Store, settings: Settings, other: Step): Built {
  const { plan } = compilation
  const work = new ArrayBuffer(Math.max(plan.workBytes + plan.constantBytes, 64))
  for (const b of constantsOf(plan)) writeConstant(b, work, b.offset)
  const made = evaluateJs(compilation, { state: store.memory.buffer, work }, settings, { other })
  return { ...made, work, release: () => undefined }
}

/** The same over memory that is there. With `tick` it says when it has come how far. */
export function evaluateJs(
  compilation: Compilation,
  memory: { readonly state: ArrayBuffer; readonly work: ArrayBuffer },
  { schedule }: Pick<Settings, 'schedule'>,
  host: { readonly other: Step; readonly tick?: Tick },
): Pick<Built, 'run' | 'strict'> {
  const started = performance.now()
  const isTimed = host.tick !== undefined
  const printed = printCompilation(compilation, schedule, { comments: false, share: schedule === 'fast', isTimed })
  const { report, roots } = compilation
  report.push(passReport('print', started, roots, printed.kernels.length))
  const { text } = printed
  const source = [
    helperText(text.helpers, { types: false }),
    feedText({ types: false }),
    text.views,
    ...text.kernels,
    text.step,
    text.run,
    `return { run, strict: ${strictText(text.run)} }`,
  ].join('\n\n')
  const evaluating = performance.now()
  const guard = guardOf(compilation, ({ region, dtype, offset, size }) =>
    viewData(dtype, region === 'state' ? memory.state : memory.work, offset, size),
  )
  const made = evaluateModule(source, { memory, ...host, FeedError, ...(guard ? { guard } : {}) })
  report.push(passReport('evaluate', evaluating, roots, printed.kernels.length))
  return made as Pick<Built, 'run' | 'strict'>
}
