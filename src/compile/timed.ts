import { shortPath } from '../codegen/names'
import { emitModule, type RunItem, type StepItem, type StepItems } from '../codegen/wasm/module'
import type { Kernel } from '../ir/loop'
import { type Buffer, kernelsOf, type PlannedKernel, timedItems } from '../ir/plan'
import { bytesOf } from '../ir/type'
import { type WasmEngine, wasmEngine } from '../runtime/engine'
import type { LinearMemory } from '../runtime/linear-memory'
import { evaluateJs } from './build-js'
import { linkWasm } from './build-wasm'
import type { Built, Placement, ProgramInternals, Specialised, Step, Tick } from './internals'
import { poolOf } from './specialise'
import { wasmKernels } from './wasm-kernels'

/** What a step spends its time on. */
export type TimedRow =
  /** A kernel, by its number among those of the plan; the name of its function on WebAssembly. */
  | { readonly kind: 'kernel'; readonly kernel: number; readonly planned: PlannedKernel; readonly name?: string }
  /** What is put in order for a loop before it begins, and memory that is copied as a whole, with the bytes of both sides. */
  | { readonly kind: 'pack' | 'copy'; readonly name: string; readonly bytes: number }
  | { readonly kind: 'guard' }

/** A specialisation a second time, over the same memory, whose step says how far it has come. */
export interface Timed extends Pick<Built, 'strict' | 'release'> {
  /** By the numbers that `tick` hears, from 1. */
  readonly rows: readonly TimedRow[]
  /** Functions that threads divide among themselves. */
  readonly divided: ReadonlySet<string>
}

/** The kernels are those that run, instruction for instruction; what runs without being timed is left as it is. */
export async function timedForm(specialised: Specialised, program: ProgramInternals, tick: Tick): Promise<Timed> {
  const { compilation, placement, work } = specialised
  // A report of its own: what `passes` shows is how the entry was compiled.
  const own: Specialised = { ...specialised, compilation: { ...compilation, report: [] } }
  return placement ? timedWasm(own, placement, program, tick) : timedJs(own, work!, program, tick)
}

const bytesIn = ({ size, dtype }: Buffer): number => size * bytesOf(dtype)
const copyRow = (to: Buffer): TimedRow => ({
  kind: 'copy',
  name: `copy_${shortPath(to.name)}`,
  bytes: 2 * bytesIn(to),
})

/** Feeds of another size were refused before. */
const other: Step = () => {
  throw new Error('a timed step is asked for one size')
}

function timedJs(
  { compilation }: Specialised,
  work: ArrayBuffer,
  { store, settings }: ProgramInternals,
  tick: Tick,
): Timed {
  const memory = { state: store.memory.buffer, work }
  const { strict } = evaluateJs(compilation, memory, settings, { other, tick })
  let kernel = 0
  const rows = timedItems(compilation.plan.items).map((item): TimedRow => {
    if (item.kind === 'run') return { kind: 'kernel', kernel: kernel++, planned: item.kernel }
    return item.kind === 'copy' ? copyRow(item.to) : { kind: 'guard' }
  })
  return { rows, divided: new Set(), strict, release: () => undefined }
}

async function timedWasm(
  { compilation }: Specialised,
  placement: Placement,
  program: ProgramInternals,
  tick: Tick,
): Promise<Timed> {
  const { settings, store } = program
  // A program with a placement has such a memory.
  const memory = store.memory as LinearMemory
  const { kernels, items } = wasmKernels(compilation, settings)
  const { rows, ticked } = withTicks(items, kernels, kernelsOf(compilation.plan.items))
  const { addressOf, memory: pages } = placement
  const { relaxedSimd } = settings
  const emitted = emitModule({ kernels, items: ticked, addressOf, relaxedSimd, memory: pages })
  // What is timed may give way to other sizes meanwhile.
  const letMemoryGo = placement.hold()
  const module = await (wasmEngine() as WasmEngine).compile(emitted.bytes)
  const pool = (): ReturnType<typeof poolOf> => poolOf(program, memory)
  const { strict, release } = linkWasm(module, emitted, { compilation, memory, pool, placement, other, tick })
  await program.pool?.ready
  return {
    rows,
    divided: new Set(emitted.jobs.map((job) => job.name)),
    strict,
    release: () => {
      release()
      letMemoryGo()
    },
  }
}

/** A tick behind everything that takes time. */
function withTicks(
  items: StepItems,
  kernels: readonly Kernel[],
  planned: readonly PlannedKernel[],
): { readonly rows: readonly TimedRow[]; readonly ticked: StepItems } {
  const rows: TimedRow[] = []
  let next = 0
  const rowOf = ({ kernel, isPack }: RunItem): TimedRow => {
    const { name, params } = kernels[kernel]!
    if (isPack) return { kind: 'pack', name, bytes: params.reduce((sum, { buffer }) => sum + bytesIn(buffer), 0) }
    return { kind: 'kernel', kernel: next, planned: planned[next++]!, name }
  }
  const after = (item: StepItem, row: TimedRow): StepItem[] => [item, { kind: 'tick', row: rows.push(row) }]
  const visit = (item: StepItem): StepItem[] => {
    if (item.kind === 'run') return after(item, rowOf(item))
    if (item.kind === 'copy') return after(item, copyRow(item.to))
    if (item.kind === 'guard') return after(item, { kind: 'guard' })
    if (item.kind === 'loop') return [{ ...item, items: item.items.flatMap(visit) }]
    if (item.kind !== 'choice') return [item]
    const [a, b] = item.arms
    return [{ ...item, arms: [a.flatMap(visit), b.flatMap(visit)] }]
  }
  const body = items.flatMap(visit)
  return { rows, ticked: [{ kind: 'tick', row: 0 }, ...body] }
}
