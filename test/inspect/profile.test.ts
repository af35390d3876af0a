import { describe, expect, it } from 'vitest'
import {
  add,
  adam,
  compile,
  cond,
  dropout,
  entry,
  FeedError,
  fill,
  greater,
  GraphError,
  log,
  matmul,
  mean,
  mul,
  NonFiniteError,
  scan,
  sgd,
  square,
  sub,
  sum,
  tanh,
  tensor,
  variable,
  zeros,
} from 'gradloom'
import { explain, profile } from 'gradloom/inspect'
import { entryInternals } from '../../src/compile/internals'
import { timedForm } from '../../src/compile/timed'
import { peakExercise, TRIAD_VALUE, triadExercise, TRIADS } from '../../src/inspect/limits'
import { wasmObstacle } from '../../src/runtime/engine'
import { mlp } from './models'

const hasWasm = wasmObstacle() === undefined
const targets = hasWasm ? (['js', 'wasm'] as const) : (['js'] as const)
/** Few steps: what is tested is what is counted, not how long it takes. */
const few = { steps: 3, warmup: 1 }

const digits = (batch: number) => ({
  x: Float32Array.from({ length: batch * 784 }, (_, i) => Math.sin(i)),
  y: Int32Array.from({ length: batch }, (_, i) => i % 10),
})

/** A net with dropout and a slot for each weight, so that a step changes state of every kind. */
function dropping(target: 'js' | 'wasm') {
  const w = variable('w', [6, 3], zeros())
  const train = entry({ x: tensor(['B', 6]) }, ({ x }) => {
    const loss = mean(square(sub(1, matmul(dropout(x, 0.5), w))))
    return { outputs: { loss }, updates: adam(loss, [w]) }
  })
  return compile({ train }, { target })
}
const rows = (n: number) => Float32Array.from({ length: n * 6 }, (_, i) => Math.cos(i))

