import type { Prepared } from './systems/system'
import { ADD, ADD4, type Code, FIRST_LANE, float, get, int, load, loop, moduleBytes, MUL4, set, SPLAT, store, UNEQUAL } from './wasm-bytes' // prettier-ignore
import type { Task, TaskKey } from './workloads'

// What one thread of this machine can do in WebAssembly SIMD128, whatever the program.

/** Chains of dependent operations: with two units for each and a latency of three and more, fewer leave units idle. */
const CHAINS = 12
const LANES = 4
const TURNS = 100_000

/** Floats in each of the three arrays; a multiple of what the loop does in a turn. */
const TRIADS: Readonly<Record<string, { readonly floats: number; readonly repeats: number }>> = {
  '24 KB': { floats: 2000, repeats: 10_000 },
  '4 MB': { floats: 333_328, repeats: 20 },
  '240 MB': { floats: 20_000_000, repeats: 1 },
}
const UNROLL = 4
const [LEFT, RIGHT, FACTOR] = [1, 2, 3]

export const limitTasks = (): Task[] => [
  {
    ...{ workload: 'LIMIT', phase: 'peak', size: 'mul, add' },
    ...{ unit: 'GFLOP/s', perCall: (CHAINS * LANES * 2 * TURNS) / 1e9 },
  },
  ...Object.entries(TRIADS).map(([size, { floats, repeats }]): Task => ({
    ...{ workload: 'LIMIT', phase: 'triad', size },
    ...{ unit: 'GB/s', perCall: (3 * 4 * floats * repeats) / 1e9, expected: () => LEFT + FACTOR * RIGHT },
  })),
]

export function limit({ phase, size }: TaskKey): Prepared {
  return { step: phase === 'peak' ? peak() : triad(TRIADS[size]!) }
}

interface Exports {
  run(turns: number): number
  readonly memory: WebAssembly.Memory
}
const instance = (...parts: Parameters<typeof moduleBytes>): Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(...parts))).exports as unknown as Exports

/** Adds to an i32 local and says whether it has still to reach the end. */
const advance = (local: number, by: number, end: number): Code => [
  ...[get(local), int(by), ADD, set(local)].flat(),
  ...[get(local), int(end), UNEQUAL].flat(),
]

function peak(): () => number {
  const [factor, term] = [1, 2]
  const chains = Array.from({ length: CHAINS }, (_, i) => 3 + i)
  const { run } = instance(1, 0, 2 + CHAINS, [
    [float(0.999999), SPLAT, set(factor), float(1e-7), SPLAT, set(term)].flat(),
    // Equal chains could be taken for one.
    ...chains.map((chain) => [float(chain), SPLAT, set(chain)].flat()),
    loop(
      ...chains.map((chain) => [get(chain), get(factor), MUL4, get(term), ADD4, set(chain)].flat()),
      advance(0, -1, 0),
    ),
    get(chains[0]!),
    ...chains.slice(1).map((chain) => [get(chain), ADD4].flat()),
    FIRST_LANE,
  ])
  return () => run(TURNS)
}

/** a = b + factor * c. */
function triad({ floats, repeats }: { readonly floats: number; readonly repeats: number }): () => number {
  const bytes = 4 * floats
  // A store and loads at the same offset in a page look dependent to the processor, so the arrays start apart.
  const stride = Math.ceil(bytes / 4096) * 4096 + 1344
  const [b, c] = [stride, 2 * stride]
  const [at, factor] = [1, 2]
  const { run, memory } = instance(Math.ceil((3 * stride) / 65536), 1, 1, [
    [float(FACTOR), SPLAT, set(factor)].flat(),
    loop(
      [int(0), set(at)].flat(),
      loop(
        ...Array.from({ length: UNROLL }, (_, i) => {
          const offset = 16 * i
          const sum = [get(at), load(b + offset), get(at), load(c + offset), get(factor), MUL4, ADD4]
          return [get(at), ...sum, store(offset)].flat()
        }),
        advance(at, 16 * UNROLL, bytes),
      ),
      advance(0, -1, 0),
    ),
    [int(0), load(0), FIRST_LANE].flat(),
  ])
  new Float32Array(memory.buffer, b, floats).fill(LEFT)
  new Float32Array(memory.buffer, c, floats).fill(RIGHT)
  return () => run(repeats)
}
