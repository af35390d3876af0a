import {
  add,
  cast,
  compile,
  div,
  entry,
  equal,
  greater,
  matmul,
  mean,
  mul,
  neg,
  randomNormal,
  relu,
  sgd,
  sqrt,
  square,
  sub,
  tensor,
  transpose,
  variable,
  where,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { jsDialect } from '../../src/codegen/js'
import { kernelText } from '../../src/codegen/text'
import { emitModule } from '../../src/codegen/wasm/module'
import { entryInternals } from '../../src/compile/internals'
import type { Kernel, Param, Stmt } from '../../src/ir/loop'
import { aligned, PAGE } from '../../src/ir/memory'
import type { Buffer, PlannedKernel } from '../../src/ir/plan'
import { type Data, viewData } from '../../src/ir/type'
import { scheduleKernel, type Target } from '../../src/schedule/schedule'
import { engine } from './wasm-harness'

type Feeds = Readonly<Record<string, readonly number[]>>

/** The kernels of a compiled entry for both targets, and memory of each as it is before a step. */
function bothTargets(run: unknown, feeds: Feeds) {
  const { program, specialise } = entryInternals('test', run)
  const { plan, names } = specialise(new Map()).compilation
  const state = new Uint8Array(program.store.memory.buffer)
  const work = aligned(state.length)
  const panel = aligned(work + plan.workBytes + plan.constantBytes)
  const addressOf = (b: Buffer): number =>
    b.region === 'state' ? b.offset : b.region === 'panel' ? panel : work + b.offset
  // A panel of a few columns, and what vectors read beyond the end.
  const pages = Math.ceil(panel / PAGE) + 1
  const memory = new engine.Memory({ initial: pages })
  const images = { js: new ArrayBuffer(pages * PAGE), wasm: memory.buffer }
  const view = (b: Buffer, target: Target): Data => viewData(b.dtype, images[target], addressOf(b), b.size)
  for (const target of ['js', 'wasm'] as const) {
    new Uint8Array(images[target]).set(state)
    for (const [name, b] of plan.inputs) view(b, target).set(feeds[name]!)
    for (const b of plan.buffers)
      if (b.region === 'constant') view(b, target).set((b.of.attrs as { readonly value: Data }).value)
  }
  const planned = plan.items.flatMap((item) => (item.kind === 'run' ? [item.kernel] : []))
  const kernelsFor = (target: Target): Kernel[] =>
    planned.map((p, i) => {
      const { kernel, body } = scheduleKernel(p, 'fast', { ...names, place: plan.place, target })
      return { name: `kernel${i}`, doc: [], params: kernel.params, body }
    })
  const kernels = kernelsFor('wasm')
  // Each kernel alone, so that what it writes is seen before the next one runs.
  const modules = kernels.map((kernel) => {
    const items = [{ kind: 'run', kernel: 0 }] as const
    return emitModule({ kernels: [kernel], items, addressOf, memory: { minPages: pages }, validate: true })
  })
  const steps = modules.map(({ bytes }) => new engine.Instance(new engine.Module(bytes), { env: { memory } }).exports['step']!) // prettier-ignore
  const bytes = Uint8Array.from(modules.flatMap((m) => [...m.bytes]))
  return { plan, planned, view, bytes, kernels, steps, jsKernels: kernelsFor('js') }
}

/** Runs every kernel of a step on both targets and compares what each of them wrote. */
function compareStep(run: unknown, feeds: Feeds) {
  const both = bothTargets(run, feeds)
  const { plan, planned, view, steps, jsKernels } = both
  planned.forEach((p, i) => {
    runText(jsKernels[i]!, (b) => view(b, 'js'))
    steps[i]!()
    for (const b of p.stores.values()) expectClose(view(b, 'wasm'), view(b, 'js'), termsOf(p), b.name)
  })
  for (const item of plan.items) expect(item.kind).toBe('run')
  return both
}

function runText(kernel: Kernel, view: (b: Buffer) => Data): void {
  const nameOf = (p: Param): string => `buffer${kernel.params.indexOf(p)}`
  const fail = (name: string): never => expect.fail(`${name} is not for this target`)
  const text = kernelText(kernel, nameOf, jsDialect({ approximate: true, types: false, uses: fail }))
  const f = new Function(`return ${text}`)() as (...views: Data[]) => void
  f(...kernel.params.map((p) => view(p.buffer)))
}

const termsOf = ({ fused }: PlannedKernel): number => (fused.reduce?.axes ?? []).reduce((n, a) => n * a.extent, 1)

/** Equal up to float32 rounding in each of `terms` additions. */
function expectClose(actual: Data, expected: Data, terms: number, name: string): void {
  const tolerance = 1e-5 * Math.sqrt(terms)
  expected.forEach((want, i) => {
    const got = actual[i]!
    const isClose = Object.is(got, want) || Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want))
    if (!isClose) expect.fail(`${name}[${i}] is ${got} instead of ${want}`)
  })
}

