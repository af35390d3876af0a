import type { Callback } from './callback'

const line = (logs: Readonly<Record<string, number>>): string =>
  Object.entries(logs)
    .map(([name, value]) => `${name} ${Math.abs(value) >= 1e-3 || value === 0 ? value.toFixed(4) : value.toExponential(3)}`)
    .join('  ')

/** A line for each epoch. */
function lines(): Callback {
  let epochs = 0
  let began = 0
  return {
    name: 'lines',
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

/** What shows how a run gets on. */
export async function progressCallback(verbose: number): Promise<Callback[]> {
  if (verbose === 0) return []
  return [lines()]
}
