import type { GatherPhase } from '../gather'
import { now, type Step } from '../timer'
import type { Classifier, TaskKey } from '../workloads'

export interface Prepared {
  readonly step: Step
  /** From the first line that describes the model to a step that can be called; absent where nothing is compiled. */
  readonly compileMs?: number
  /** What was built. */
  readonly program?: object
}

/** Times the build of a compiled step; `call` then uses it the way users do: all feeds at each call, the result read. */
export function built<R extends object>(build: () => R, call: (run: R) => number): Prepared {
  const start = now()
  const run = build()
  return { compileMs: now() - start, program: run, step: () => call(run) }
}

/** The workloads as one library writes them. */
export interface Library {
  classifier(workload: Classifier, phase: 'train' | 'infer'): Prepared
  chain(phase: 'forward' | 'gradient'): Prepared
  product(n: number): Prepared
  tiny(): Prepared
  cnn(phase: 'train' | 'infer'): Prepared
  lstm(phase: 'train' | 'infer'): Prepared
  gather(phase: GatherPhase): Prepared
  /** Graphs for the compiler to chew on; only a compiler has them. */
  graph?(size: string): Prepared
}

export function prepare(library: Library, { workload, phase, size }: TaskKey): Prepared {
  switch (phase) {
    case 'compile':
      if (size !== 'W1' && library.graph) return library.graph(size)
      return library.classifier(size as Classifier, 'train')
    case 'start':
      return library.classifier(size as Classifier, 'train')
    case 'matmul':
      return library.product(Number(size))
    case 'forward':
    case 'gradient':
      return library.chain(phase)
    case 'gather':
    case 'scatter':
      return library.gather(phase)
    case 'train':
    case 'infer':
      if (workload === 'W7') return library.tiny()
      if (workload === 'W3') return library.cnn(phase)
      if (workload !== 'W4') return library.classifier(workload as Classifier, phase)
      return library.lstm(phase)
    default:
      throw new Error(`a library has no phase ${phase}`)
  }
}
