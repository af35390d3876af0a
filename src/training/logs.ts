import type { Logs } from './callback'
import type { Session } from './session'

/** Means of the losses of batches by their samples: exact over uneven ones where each is a mean over samples. */
export class Sums {
  samples = 0
  private names: readonly string[] = ['loss']
  private sums: Float64Array = new Float64Array(1)

  add(results: Readonly<Record<string, unknown>>, count: number): void {
    if (this.samples === 0) {
      this.names = Object.keys(results)
      this.sums = new Float64Array(this.names.length)
    }
    for (let i = 0; i < this.names.length; i++) this.sums[i]! += (results[this.names[i]!] as number) * count
    this.samples += count
  }

  means(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.sums[i]! / this.samples]))
  }

  totals(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.sums[i]!]))
  }

  restart(totals: Readonly<Record<string, number>> = {}, samples = 0): void {
    this.samples = samples
    this.names = Object.keys(totals)
    this.sums = Float64Array.from(Object.values(totals))
  }
}

type Results = ReturnType<Session['results']>

/** Metrics by name; one of several values as one log for each. */
const flat = (results: Results): [string, number][] =>
  Object.entries(results).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[name, value]] : Array.from(value, (v, i) => [`${name}_${i}`, v]),
  )

/** Losses and metrics as logs. */
export const logsOf = (means: Readonly<Record<string, number>>, results: Results): Record<string, number> => ({
  ...means,
  ...Object.fromEntries(flat(results)),
})

/** Logs that are found when somebody reads them: losses without asking for metrics. */
export function lazyLogs(means: () => Record<string, number>, results: () => Results): Logs {
  let losses: Record<string, number> | undefined
  let found: Logs | undefined
  const get = (): Logs => (found ??= logsOf((losses ??= means()), results()))
  return new Proxy<Logs>(
    {},
    {
      get: (_, key) => (losses ??= means())[key as string] ?? get()[key as string],
      has: (_, key) => key in get(),
      ownKeys: () => Reflect.ownKeys(get()),
      getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(get(), key),
    },
  )
}
