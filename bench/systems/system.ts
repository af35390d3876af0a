import { now, type Step } from '../timer'
import type { Task } from '../workloads'

export interface Prepared {
  readonly step: Step
  /** From the first line that describes the model to a step that can be called; absent where nothing is compiled. */
  readonly compileMs?: number
}

/** Times the build of a compiled step; `call` then uses it the way users do: all feeds at each call, the result read. */
export function built<R>(build: () => R, call: (run: R) => number): Prepared {
  const start = now()
  const run = build()
  return { compileMs: now() - start, step: () => call(run) }
}

/** A library under measurement. A task it cannot do gives undefined. */
export interface System {
  prepare(task: Task): Prepared | undefined
}

export const SYSTEMS = ['gradloom', 'tfjs-cpu'] as const
export type SystemName = (typeof SYSTEMS)[number]

/** Loaded on demand: a worker pays only for the library that it measures. */
export async function loadSystem(name: SystemName): Promise<System> {
  switch (name) {
    case 'gradloom':
      return (await import('./gradloom')).gradloom
    case 'tfjs-cpu':
      return (await import('./tfjs')).tfjs()
  }
}
