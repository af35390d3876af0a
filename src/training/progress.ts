import { importOptional } from '../formats/package'
import type { Callback, Logs } from './callback'

/** What is used of the package of this name, which is loaded where there is a terminal and somebody has installed it. */
const PACKAGE = 'cli-progress'
interface Bars {
  readonly SingleBar: new (options: Readonly<Record<string, unknown>>) => {
    start(total: number, value: number, payload: object): void
    setTotal(total: number): void
    update(value: number, payload: object): void
    stop(): void
  }
}

/** Milliseconds between two looks at the logs. */
const LOOK_EVERY = 100

const line = (logs: Logs): string =>
  Object.entries(logs)
    .map(([name, value]) => `${name} ${numberText(value)}`)
    .join('  ')
const numberText = (value: number): string =>
  Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(3)

/** A line for each epoch. */
function lines(): Callback {
  let epochs = 0
  let began = 0
  return {
    name: 'lines',
    reads: 'logs',
    order: 'late',
    setRun: (run) => {
      epochs = run.params.epochs
    },
    onEpochBegin: () => {
      began = performance.now()
    },
    onEpochEnd: (epoch, logs) => {
      const seconds = (performance.now() - began) / 1000
      console.log(`epoch ${epoch + 1}/${epochs}  ${seconds.toFixed(1)} s  ${line(logs)}`)
    },
  }
}

/** A bar for each epoch. */
function bars({ SingleBar }: Bars): Callback {
  const format = 'epoch {epoch} {bar} {value}/{total}  {duration_formatted}  {logs}'
  let bar: InstanceType<Bars['SingleBar']> | undefined
  let epochs = 0
  let total: number | undefined
  let done = 0
  let looked = 0
  const stop = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    name: 'bars',
    reads: 'logs',
    order: 'late',
    setRun: ({ params }) => {
      epochs = params.epochs
      total = params.steps
    },
    onEpochBegin: (epoch) => {
      done = looked = 0
      bar = new SingleBar({ format, barsize: 24, barCompleteChar: '█', barIncompleteChar: '░', linewrap: true })
      bar.start(total ?? 1, 0, { epoch: `${epoch + 1}/${epochs}`, logs: '' })
    },
    onTrainBatchEnd: (batch, logs) => {
      done = batch + 1
      if (performance.now() - looked < LOOK_EVERY) return
      looked = performance.now()
      if (total === undefined) bar?.setTotal(done + 1)
      bar?.update(done, { logs: line(logs) })
    },
    onEpochEnd: (_, logs) => {
      // How long an epoch is may be known only now.
      if (total === undefined) bar?.setTotal((total = done))
      bar?.update(done, { logs: line(logs) })
      stop()
    },
    release: stop,
  }
}

/** The package, where the errors of a program appear on a terminal; browsers have none. */
async function loadBars(): Promise<Bars | undefined> {
  const { process } = globalThis as { process?: { readonly stderr?: { readonly isTTY?: boolean } } }
  if (process?.stderr?.isTTY !== true) return undefined
  try {
    const found = (await importOptional(PACKAGE)) as Bars & { readonly default?: Bars }
    return found.default ?? found
  } catch {
    return undefined
  }
}

/** What shows how a run gets on: nothing for 0, for 1 a bar on a terminal and lines elsewhere, lines for 2. */
export async function progressCallback(verbose: number): Promise<Callback[]> {
  if (verbose === 0) return []
  const found = verbose === 1 ? await loadBars() : undefined
  return [found ? bars(found) : lines()]
}
