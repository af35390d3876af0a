import type { mlp } from '../../mlp'
import { programInternals } from '../../../src/compile/internals'

type Feeds = ReturnType<typeof mlp>['feeds']
export interface Trainable {
  (feeds: Feeds): { readonly loss: number }
  readonly state: { readonly names: readonly string[]; get(name: string): unknown }
}

/** What training came to: numbers to be compared bit for bit. */
export interface Trained {
  readonly losses: readonly number[]
  readonly weights: readonly number[]
  /** Jobs that were divided among threads. */
  readonly splits: number
}

export function trained(net: Trainable, feeds: Feeds, steps: number): Trained {
  const losses = Array.from({ length: steps }, () => net(feeds).loss)
  const weights = net.state.names.flatMap((name) => {
    const value = net.state.get(name)
    return typeof value === 'number' ? [value] : Array.from(value as Float32Array)
  })
  return { losses, weights, splits: programInternals('test', net).pool?.splits ?? 0 }
}

/** Steps a second, over about a second after half a second of warming up. */
export function rateOf(step: () => unknown): number {
  const run = (milliseconds: number): number => {
    const started = performance.now()
    let steps = 0
    let passed = 0
    for (; passed < milliseconds; passed = performance.now() - started) for (let i = 0; i < 10; i++, steps++) step()
    return (steps / passed) * 1000
  }
  run(500)
  return run(1000)
}