const numbers = (size: number, seed = 1): number[] =>
  Array.from({ length: size }, (_, i) => Math.sin(seed * 7.3 + i * 12.9898) * 1.7)

/** Loops in vectors, wherever they lie. */
const vectorLoops = (body: readonly Stmt[]): Stmt[] =>
  body.flatMap((s) => (s.kind === 'for' ? [...(s.loop === 'vector' ? [s] : []), ...vectorLoops(s.body)] : []))

const includesBytes = (bytes: Uint8Array, part: readonly number[]): boolean =>
  bytes.some((_, i) => part.every((byte, k) => bytes[i + k] === byte))
// With the alignment of a float32 behind the opcode.
const V128_LOAD = [0xfd, 0x00, 2]
const V128_LOAD32_SPLAT = [0xfd, 0x09, 2]
const V128_STORE = [0xfd, 0x0b, 2]
const F32X4_MUL = [0xfd, 0xe6, 0x01]

describe('a fused elementwise kernel', () => {
  it.each([
    { shape: [1003], row: [1003], loops: 2 },
    // What depends on the row alone is a kernel of its own.
    { shape: [17, 59], row: [59], loops: 4 },
    // Nothing but a vector that is cut.
    { shape: [3], row: [3], loops: 1 },
  ])('over $shape', ({ shape, row, loops }) => {
    const f = entry({ x: tensor(shape), y: tensor(shape), z: tensor(row), a: tensor([]) }, ({ x, y, z, a }) => {
      const line = relu(add(mul(x, a), 0.25))
      const isPositive = greater(x, 0)
      const signed = where(isPositive, y, neg(y))
      const outside = where(equal(x, y), cast(isPositive, 'float32'), sub(y, z))
      return { outputs: { all: div(mul(line, signed), sqrt(add(mul(z, z), 1))), line, outside } }
    })
    const size = shape.reduce((n, d) => n * d, 1)
    const x = numbers(size)
    const y = numbers(size, 2).map((v, i) => (i % 5 === 0 ? x[i]! : v))
    const special = [NaN, Infinity, -Infinity, -0, 0]
    special.slice(0, size - 1).forEach((v, i) => (x[i + 1] = v))
    const { kernels, bytes } = compareStep(compile(f, { target: 'js' }), { x, y, z: numbers(row.at(-1)!, 3), a: [0.7] })
    expect(kernels.flatMap((k) => vectorLoops(k.body))).toHaveLength(loops)
    for (const part of [V128_LOAD, F32X4_MUL]) expect(includesBytes(bytes, part)).toBe(true)
    expect(includesBytes(bytes, V128_STORE)).toBe(size >= 4)
  })
})

describe('a matmul kernel', () => {
  it.each([
    { m: 23, k: 37, n: 39 },
    { m: 4, k: 3, n: 8 },
    { m: 1, k: 130, n: 5 },
    { m: 6, k: 5, n: 2 },
    { m: 6, k: 20, n: 1 },
  ])('with epilogue, and the step of its weights: $m x $k x $n', ({ m, k, n }) => {
    const W = variable('W', [k, n], randomNormal({ stddev: 0.5 }))
    const b = variable('b', [n], randomNormal())
    const layer = entry({ x: tensor([m, k]), y: tensor([m, n]) }, ({ x, y }) => {
      const h = relu(add(matmul(x, W), b))
      const loss = mean(square(sub(h, y)))
      const back = matmul(y, transpose(W))
      return { outputs: { loss, h, back }, updates: sgd(loss, [W, b], { learningRate: 0.1 }) }
    })
    const { planned, kernels, bytes } = compareStep(compile(layer, { target: 'js' }), {
      x: numbers(m * k),
      y: numbers(m * n, 2),
    })
    expect(planned.flatMap((p) => p.inPlace.map((v) => v.name)).sort()).toEqual(['W', 'b'])
    const loopsOf = (name: string): number =>
      vectorLoops(kernels[planned.findIndex((p) => [...p.stores.values()][0]!.name === name)]!.body).length
    // Pairs of vectors, a single one, and one that is cut.
    const spans = (columns: number): number =>
      Number(columns >= 8) + (Math.floor(columns / 4) % 2) + Number(columns % 4 > 0)
    const alongRow = (length: number): number => Number(length >= 4) + Number(length % 4 > 0)
    expect({ h: loopsOf('h'), W: loopsOf('W'), back: loopsOf('back') }).toEqual({
      h: n === 1 ? alongRow(k) : spans(n),
      // With one column, the rows lie side by side: a tile of one row takes them all where it comes out even.
      W: n === 1 ? Number(k / 4 <= 6) || spans(k) : spans(n),
      // Neighbouring results lie in different rows of W: they are copied into a panel, unless there are too few rows to
      // share it.
      back: n > 1 && m < 4 ? alongRow(n) : spans(k),
    })
    for (const part of [V128_LOAD, V128_LOAD32_SPLAT, V128_STORE, F32X4_MUL])
      expect(includesBytes(bytes, part)).toBe(true)
  })
})
