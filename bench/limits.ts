import { PEAK_OPERATIONS, peakExercise, TRIAD_VALUE, triadBytes, triadExercise, TRIADS } from '../src/inspect/limits'
import type { Prepared } from './systems/system'
import type { Task, TaskKey } from './workloads'

// What one thread of this machine can do in WebAssembly SIMD128, as `profile` measures it.

export const limitTasks = (): Task[] => [
  {
    ...{ workload: 'LIMIT', phase: 'peak', size: 'mul, add' },
    ...{ unit: 'GFLOP/s', perCall: PEAK_OPERATIONS / 1e9 },
  },
  ...TRIADS.map((triad): Task => ({
    ...{ workload: 'LIMIT', phase: 'triad', size: triad.size },
    ...{ unit: 'GB/s', perCall: triadBytes(triad) / 1e9, expected: () => TRIAD_VALUE },
  })),
]

export const limit = ({ phase, size }: TaskKey): Prepared => ({
  step: phase === 'peak' ? peakExercise() : triadExercise(TRIADS.find((t) => t.size === size)!),
})
