import type { FuncBuilder } from '../codegen/wasm/builder'
import { moduleBuilder } from '../codegen/wasm/assembler'
import { PAGE } from '../ir/memory'
import { type WasmEngine, wasmEngine } from '../runtime/engine'

// What one thread of this machine can do in WebAssembly SIMD128, whatever the program.

/** Chains of dependent operations: with two units for each and a latency of three and more, fewer leave units idle. */
const CHAINS = 12
const LANES = 4
const TURNS = 100_000
const UNROLL = 4
const [LEFT, RIGHT, FACTOR] = [1, 2, 3]

/** What every run of a triad returns. */
export const TRIAD_VALUE = LEFT + FACTOR * RIGHT

/** Operations of a run of `peakExercise`. */
export const PEAK_OPERATIONS = CHAINS * LANES * 2 * TURNS

export interface Triad {
  readonly size: string
  /** In each of the three arrays; a multiple of what the loop does in a turn. */
  readonly floats: number
  readonly repeats: number
}
export const TRIADS: readonly Triad[] = [
  { size: '24 KB', floats: 2000, repeats: 10_000 },
  { size: '4 MB', floats: 333_328, repeats: 20 },
  { size: '240 MB', floats: 20_000_000, repeats: 1 },
]

/** Bytes that a run of `triadExercise` reads and writes. */
export const triadBytes = ({ floats, repeats }: Triad): number => 3 * 4 * floats * repeats

/** Multiplications and additions of vectors that wait for nothing but themselves; the result depends on all of them. */
export function peakExercise(): () => number {
  const { run } = instance(1, (f, turns) => {
    const [factor, term] = [f.local('v128'), f.local('v128')]
    splat(f, 0.999999, factor)
    splat(f, 1e-7, term)
    const chains = Array.from({ length: CHAINS }, () => f.local('v128'))
    // Equal chains could be taken for one.
    for (const chain of chains) splat(f, chain, chain)
    loop(f, turns, -1, 0, () => {
      for (const chain of chains)
        f.op('local.get', chain)
          .op('local.get', factor)
          .op('f32x4.mul')
          .op('local.get', term)
          .op('f32x4.add')
          .op('local.set', chain)
    })
    f.op('local.get', chains[0]!)
    for (const chain of chains.slice(1)) f.op('local.get', chain).op('f32x4.add')
  })
  return () => run(TURNS)
}

/** a = b + factor * c (McCalpin's STREAM triad). */
export function triadExercise({ floats, repeats }: Triad): () => number {
  const bytes = 4 * floats
  // A store and loads at the same offset in a page look dependent to the processor, so the arrays start apart.
  const stride = Math.ceil(bytes / 4096) * 4096 + 1344
  const [b, c] = [stride, 2 * stride]
  const { run, memory } = instance(Math.ceil((3 * stride) / PAGE), (f, turns) => {
    const [at, factor] = [f.local('i32'), f.local('v128')]
    splat(f, FACTOR, factor)
    loop(f, turns, -1, 0, () => {
      f.op('i32.const', 0).op('local.set', at)
      loop(f, at, 16 * UNROLL, bytes, () => {
        for (let offset = 0; offset < 16 * UNROLL; offset += 16) {
          f.op('local.get', at)
            .op('local.get', at)
            .op('v128.load', { offset: b + offset })
          f.op('local.get', at).op('v128.load', { offset: c + offset })
          f.op('local.get', factor).op('f32x4.mul').op('f32x4.add').op('v128.store', { offset })
        }
      })
    })
    f.op('i32.const', 0).op('v128.load', {})
  })
  new Float32Array(memory, b, floats).fill(LEFT)
  new Float32Array(memory, c, floats).fill(RIGHT)
  return () => run(repeats)
}

/** A function of one i32 whose body leaves a vector; the first float of that is its result. */
function instance(
  pages: number,
  body: (f: FuncBuilder, argument: number) => void,
): { run(argument: number): number; readonly memory: ArrayBuffer } {
  const { Memory, Module, Instance } = wasmEngine() as WasmEngine
  const memory = new Memory({ initial: pages })
  const m = moduleBuilder({ memory: { import: ['env', 'memory'], minPages: pages } })
  const f = m.func('run', { params: ['i32'], results: ['f32'], export: true })
  body(f, 0)
  f.op('f32x4.extract_lane', 0).end()
  const { exports } = new Instance(new Module(m.bytes()), { env: { memory } })
  return { run: exports['run']!, memory: memory.buffer }
}

const splat = (f: FuncBuilder, value: number, local: number): unknown =>
  f.op('f32.const', value).op('f32x4.splat').op('local.set', local)

/** Goes on until a local, `step` further after each turn, has reached the end. */
function loop(f: FuncBuilder, local: number, step: number, end: number, body: () => void): void {
  f.op('loop')
  body()
  f.op('local.get', local).op('i32.const', step).op('i32.add').op('local.tee', local)
  f.op('i32.const', end).op('i32.ne').op('br_if', 0).op('end')
}
