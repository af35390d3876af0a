import { moduleScope, usedBuffers } from '../codegen/module'
import { shortPath } from '../codegen/names'
import { docLines, kernelFacts, type KernelFacts } from '../codegen/provenance'
import { importedMemory, writeModule } from '../codegen/wasm/module'
import { watModule } from '../codegen/wasm/wat'
import type { Kernel } from '../ir/loop'
import { type Buffer, kernelsOf, type Plan, type PlannedKernel } from '../ir/plan'
import { bytesOf, showType } from '../ir/type'
import { Layout } from '../runtime/layout'
import type { Schedule } from '../schedule/schedule'
import { largestPanel, layOut, panelsOf } from './build-wasm'
import type { Placement, ProgramInternals } from './internals'
import type { Compilation } from './pipeline'
import { headings } from './print'
import { numbersIn, packedBytes, packedOf, wasmKernels } from './wasm-kernels'

export interface PrintedWasm {
  readonly kernels: readonly { readonly planned: PlannedKernel; readonly name: string }[]
  /** The whole module. */
  text(): string
  /** In which lines of it the function of each kernel stands; counted from 1, both ends included. */
  lines(): readonly (readonly [first: number, last: number])[]
  /** What runs one of the kernels; small ones of equal structure share a function in large programs. */
  kernel(index: number): string
}

/**
 * Prints a compilation as WebAssembly text: the instructions of the module that runs, or that would run if the program had
 * been compiled for WebAssembly on one thread. Nothing is allocated for it.
 */
export function printWasm(
  compilation: Compilation,
  schedule: Schedule,
  { settings, store }: ProgramInternals,
  running: Placement | undefined,
): PrintedWasm {
  const { plan, names } = compilation
  const threads = running ? settings.threads : { ...settings.threads, count: 1 }
  const { kernels: plain, items } = wasmKernels(compilation, { schedule, threads })
  const { addressOf, memory, panelBytes } = placementFor(compilation, plain, store.bytes, running)
  const planned = kernelsOf(plan.items)
  const printed = numbersIn(items)
  const nameOf = bufferNames(plan, plain)
  const kernels = plain.map((kernel, i): Kernel => {
    const [facts, ...others] = planned.filter((_, k) => printed[k] === i).map((p) => kernelFacts(p, names))
    const places = kernel.params.map(({ buffer }) => `${nameOf(buffer)} at ${addressOf(buffer)}`)
    if (!facts) return kernel
    const last = kernel.isShared ? othersText(others) : [`  ${places.join(', ')}`]
    return { ...kernel, doc: [...docLines(facts), ...last] }
  })
  const { relaxedSimd } = settings
  const steps = [{ name: 'step', items }]
  const input = { kernels, steps, addressOf, memory, relaxedSimd, heading: headings(compilation) }
  const wat = watModule({ memory: importedMemory(input), nameOf })
  writeModule(input, wat.writer)
  const panels =
    threads.count > 1 && kernels.some((k) => k.partition) ? `, one a thread, ${panelBytes} bytes apart` : ''
  const heading = (): string[] => mapLines(compilation, kernels, { nameOf, addressOf, panels })
  return {
    kernels: planned.map((kernel, index) => ({ planned: kernel, name: kernels[printed[index]!]!.name })),
    text: () => wat.text(heading()),
    lines: () => {
      const found = wat.lines(heading())
      return planned.map((_, index) => found.get(kernels[printed[index]!]!.name)!)
    },
    kernel: (index) => wat.func(kernels[printed[index]!]!.name),
  }
}

/** What else a kernel computes that is told where its buffers lie. */
const othersText = (others: readonly KernelFacts[]): string[] =>
  others.length === 0 ? [] : ['  or, with other buffers:', ...others.flatMap(({ formulas }) => formulas)]

/** Where the running program has its buffers, if that will do, else where a program of this one alone would have them. */
function placementFor(
  compilation: Compilation,
  kernels: readonly Kernel[],
  stateBytes: number,
  running: Placement | undefined,
): Placement {
  const panelBytes = largestPanel(kernels)
  // A program that runs plain loops has no room for panels.
  if (running && panelBytes <= running.panelBytes) return running
  const layout = new Layout(stateBytes)
  const { addressOf, hold } = layOut(compilation, layout, panelBytes, packedBytes(kernels))
  return { addressOf, hold, panelBytes, memory: { minPages: layout.pages } }
}

/** Words for buffers: those of the JavaScript source, wherever there are such. */
function bufferNames(plan: Plan, kernels: readonly Kernel[]): (buffer: Buffer) => string {
  const { namer } = moduleScope()
  for (const kernel of kernels) namer.unique(kernel.name)
  const buffers = [...usedBuffers(plan), ...packedOf(kernels), ...panelsOf(kernels)]
  const names = new Map(buffers.map((b) => [b, namer.unique(shortPath(b.name))]))
  return (buffer) => names.get(buffer)!
}

interface Addresses {
  readonly nameOf: (buffer: Buffer) => string
  readonly addressOf: (buffer: Buffer) => number
  readonly panels: string
}

/** Every buffer on a line, in order of address. */
function mapLines(
  { plan, traced: { entry } }: Compilation,
  kernels: readonly Kernel[],
  { nameOf, addressOf, panels }: Addresses,
): string[] {
  const inputs = new Set(plan.inputs.values())
  const kindOf = (b: Buffer): string => (b.region !== 'io' ? b.region : inputs.has(b) ? 'input' : 'output')
  const rows = [...usedBuffers(plan), ...packedOf(kernels), ...panelsOf(kernels)]
    .sort((a, b) => addressOf(a) - addressOf(b))
    .map((b) => {
      const name = nameOf(b)
      const more = `${b.name === name ? '' : ` "${b.name}"`}${b.region === 'panel' ? panels : ''}`
      return [String(addressOf(b)), String(b.size * bytesOf(b.dtype)), kindOf(b), name, `${showType(b)}${more}`]
    })
  const heads = ['address', 'bytes', '', '', '']
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i < 2 ? cell.padStart(widths[i]!) : cell.padEnd(i < 4 ? widths[i]! : 0))).join('  ')
  return [
    `Memory of entry "${entry}". Scratch that is not needed at the same time shares addresses.`,
    '(; x+4 ;) at a load or store: 4 elements of x beyond what the address in parentheses says.',
    ...[heads, ...rows].map(line),
  ]
}