describe.each(targets)('a profile on %s', (target) => {
  it('has every kernel of explain, once', async () => {
    const net = mlp('adam', 4)
    const found = await profile(net.train, { feeds: digits(4), ...few })
    const known = explain(net.train).kernels
    const kernels = found.kernels.filter((k) => k.kind === 'kernel')
    expect(kernels.map((k) => k.name).sort()).toEqual(known.map((k) => k.kernel).sort())
    for (const { name, kernel, flops, bytes, calls, origin } of kernels)
      expect({ name, flops, bytes, calls, origin }).toEqual({
        ...{ name: known[kernel!]!.kernel, flops: known[kernel!]!.flops, bytes: known[kernel!]!.bytes },
        ...{ calls: 1, origin: known[kernel!]!.origin },
      })
    expect(found).toMatchObject({ entry: 'train', bindings: {}, steps: 3 })
  })

  it('has shares that add up to 1, most expensive first, and rates that fit the times', async () => {
    const net = dropping(target)
    const found = await profile(net.train, { feeds: { x: rows(64) } })
    const { kernels, kernelsMicroseconds, stepMicroseconds, clockMicroseconds } = found
    const total = (of: (k: (typeof kernels)[number]) => number): number => kernels.reduce((n, k) => n + of(k), 0)
    expect(total((k) => k.share)).toBeCloseTo(1, 10)
    expect(total((k) => k.microseconds)).toBeCloseTo(kernelsMicroseconds, 8)
    expect(stepMicroseconds).toBeGreaterThan(0)
    expect(kernels.map((k) => k.microseconds)).toEqual(kernels.map((k) => k.microseconds).sort((a, b) => b - a))
    for (const k of kernels) {
      // What takes less than the clock can tell has no rates.
      const isTold = k.microseconds > (k.calls * clockMicroseconds) / 2
      expect(k.flopsPerSecond).toBeCloseTo(isTold ? (1e6 * k.flops) / k.microseconds : 0, 0)
      expect(k.bytesPerSecond).toBeCloseTo(isTold ? (1e6 * k.bytes) / k.microseconds : 0, 0)
      expect(k.limit !== undefined).toBe(isTold && hasWasm)
    }
  })

  it('leaves state as it was, and what follows is what would have followed, bit for bit', async () => {
    const [net, other] = [dropping(target), dropping(target)]
    const feeds = { x: rows(5) }
    const state = (n: typeof net) => Object.fromEntries(n.state.names.map((name) => [name, n.state.get(name)]))
    for (const n of [net, other]) n.train(feeds)
    const before = state(net)
    await profile(net.train, { feeds, ...few })
    expect(state(net)).toEqual(before)
    const later = [net, other].map((n) => [n.train(feeds), n.train({ x: rows(3) }), n.train(feeds), state(n)])
    expect(later[0]).toEqual(later[1])
  })

  it('computes what the entry computes, bit for bit, in the form that is timed', async () => {
    const [net, other] = [dropping(target), dropping(target)]
    const feeds = { x: rows(5) }
    const { program, specialise } = entryInternals('test', net.train)
    const heard: number[] = []
    const timed = await timedForm(specialise(new Map([['B', 5]])), program, (row) => void heard.push(row))
    const state = (n: typeof net) => n.state.names.map((name) => n.state.get(name))
    for (let step = 0; step < 3; step++) expect(timed.strict(feeds)).toEqual(other.train(feeds))
    expect(state(net)).toEqual(state(other))
    const once = [0, ...timed.rows.map((_, i) => i + 1)]
    expect(heard).toEqual([...once, ...once, ...once])
    timed.release()
  })

  it('follows the size of the feeds, and is of another size than the last call', async () => {
    const net = dropping(target)
    net.train({ x: rows(2) })
    const found = await profile(net.train, { feeds: { x: rows(7) }, ...few })
    expect(found.bindings).toEqual({ B: 7 })
    expect((await profile(net.train, { feeds: { x: rows(7) }, bindings: { B: 7 }, ...few })).bindings).toEqual({ B: 7 })
    await expect(profile(net.train, { feeds: { x: rows(7) }, bindings: { B: 8 }, ...few })).rejects.toThrow(
      /input "x" of entry "train" expects float32\[8, 6\]/,
    )
  })

  it('counts kernels of a loop once a turn', async () => {
    const w = variable('w', [3, 3], zeros())
    const run = compile(
      entry({ xs: tensor([11, 2, 3]) }, ({ xs }) => {
        const { carry } = scan({
          over: { x: xs },
          carry: { h: fill([2, 3], 0) },
          step: ({ h }, { x }) => ({ carry: { h: tanh(add(matmul(h, w), x)) } }),
        })
        const loss = sum(square(carry.h))
        return { outputs: { loss }, updates: sgd(loss, [w]) }
      }),
      { target },
    )
    const found = await profile(run, { feeds: { xs: new Float32Array(66).fill(0.5) }, ...few })
    const calls = found.kernels.filter((k) => k.kind === 'kernel').map((k) => k.calls)
    expect(new Set(calls)).toEqual(new Set([1, 11]))
    // What a turn touches is its slice: less than the sequence, which has 264 bytes.
    for (const k of found.kernels.filter((row) => row.calls === 11)) expect(k.bytes / 11).toBeLessThan(264)
    expect(found.kernels.filter((k) => k.kind === 'kernel')).toHaveLength(explain(run).kernels.length)
  })

  it('counts the arm of a choice that is taken', async () => {
    const run = compile(
      entry({ x: tensor([4]), limit: tensor([]) }, ({ x, limit }) => ({
        outputs: {
          y: cond(
            greater(sum(x), limit),
            () => sum(tanh(x)),
            () => sum(square(x)),
          ),
        },
      })),
      { target },
    )
    const callsAt = async (limit: number): Promise<Record<string, number>> => {
      const { kernels } = await profile(run, { feeds: { x: Float32Array.of(1, 2, 3, 4), limit }, ...few })
      return Object.fromEntries(kernels.map((k) => [k.name, k.calls]))
    }
    const [low, high] = [await callsAt(0), await callsAt(100)]
    const differing = Object.keys(low).filter((name) => low[name] !== high[name])
    expect(differing.map((name) => [low[name], high[name]].sort())).toEqual(differing.map(() => [0, 1]))
    expect(new Set(differing.map((name) => low[name]))).toEqual(new Set([0, 1]))
  })

  it('times the look of a guarded program, and puts state back where that ends the step', async () => {
    const w = variable('w', [3], [1, 2, 3])
    const run = compile(
      entry({ x: tensor([3]) }, ({ x }) => {
        const loss = sum(log(mul(w, x)))
        return { outputs: { loss }, updates: sgd(loss, [w], { learningRate: 1e-3 }) }
      }),
      { target, guard: true },
    )
    const { kernels } = await profile(run, { feeds: { x: [1, 2, 3] }, ...few })
    expect(kernels.filter((k) => k.kind === 'guard')).toMatchObject([{ name: 'guard', calls: 1, flops: 0 }])
    const before = run.state.get('w')
    await expect(profile(run, { feeds: { x: [1, -2, 3] }, ...few })).rejects.toThrow(NonFiniteError)
    expect(run.state.get('w')).toEqual(before)
  })

  it('refuses what the entry refuses, and numbers of steps that are none', async () => {
    const net = dropping(target)
    const wrong = (feeds: unknown, options: object = {}) =>
      profile(net.train, { feeds: feeds as { x: Float32Array }, ...few, ...options })
    await expect(wrong({ x: new Float32Array(7) })).rejects.toThrow(FeedError)
    await expect(wrong({ x: rows(2), z: 1 })).rejects.toThrow(/entry "train" has no input "z"/)
    await expect(wrong(undefined)).rejects.toThrow(/profile: pass \{ feeds \}/)
    await expect(wrong({ x: rows(2) }, { steps: 0 })).rejects.toThrow(GraphError)
    await expect(wrong({ x: rows(2) }, { warmup: 1.5 })).rejects.toThrow(/warmup must be a whole number from 0/)
    await expect(profile(() => 1, { feeds: {} })).rejects.toThrow(/profile: expected a compiled entry/)
  })

  it('is plain data, and a table as text', async () => {
    const net = dropping(target)
    const found = await profile(net.train, { feeds: { x: rows(4) }, ...few })
    expect(JSON.parse(JSON.stringify(found))).toEqual(structuredClone(found))
    const [head, ...rest] = String(found).split('\n')
    expect(head).toMatch(new RegExp(`^train, B = 4: [\\d.]+ µs a step .*, ${target}, 3 steps$`))
    if (hasWasm) expect(rest.shift()).toMatch(/^one thread at best: [\d.]+ Gflop\/s/)
    const [blank, columns, ...lines] = rest
    expect([blank, columns!.split(/ {2,}/)]).toEqual([
      '',
      ['kernel', 'calls', 'µs', 'share', 'Gflop/s', 'of peak', 'GB/s', 'of memory', 'limit'],
    ])
    expect(lines.map((line) => line.split(' ')[0])).toEqual(found.kernels.map((k) => k.name))
  })
})

describe.runIf(hasWasm)('what the machine does at best', () => {
  it('is measured by what computes', () => {
    expect(peakExercise()()).toBeGreaterThan(0)
    for (const triad of TRIADS.slice(0, 2)) expect(triadExercise({ ...triad, repeats: 1 })()).toBe(TRIAD_VALUE)
  })
})
