import { add, compile, type CompileOptions, constant, entry, matmul, mean, mul, RuntimeError, sgd, square, sub, sum, tensor, variable } from 'gradloom' // prettier-ignore
import { memory as memoryMap, profile, source } from 'gradloom/inspect'
import { describe, expect, it, vi } from 'vitest'
import { entryInternals } from '../src/compile/internals'
import type { Content } from '../src/runtime/layout'
import { LinearMemory } from '../src/runtime/linear-memory'
import { expectFault } from './fault'

/** A model whose memory grows with the batch: 64 numbers an example, and a constant. */
const model = (target: 'js' | 'wasm', cacheSize: number) => {
  const w = variable(
    'w',
    [64, 3],
    Float32Array.from({ length: 192 }, (_, i) => Math.sin(i) / 8),
  )
  const train = entry({ x: tensor(['B', 64]) }, ({ x }) => {
    const y = add(matmul(x, w), constant([0.5, -1, 2]))
    const loss = mean(square(sub(y, 1)))
    return { outputs: { loss, total: sum(mul(y, y)) }, updates: sgd(loss, [w], { learningRate: 0.01 }) }
  })
  return compile({ train }, { target, cacheSize })
}
const batch = (size: number): Float32Array => Float32Array.from({ length: size * 64 }, (_, i) => Math.cos(i * 0.7))

// 4,000 examples are a megabyte: far beyond the first page.
it.each([[[1, 4000, 1, 7, 4000, 9000, 1]], [[9000, 1, 9000, 2]]])(
  'grows and keeps its state: batches of %j',
  (sizes) => {
    for (const cacheSize of [1, 16]) {
      const [js, wasm] = [model('js', cacheSize), model('wasm', cacheSize)]
      for (const size of sizes) {
        const [want, got] = [js, wasm].map((net) => net.train({ x: batch(size) }))
        for (const name of ['loss', 'total'] as const)
          expect(Math.abs(got![name] / want![name] - 1), `${name} of ${size}`).toBeLessThan(1e-5)
      }
      const [a, b] = [js, wasm].map((net) => net.state.get('w') as Float32Array)
      b!.forEach((v, i) => expect(v).toBeCloseTo(a![i]!, 5))
      wasm.state.reset()
      expect(wasm.state.get('w')[1]).toBe(Math.fround(Math.sin(1) / 8))
    }
  },
)

it('inspecting another size than the last one leaves what runs as it is', () => {
  const net = model('wasm', 1)
  const first = net.train({ x: batch(2) }).loss
  // A cache of one: looking at another size takes the place of the one that ran, and makes the memory grow.
  source(net.train, { bindings: { B: 9000 } })
  net.state.reset()
  expect(net.train({ x: batch(2) }).loss).toBe(first)
})

const content = (bytes: number): Content => ({ bytes, key: '', liesAt: () => false })

it('tells of its growth until nobody wants to know', () => {
  const memory = new LinearMemory(100)
  const seen: string[] = []
  const release = memory.onMove(() => seen.push('gone'))
  memory.onMove((buffer) => seen.push(`kept ${buffer.byteLength === memory.buffer.byteLength}`))
  release()
  memory.reserve([content(1e6)], 1e6)
  expect(seen).toEqual(['kept true'])
})

/** Named sizes, each with a constant of its own. */
const sized = (options: CompileOptions) =>
  compile(
    entry({ x: tensor(['N']) }, ({ x }) => ({
      outputs: { y: add(x, constant(Array.from({ length: x.shape[0] }, (_, i) => i % 17))) },
    })),
    { target: 'wasm', ...options },
  )
const bytesOf = (run: object): number => (entryInternals('bytes', run).program.store.memory as LinearMemory).buffer.byteLength // prettier-ignore
const muted = <T>(body: () => T): T => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  try {
    return body()
  } finally {
    warn.mockRestore()
  }
}

describe.each([1, { count: 2, minWork: 0 }])('memory with %j threads', (threads) => {
  it('is that of the largest size where sizes rise, with some beside it', () => {
    const run = sized({ threads, cacheSize: 4 })
    muted(() => {
      for (let n = 1; n <= 40; n++) run({ x: new Float32Array(10_000 * n) })
    })
    // The largest takes 1.6 MB each of input, result and constant.
    expect(bytesOf(run)).toBeLessThan(4 * 3 * 1.6e6)
    run.dispose()
  })
  it('does not grow while sizes take turns, and every size has its own constants', () => {
    const run = sized({ threads, cacheSize: 3 })
    const once = (): void => {
      for (const n of [5, 900, 40, 7, 3000, 12, 650]) {
        const { y } = run({ x: new Float32Array(n).fill(100) })
        expect((y as Float32Array).every((v, i) => v === 100 + (i % 17))).toBe(true)
      }
    }
    muted(once)
    once()
    const before = bytesOf(run)
    for (let k = 0; k < 30; k++) once()
    expect(bytesOf(run)).toBe(before)
    run.dispose()
  })
})

