export interface Timing {
  /** Length of a window in seconds. */
  readonly seconds: number
  readonly windows: number
}

/** A function that is called again and again; its result is the loss, or one number of what it computes. */
export type Step = () => number

export interface Pace {
  /** Calls between two looks at the clock. */
  readonly chunk: number
}

export interface Window {
  /** Calls a second. */
  readonly rate: number
  readonly last: number
}

export const now = (): number => performance.now()

/** Runs until the compiler of the engine has settled, and sets the pace: ten looks at the clock a window. */
export function warmUp(step: Step, seconds: number): Pace {
  const { rate } = window(step, { chunk: 1 }, 2 * seconds)
  return { chunk: Math.max(1, Math.min(10_000, Math.round((rate * seconds) / 10))) }
}

export function window(step: Step, { chunk }: Pace, seconds: number): Window {
  const start = now()
  const end = start + seconds * 1000
  let calls = 0
  let last = 0
  let time: number
  do {
    for (let i = 0; i < chunk; i++) last = step()
    calls += chunk
    time = now()
  } while (time < end)
  return { rate: (calls * 1000) / (time - start), last }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
