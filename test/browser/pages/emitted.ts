// Trains a module that was emitted elsewhere; nothing here is of the library.
import { classifierData } from '../../../bench/data'
import { type Classifier, MLP } from '../../../bench/workloads'
import { report } from '../visit'

/** Losses, or why the module could not be imported. */
export type EmittedReport = readonly number[] | { readonly error: string }

const query = new URLSearchParams(location.search)
const { batch, widths } = MLP[query.get('workload') as Classifier]
const { x, y } = classifierData(batch, widths)
const steps = Number(query.get('steps'))
try {
  const { main } = (await import(query.get('path')!)) as { main(feeds: object): { readonly loss: number } }
  report(Array.from({ length: steps }, () => main({ x, y }).loss) satisfies EmittedReport)
} catch (error) {
  report({ error: String(error) } satisfies EmittedReport)
}
