import { FeedError } from '../ir/errors'
import type { Data } from '../ir/type'
import type { Callbacks, Logs } from './callback'
import type { Feeder } from './feeder'
import { lazyLogs, logsOf, Sums } from './logs'
import type { Session } from './session'
import { giveWay, Pace } from './wait'

/** How a pass over data goes. */
export interface PassPlan {
  readonly session: Session
  readonly feeder: Feeder
  /** Batches at most. */
  readonly steps: number | undefined
  readonly callbacks: Callbacks
  readonly yieldEvery: number
}

/** Losses and metrics over data, exact over uneven batches. */
export async function evaluatePass(plan: PassPlan): Promise<Logs> {
  const { session, callbacks, feeder } = plan
  const sums = new Sums()
  session.enter()
  // A callback may evaluate within an epoch, whose own metrics go on behind it.
  const before = session.meterValues
  session.resetMeters()
  let logs: Logs
  try {
    await callbacks.call('onTestBegin', {})
    const step = session.net.evaluate!
    const logsNow = (): Logs =>
      lazyLogs(
        () => sums.means(),
        () => session.results(),
      )
    await forEachBatch(plan, 'Test', (feeds, count) => sums.add(step(feeds), count), logsNow)
    if (sums.samples === 0) throw new FeedError('evaluate: there are no samples')
    logs = logsOf(sums.means(), session.results())
  } finally {
    session.meterValues = before
    await feeder.close?.()
  }
  await callbacks.call('onTestEnd', logs)
  return logs
}

type Result = Data & { readonly shape: readonly number[] }

/** Outputs for all samples, those of the batches one after the other. */
export async function predictPass(plan: PassPlan, names: readonly string[]): Promise<Result[]> {
  const { session, callbacks, feeder } = plan
  const parts = names.map((): Result[] => [])
  session.enter()
  try {
    await callbacks.call('onPredictBegin', {})
    await forEachBatch(plan, 'Predict', (feeds) => {
      const results = session.net.predict(feeds)
      names.forEach((name, i) => parts[i]!.push(results[name] as Result))
    })
  } finally {
    await feeder.close?.()
  }
  await callbacks.call('onPredictEnd', {})
  return parts.map((list, i) => joined(names[i]!, list))
}

async function forEachBatch(
  { session, feeder, steps, callbacks, yieldEvery }: PassPlan,
  hook: 'Test' | 'Predict',
  run: (feeds: Record<string, unknown>, count: number) => void,
  logsNow: () => Logs = () => ({}),
): Promise<void> {
  const hasHooks = callbacks.has(`on${hook}BatchBegin`) || callbacks.has(`on${hook}BatchEnd`)
  const pace = new Pace(yieldEvery)
  const begun = feeder.begin(0, 0)
  if (begun) await begun
  for (let batch = 0; batch < (steps ?? Infinity); batch++) {
    let fed = feeder.next()
    if (fed instanceof Promise) fed = await fed
    if (!fed) return
    if (hasHooks) await callbacks.call(`on${hook}BatchBegin`, batch, {})
    session.enter()
    run(fed.feeds, fed.count)
    if (hasHooks) await callbacks.call(`on${hook}BatchEnd`, batch, logsNow())
    if (pace.isOver()) {
      await giveWay()
      pace.restart()
    }
  }
}

function joined(name: string, parts: readonly Result[]): Result {
  const [first] = parts
  if (!first) throw new FeedError('predict: there are no samples')
  if (parts.length === 1) return first
  const rest = first.shape.slice(1)
  const rows = parts.reduce((n, p) => n + p.shape[0]!, 0)
  const size = first.length / Math.max(1, first.shape[0]!)
  const all = new (first.constructor as new (n: number) => Data)(rows * size)
  let at = 0
  for (const part of parts) {
    if (part.length !== part.shape[0]! * size)
      throw new FeedError(
        `predict: batches of "${name}" have other shapes than [n, ${rest.join(', ')}]; predict them one by one`,
      )
    all.set(part, at)
    at += part.length
  }
  return Object.defineProperty(all, 'shape', { value: [rows, ...rest] }) as Result
}
