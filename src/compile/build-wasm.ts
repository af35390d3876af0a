import { feedText } from '../codegen/feed-text'
import { moduleScope } from '../codegen/module'
import { quoted, runText, strictText } from '../codegen/run-text'
import { shortPath } from '../codegen/names'
import { emitModule, type WasmModule } from '../codegen/wasm/module'
import { kernelName } from '../codegen/provenance'
import { FeedError } from '../ir/errors'
import { MEANING } from '../ir/evaluate'
import type { Kernel, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import type { Buffer } from '../ir/plan'
import { arrayNameOf, bytesOf } from '../ir/type'
import { type WasmEngine, wasmEngine } from '../runtime/engine'
import { evaluateModule } from '../runtime/evaluate'
import type { LinearMemory } from '../runtime/linear-memory'
import { scheduleKernel } from '../schedule/schedule'
import { writeConstants } from './constants'
import type { Built, Step } from './internals'
import type { Settings } from './options'
import { type Compilation, passReport } from './pipeline'
import { inputTexts } from './print'

/** Emits a compilation as a WebAssembly module over the memory of the program. */
export function buildWasm(compilation: Compilation, memory: LinearMemory, { schedule }: Settings, other: Step): Built {
  const started = performance.now()
  const { plan, report, roots } = compilation
  const kernels = wasmKernels(compilation, schedule)
  const addressOf = layOut(compilation, memory, panelBytes(kernels))
  let next = 0
  const module = emitModule({
    kernels,
    items: plan.items.map((item) => (item.kind === 'run' ? { kind: 'run', kernel: next++ } : item)),
    addressOf,
    memory: { minPages: memory.pages },
  })
  report.push(passReport('print', started, roots, kernels.length))
  const evaluating = performance.now()
  const { step } = instantiate(module, memory)
  writeConstants(plan, memory.buffer, addressOf)
  const source = wasmRunText(compilation, addressOf)
  const made = evaluateModule(source, { wasmStep: step, other, FeedError }) as Made
  made.bind(memory.buffer)
  const release = memory.onMove(made.bind)
  report.push(passReport('evaluate', evaluating, roots, kernels.length))
  return { run: made.run, strict: made.strict, release }
}

interface Made {
  readonly run: Step
  readonly strict: Step
  bind(buffer: ArrayBuffer): void
}

/** Every kernel of a plan as loops for WebAssembly, in order of running. */
export function wasmKernels({ plan, names }: Compilation, schedule: Settings['schedule']): Kernel[] {
  const { namer } = moduleScope()
  const context = { place: plan.place, nameOf: names.nameOf, isNamed: names.isNamed, target: 'wasm' } as const
  return plan.items.flatMap((item) => {
    if (item.kind !== 'run') return []
    const { kernel, body } = scheduleKernel(item.kernel, schedule, context)
    return [{ name: namer.unique(kernelName(item.kernel, names)), doc: [], params: kernel.params, body }]
  })
}

/** The largest panel; only one kernel runs at a time. */
function panelBytes(kernels: readonly Kernel[]): number {
  let bytes = 0
  const visit = (s: Stmt): void => {
    if (s.kind === 'for' || s.kind === 'if') s.body.forEach(visit)
    else if (s.kind === 'store' && s.to.buffer.region === 'panel')
      bytes = Math.max(bytes, s.to.buffer.size * bytesOf(s.to.buffer.dtype))
  }
  for (const kernel of kernels) kernel.body.forEach(visit)
  return bytes
}

/** Reserves what a specialisation needs, and says where each buffer lies. */
function layOut({ plan }: Compilation, memory: LinearMemory, panel: number): (buffer: Buffer) => number {
  const places = new Map<Buffer, number>()
  let bytes = 0
  for (const b of plan.buffers) {
    if (b.region !== 'constant') continue
    places.set(b, bytes)
    bytes += aligned(b.size * bytesOf(b.dtype))
  }
  const work = aligned(plan.workBytes)
  const { own, shared } = memory.reserve(bytes, work + panel)
  return (b) => {
    if (b.region === 'state') return memory.base + b.offset
    if (b.region === 'constant') return own + places.get(b)!
    return b.region === 'panel' ? shared + work : shared + b.offset
  }
}

function instantiate({ bytes, imports }: WasmModule, { memory }: LinearMemory): { step: () => number } {
  const { Module, Instance } = wasmEngine() as WasmEngine
  const math = Object.fromEntries(imports.map((fn) => [fn, MEANING[fn]]))
  const { exports } = new Instance(new Module(bytes), { env: { memory }, math })
  return { step: exports['step']! }
}

/** The function from feeds to results: as on JavaScript, but over views that are made anew when the memory grows. */
function wasmRunText(compilation: Compilation, addressOf: (b: Buffer) => number): string {
  const { plan, traced } = compilation
  const scope = { ...moduleScope(['wasmStep', 'bind', 'buffer']), run: 'run' }
  const checks = plan.items.flatMap((item) => (item.kind === 'check' ? [item] : []))
  const shown = new Set([...plan.inputs.values(), ...plan.outputs.values(), ...checks.map((c) => c.count)])
  for (const b of shown) scope.buffers.set(b, scope.namer.unique(shortPath(b.name)))
  const nameOf = (b: Buffer): string => scope.buffers.get(b)!
  const views = [...shown].map(
    (b) => `  ${nameOf(b)} = new ${arrayNameOf(b.dtype)}(buffer, ${addressOf(b)}, ${b.size})`,
  )
  const cases = checks.map(
    (c, i) => `  if (failed === ${i + 1}) checkCount(${nameOf(c.count)}, ${quoted(c.message)})\n`,
  )
  const run = runText(
    { entry: traced.entry, plan, inputs: inputTexts(compilation), dynamic: traced.bindings.size > 0 },
    nameOf,
    { types: false, scope: checks.length > 0 ? scope : { ...scope, step: 'wasmStep' } },
  )
  return [
    feedText({ types: false }),
    ...(shown.size > 0 ? [`let ${[...shown].map(nameOf).join(', ')}`] : []),
    `function bind(buffer) {\n${views.join('\n')}\n}`,
    ...(checks.length > 0 ? [`function step() {\n  const failed = wasmStep()\n${cases.join('')}}`] : []),
    run,
    `return { run, bind, strict: ${strictText(run)} }`,
  ].join('\n\n')
}
