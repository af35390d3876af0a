import { wasmObstacle } from '../runtime/engine'
import { clockStep } from './clock'
import { PEAK_OPERATIONS, peakExercise, type Triad, triadBytes, triadExercise, TRIADS } from './limits'

/** What one thread of this machine does at best, measured in WebAssembly with 128-bit vectors. */
export interface Machine {
  /** float32 multiplications and additions a second that wait for nothing. */
  readonly flopsPerSecond: number
  /**
   * a = b + 3c (the triad of STREAM) over arrays that take so many bytes together, smallest first: caches are faster than
   * memory. Of three sizes those that are nearest to what some kernel touches.
   */
  readonly memory: readonly { readonly bytes: number; readonly bytesPerSecond: number }[]
}

const RUNS = 30
/** Steps of the clock in what is timed by it. */
const TELLING = 50
const MOST_MILLISECONDS = 250

let peak: number | undefined
const rates = new Map<Triad, number>()

/** The machine, as far as kernels that touch so many bytes need it; undefined where there is no such WebAssembly. */
export function machineFor(bytes: readonly number[]): Machine | undefined {
  if (wasmObstacle() !== undefined) return undefined
  peak ??= PEAK_OPERATIONS / fastest(peakExercise())
  const wanted = new Set(bytes.map((n) => nearest(TRIADS, sizeOf, n)))
  const memory = TRIADS.filter((t) => wanted.has(t)).map((triad) => {
    const known = rates.get(triad) ?? triadBytes(triad) / fastest(triadExercise(triad))
    rates.set(triad, known)
    return { bytes: sizeOf(triad), bytesPerSecond: known }
  })
  return { flopsPerSecond: peak, memory }
}

/** Bytes a second of the triad over about as many bytes. */
export const memoryRate = ({ memory }: Machine, bytes: number): number =>
  nearest(memory, (m) => m.bytes, bytes).bytesPerSecond

/** By how many times it is larger or smaller. */
function nearest<T>(items: readonly T[], of: (item: T) => number, bytes: number): T {
  const apart = (item: T): number => Math.abs(Math.log(Math.max(bytes, 1) / of(item)))
  return items.reduce((best, item) => (apart(item) < apart(best) ? item : best))
}

const sizeOf = (triad: Triad): number => triadBytes({ ...triad, repeats: 1 })

/** Seconds of the fastest run: whatever disturbs one makes it slower. */
function fastest(run: () => number): number {
  const start = performance.now()
  const timed = (times: number): number => {
    const before = performance.now()
    for (let i = 0; i < times; i++) run()
    return (performance.now() - before) / times
  }
  let best = timed(1)
  // Several at once where the clock is too coarse for one.
  const times = Math.ceil((TELLING * clockStep()) / Math.max(best, clockStep()))
  for (let i = 0; i < RUNS && (i < 3 || performance.now() - start < MOST_MILLISECONDS); i++)
    best = i === 0 ? timed(times) : Math.min(best, timed(times))
  return best / 1000
}