it('what cannot be had leaves all as it was', () => {
  const run = sized({ threads: 1 })
  run({ x: new Float32Array(8) })
  const memory = entryInternals('bytes', run).program.store.memory as LinearMemory
  const before = memory.buffer.byteLength
  expectFault(() => memory.reserve([], 2 ** 33), RuntimeError, 'not to be had')
  expectFault(() => memory.reserve([content(2 ** 33)], 0), RuntimeError, 'not to be had')
  expect(run({ x: new Float32Array(900) }).y).toHaveLength(900)
  expect(memory.buffer.byteLength).toBe(before)
})

const MIB = 2 ** 20
/** A product with 4 MB of constants, for any number of rows. */
const table = Float32Array.from({ length: MIB }, (_, i) => Math.fround(Math.sin(i)))
const looked = (values: () => Float32Array, options: CompileOptions = {}) =>
  compile(
    entry({ x: tensor(['B', 1024]) }, ({ x }) => ({
      outputs: { y: matmul(x, constant(values(), { shape: [1024, 1024] })) },
    })),
    { target: 'wasm', threads: 1, ...options },
  )
const rowsOf = (count: number): Float32Array =>
  Float32Array.from({ length: count * 1024 }, (_, i) => Number(i % 1024 === 3))
const expectRows = (y: unknown, from: Float32Array): void =>
  expect((y as Float32Array).subarray(0, 1024)).toEqual(from.subarray(3 * 1024, 4 * 1024))

describe('constants', () => {
  it.each([1, { count: 2, minWork: 0 }])('lie in memory once for all sizes, with %j threads', (threads) => {
    for (const [what, values] of [
      ['one array', () => table],
      ['a new array at each trace', () => table.slice()],
    ] as const) {
      const run = looked(values, { threads })
      for (const b of [1, 2, 5, 3]) expectRows(run({ x: rowsOf(b) }).y, table)
      // The table once, and beside it what threads pack of it.
      expect(bytesOf(run), what).toBeLessThan(2 * 4 * MIB)
      run.dispose()
    }
  })
  it('are given back when no size has them any more, and the next ones are right', () => {
    let now = table
    const run = looked(() => now, { cacheSize: 2 })
    muted(() => {
      for (let k = 1; k <= 12; k++) {
        now = table.map((v) => v + k)
        for (const b of [2 * k, 2 * k + 1]) expectRows(run({ x: rowsOf(b) }).y, now)
      }
    })
    // What one table of each of three sizes takes, and one stretch for a product.
    expect(bytesOf(run)).toBeLessThan(5 * 4 * MIB)
  })
  it('are told from others by their bits', () => {
    const run = compile(
      entry({ x: tensor(['N', 5]) }, ({ x }) => {
        const zero = x.shape[0] === 2 ? -0 : 0
        return { outputs: { y: mul(x, constant([zero, zero, zero, zero, 7])) } }
      }),
      { target: 'wasm', threads: 1 },
    )
    for (const n of [1, 2, 3, 2, 1]) {
      const [first, , , , last] = run({ x: new Float32Array(5 * n).fill(1) }).y as Float32Array
      expect([first, last]).toEqual([n === 2 ? -0 : 0, 7])
    }
  })
  it('are no part of the memory that a step works in', async () => {
    const run = looked(() => table)
    run({ x: rowsOf(1) })
    const { workBytes, constantBytes, withoutReuseBytes, buffers, toString } = memoryMap(run, { bindings: { B: 2 } })
    expect([workBytes, constantBytes]).toEqual([2 * 2 * 4096, 4 * MIB])
    expect(withoutReuseBytes).toBeLessThanOrEqual(workBytes)
    expect(buffers.find((b) => b.region === 'constant')).toMatchObject({ offset: workBytes, bytes: 4 * MIB })
    expect(toString()).toContain(`, constants ${4 * MIB} B\n`)
    await profile(run, { feeds: { x: rowsOf(2) }, steps: 1, warmup: 1 })
    expectRows(run({ x: rowsOf(2) }).y, table)
  })
})
