import { feedText } from '../codegen/feed-text'
import { moduleScope } from '../codegen/module'
import { resultTypesText, runText, strictText } from '../codegen/run-text'
import { shortPath } from '../codegen/names'
import { emitModule, type WasmInput, type WasmModule } from '../codegen/wasm/module'
import { checkedStepText, surfaceOf } from '../codegen/wasm/run-text'
import { FeedError } from '../ir/errors'
import { MEANING } from '../ir/evaluate'
import type { Kernel, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import type { Buffer } from '../ir/plan'
import { arrayNameOf, bytesOf, type Data, viewData } from '../ir/type'
import { type WasmEngine, wasmEngine } from '../runtime/engine'
import { allowsStrings, evaluateModule } from '../runtime/evaluate'
import { genericRun } from '../runtime/generic-run'
import type { LinearMemory } from '../runtime/linear-memory'
import type { Splitter, ThreadPool } from '../runtime/threads'
import { constantsOf, contentOf, writeConstant } from './constants'
import type { Built, Placement, Step, Tick } from './internals'
import type { Settings } from './options'
import { guardOf } from './guard'
import { type Compilation, passReport } from './pipeline'
import { inputTexts } from './print'
import { packedBytes, wasmKernels } from './wasm-kernels'

/** Emits a compilation as a WebAssembly module over the memory of the program, and makes it run once it is compiled. */
export function emitWasm(
  compilation: Compilation,
  { memory, pool }: WasmHost,
  { schedule, threads, relaxedSimd }: Settings,
  other: Step,
): { readonly bytes: Uint8Array; link(module: object): Built } {
  const started = performance.now()
  const { report, roots } = compilation
  const { kernels, items } = wasmKernels(compilation, { schedule, threads })
  const isDivided = kernels.some((k) => k.partition)
  const panelBytes = largestPanel(kernels)
  const panels = panelBytes * (isDivided ? threads.count : 1)
  const { addressOf, hold } = layOut(compilation, memory, panels, packedBytes(kernels))
  const letMemoryGo = hold()
  const pages = pagesOf(memory)
  const emitted = emitModule({ kernels, items, addressOf, relaxedSimd, memory: pages })
  report.push(passReport('print', started, roots, kernels.length))
  const placement = { addressOf, hold, panelBytes, memory: pages }
  const link = (module: object): Built => {
    const { release, ...built } = linkWasm(module, emitted, { compilation, memory, pool, placement, other })
    return {
      ...built,
      release: () => {
        release()
        letMemoryGo()
      },
    }
  }
  return { bytes: emitted.bytes, link }
}

interface Linking extends WasmHost {
  readonly compilation: Compilation
  readonly placement: Placement
  readonly other: Step
  /** For modules that call it. */
  readonly tick?: Tick
}

/** Makes a compiled module run where its buffers lie. */
export function linkWasm(module: object, emitted: WasmModule, linking: Linking): Built {
  const evaluating = performance.now()
  const { compilation, memory, placement, other } = linking
  const { addressOf } = placement
  const { report, roots } = compilation
  const { step, letGo } = instantiate(module, emitted, linking)
  const made = allowsStrings()
    ? (evaluateModule(wasmRunText(compilation, addressOf), { wasmStep: step, other, FeedError }) as Made)
    : withoutStrings(compilation, addressOf, step, other)
  made.bind(memory.buffer)
  const stopBinding = memory.onMove(made.bind)
  const release = (): void => {
    stopBinding()
    letGo()
  }
  report.push(passReport('evaluate', evaluating, roots, compilation.kernels.length))
  return { run: made.run, strict: made.strict, release, placement }
}

const pagesOf = ({ pages, maximum }: LinearMemory): WasmInput['memory'] => ({
  minPages: pages,
  ...(maximum === undefined ? {} : { maxPages: maximum, shared: true }),
})

/** What a program on WebAssembly has in common. */
export interface WasmHost {
  readonly memory: LinearMemory
  /** The workers, started when first asked for. */
  readonly pool: () => ThreadPool
}

interface Made {
  readonly run: Step
  readonly strict: Step
  bind(buffer: ArrayBuffer): void
}

/** Panels of all kernels. */
export function panelsOf(kernels: readonly Kernel[]): Set<Buffer> {
  const panels = new Set<Buffer>()
  const visit = (s: Stmt): void => {
    if ('body' in s) s.body.forEach(visit)
    else if (s.kind === 'store' && s.to.buffer.region === 'panel') panels.add(s.to.buffer)
  }
  for (const kernel of kernels) kernel.body.forEach(visit)
  return panels
}

/** Bytes of the largest panel, to a whole line of the cache; only one kernel runs at a time. */
export const largestPanel = (kernels: readonly Kernel[]): number =>
  aligned([...panelsOf(kernels)].reduce((most, b) => Math.max(most, b.offset + b.size * bytesOf(b.dtype)), 0))

/**
 * Reserves what a specialisation needs, and says where each buffer lies as long as somebody holds it. Constants are written
 * at once, if there is a memory, so that the next specialisation finds those that it has too.
 */
export function layOut(
  { plan }: Compilation,
  memory: Pick<LinearMemory, 'base' | 'reserve'> & { readonly buffer?: ArrayBuffer },
  panel: number,
  packed: number,
): Pick<Placement, 'addressOf' | 'hold'> {
  const constants = constantsOf(plan)
  const work = aligned(plan.workBytes) + packed
  const { own, shared, hold } = memory.reserve(
    constants.map((b) => contentOf(b, () => memory.buffer!)),
    work + panel,
  )
  const places = new Map<Buffer, number>()
  for (const [i, b] of constants.entries()) {
    const { address, fresh } = own[i]!
    places.set(b, address)
    if (fresh && memory.buffer) writeConstant(b, memory.buffer, address)
  }
  const addressOf = (b: Buffer): number => {
    if (b.region === 'state') return memory.base + b.offset
    if (b.region === 'constant') return places.get(b)!
    return (b.region === 'panel' ? shared + work : shared) + b.offset
  }
  return { addressOf, hold }
}

function instantiate(
  module: object,
  { imports, jobs }: WasmModule,
  { compilation, memory: host, placement: { addressOf, panelBytes }, pool, tick }: Linking,
): { step: () => number; letGo: () => void } {
  const { Instance } = wasmEngine() as WasmEngine
  const math = Object.fromEntries(imports.map((fn) => [fn, MEANING[fn]]))
  let splitter: Splitter | undefined
  const { memory } = host
  const guard = guardOf(compilation, (b) => viewData(b.dtype, memory.buffer, addressOf(b), b.size))
  const env = {
    memory,
    split: (job: number) => splitter!.split(job),
    ...(guard ? { guard } : {}),
    ...(tick ? { tick } : {}),
  }
  const { exports } = new Instance(module, { env, math })
  if (jobs.length > 0) {
    const parts = jobs.map(({ name, partition: { from, to, step, alone } }) => ({
      name,
      run: exports[name]!,
      from,
      to,
      step,
      alone,
    }))
    splitter = pool().load({ module, math: imports, jobs: parts, panelBytes })
  }
  return { step: exports['step'] as () => number, letGo: () => splitter?.release() }
}

let hasSaidSo = false

/** The same without code from strings. */
function withoutStrings(
  compilation: Compilation,
  addressOf: (b: Buffer) => number,
  step: () => number,
  other: Step,
): Made {
  if (!hasSaidSo)
    console.info('gradloom: code from strings is not allowed here; feeds are copied by a generic function')
  hasSaidSo = true
  const { plan, traced } = compilation
  let views = new Map<Buffer, Data>()
  let memory: ArrayBuffer
  const view = (b: Buffer): Data => {
    const known = views.get(b) ?? viewData(b.dtype, memory, addressOf(b), b.size)
    views.set(b, known)
    return known
  }
  const { checks } = surfaceOf(plan)
  const common = { entry: traced.entry, inputs: inputTexts(compilation), outputs: plan.outputs, checks, step, view }
  return {
    run: genericRun({ ...common, ...(traced.bindings.size > 0 ? { other } : {}) }),
    strict: genericRun(common),
    bind: (buffer) => {
      memory = buffer
      views = new Map()
    },
  }
}

/** The function from feeds to results: as on JavaScript, but over views that are made anew when the memory grows. */
function wasmRunText(compilation: Compilation, addressOf: (b: Buffer) => number): string {
  const { plan, traced } = compilation
  const scope = { ...moduleScope(['wasmStep', 'bind', 'buffer']), run: 'run' }
  const { checks, shown } = surfaceOf(plan)
  for (const b of shown) scope.buffers.set(b, scope.namer.unique(shortPath(b.name)))
  const nameOf = (b: Buffer): string => scope.buffers.get(b)!
  const views = shown.map((b) => `  ${nameOf(b)} = new ${arrayNameOf(b.dtype)}(buffer, ${addressOf(b)}, ${b.size})`)
  const types = resultTypesText(plan, scope)
  const run = runText(
    { entry: traced.entry, plan, inputs: inputTexts(compilation), dynamic: traced.bindings.size > 0 },
    nameOf,
    { types: false, scope: checks.length > 0 ? scope : { ...scope, step: 'wasmStep' } },
  )
  return [
    feedText({ types: false }),
    types,
    ...(shown.length > 0 ? [`let ${shown.map(nameOf).join(', ')}`] : []),
    `function bind(buffer) {\n${views.join('\n')}\n}`,
    ...(checks.length > 0 ? [checkedStepText('step', 'wasmStep', checks, nameOf)] : []),
    run,
    `return { run, bind, strict: ${strictText(run)} }`,
  ].join('\n\n')
}
