import { moduleBuilder } from '../codegen/wasm/assembler'
import type { Tick } from '../compile/internals'
import { type WasmEngine, wasmEngine } from '../runtime/engine'

/** Adds up by rows what lies between two looks at the time. */
export interface Clock {
  /** Milliseconds of each row since `clear`, and how often it was heard of. */
  readonly milliseconds: readonly number[]
  readonly calls: readonly number[]
  readonly tick: Tick
  /** Counts from now. */
  start(): void
  /** Begins with so many rows. */
  clear(rows: number): void
}

export function makeClock(): Clock {
  let milliseconds = new Float64Array()
  let calls = new Float64Array()
  let last = 0
  return {
    get milliseconds() {
      return Array.from(milliseconds)
    },
    get calls() {
      return Array.from(calls)
    },
    tick: (row) => {
      const now = performance.now()
      milliseconds[row]! += now - last
      calls[row]!++
      last = now
    },
    start: () => {
      last = performance.now()
    },
    clear: (rows) => {
      milliseconds = new Float64Array(rows)
      calls = new Float64Array(rows)
    },
  }
}

const TICKS = 64
const RUNS = 200

/** Milliseconds that a tick takes by itself, from the target that asks. */
export function tickCost(target: 'js' | 'wasm'): number {
  const clock = makeClock()
  const many = target === 'wasm' ? wasmTicks(clock.tick) : jsTicks(clock.tick)
  const costs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    clock.clear(1)
    clock.start()
    many()
    costs.push(clock.milliseconds[0]! / TICKS)
  }
  // By then the engine has compiled it; where the clock is coarse, only the mean says something.
  const late = costs.slice(RUNS / 2).sort((a, b) => a - b)
  const middle = late.slice(RUNS / 8, (3 * RUNS) / 8)
  return middle.reduce((sum, c) => sum + c, 0) / middle.length
}

const jsTicks = (tick: Tick) => () => {
  for (let i = 0; i < TICKS; i++) tick(0)
}

function wasmTicks(tick: Tick): () => void {
  const m = moduleBuilder()
  const index = m.importFunc('env', 'tick', { params: ['i32'], results: [] })
  const f = m.func('run', { export: true })
  for (let i = 0; i < TICKS; i++) f.op('i32.const', 0).op('call', index)
  f.end()
  const { Module, Instance } = wasmEngine() as WasmEngine
  return new Instance(new Module(m.bytes()), { env: { tick } }).exports['run']!
}

/** Milliseconds between two times that the engine's clock can tell apart. */
export function clockStep(): number {
  let least = Infinity
  for (let i = 0; i < 20; i++) {
    const start = performance.now()
    let now = start
    while (now === start) now = performance.now()
    least = Math.min(least, now - start)
  }
  return least
}
