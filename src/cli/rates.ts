// As many turns as are needed for a median that one disturbance does not move.
const ROUNDS = 5
/** Milliseconds between looks at the clock: it must not be what is measured. */
const STRETCH = 2

/**
 * How often a second each function runs: the median over rounds in which they take turns, so that what else the machine does
 * hits all of them alike. Each runs for so many seconds in all, after a tenth of that which is not counted.
 */
export function rates(runs: readonly (() => void)[], seconds: number, now = () => performance.now()): number[] {
  const stretches = runs.map((run) => warmedUp(run, (seconds * 1000) / 10, now))
  const rounds = Array.from({ length: ROUNDS }, () =>
    runs.map((run, i) => {
      const { count, elapsed } = repeat(run, stretches[i]!, (seconds * 1000) / ROUNDS, now)
      return (1000 * count) / elapsed
    }),
  )
  return runs.map((_, i) => rounds.map((round) => round[i]!).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!)
}

/** How many runs take about as long as a stretch, once they have been running for so long. */
function warmedUp(run: () => void, milliseconds: number, now: () => number): number {
  const start = now()
  for (let stretch = 1, before = start; ;) {
    for (let i = 0; i < stretch; i++) run()
    const after = now()
    if (after - start >= milliseconds) return stretch
    if (after - before < STRETCH) stretch *= 2
    before = after
  }
}

function repeat(run: () => void, stretch: number, milliseconds: number, now: () => number) {
  const start = now()
  for (let count = 0; ;) {
    for (let i = 0; i < stretch; i++) run()
    count += stretch
    const elapsed = now() - start
    if (elapsed >= milliseconds && elapsed > 0) return { count, elapsed }
  }
}
