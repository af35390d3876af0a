import { feedText } from '../codegen/feed-text'
import { helperText } from '../codegen/js-math'
import { strictText } from '../codegen/run-text'
import { FeedError } from '../ir/errors'
import { viewData } from '../ir/type'
import { evaluateModule } from '../runtime/evaluate'
import type { Store } from '../runtime/store'
import { writeConstants } from './constants'
import { guardOf } from './guard'
import type { Built, Step } from './internals'
import type { Settings } from './options'
import { type Compilation, passReport } from './pipeline'
import { printCompilation } from './print'

/** Prints a compilation as JavaScript and evaluates it over the memory of the store. */
export function buildJs(compilation: Compilation, store: Store, { schedule }: Settings, other: Step): Built {
  const started = performance.now()
  const printed = printCompilation(compilation, schedule, { comments: false, share: schedule === 'fast' })
  const { report, roots, plan } = compilation
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
  const memory = { state: store.memory.buffer, work: new ArrayBuffer(Math.max(plan.workBytes, 64)) }
  writeConstants(plan, memory.work, (buffer) => buffer.offset)
  const guard = guardOf(compilation, ({ region, dtype, offset, size }) =>
    viewData(dtype, region === 'state' ? memory.state : memory.work, offset, size),
  )
  const made = evaluateModule(source, { memory, other, FeedError, ...(guard ? { guard } : {}) }) as {
    run: Step
    strict: Step
  }
  report.push(passReport('evaluate', evaluating, roots, printed.kernels.length))
  return { ...made, release: () => undefined }
}
