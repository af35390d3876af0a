import { feedText } from '../codegen/feed-text'
import { helperText } from '../codegen/js-math'
import { FeedError } from '../ir/errors'
import { type Data, viewData } from '../ir/type'
import type { ConstantAttrs } from '../ops/leaf'
import { evaluateModule } from '../runtime/evaluate'
import type { Store } from '../runtime/store'
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
  for (const buffer of plan.buffers) {
    if (buffer.region !== 'constant') continue
    viewData(buffer.dtype, memory.work, buffer.offset, buffer.size).set(
      (buffer.of.attrs as ConstantAttrs).value as Data,
    )
  }
  const made = evaluateModule(source, { memory, other, FeedError }) as { run: Step; strict: Step }
  report.push(passReport('evaluate', evaluating, roots, printed.kernels.length))
  return { run: made.run, strict: made.strict }
}

/** The same function without the way out to other sizes. */
export const strictText = (run: string): string =>
  run.replace(/^ {2}if \(!\(fits\(.*\n/m, '').replace('function run', 'function')
