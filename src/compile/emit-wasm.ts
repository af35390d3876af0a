import { feedText } from '../codegen/feed-text'
import { helperText } from '../codegen/js-math'
import { type ModuleScope, moduleScope } from '../codegen/module'
import { shortPath } from '../codegen/names'
import { fitsText, resultTypesText, runText } from '../codegen/run-text'
import { hostText } from '../codegen/wasm/host-text'
import { emitSteps, type StepItem, type StepItems } from '../codegen/wasm/module'
import { checkedStepText, surfaceOf } from '../codegen/wasm/run-text'
import { RuntimeError } from '../ir/errors'
import type { Kernel } from '../ir/loop'
import { aligned, PAGE } from '../ir/memory'
import type { Buffer } from '../ir/plan'
import { arrayNameOf, bytesOf } from '../ir/type'
import { SLACK } from '../runtime/layout'
import { largestPanel } from './build-wasm'
import {
  bytesText,
  dataText,
  decodeText,
  type EmitInput,
  entryTexts,
  FEED_ERROR,
  headerText,
  moduleText,
  stateBytes,
} from './emit-parts'
import { constantData, constantsOf } from './constants'
import { stateApi } from './emit-state'
import type { Specialised } from './internals'
import { inputTexts } from './print'
import { packedBytes, wasmKernels } from './wasm-kernels'

/** As many as 32 bits can address. */
const MOST_PAGES = 65536

/** A JavaScript module with the WebAssembly of all specialisations inside: one module, one memory that never grows. */
export function wasmModuleText({ entries, store, settings, weights, schedule }: EmitInput): string {
  const shared = moduleScope(['state', 'memory', 'wasm', 'WebAssembly', 'decode', 'variable', 'variables'])
  // As in memory, but on one thread.
  const threads = { ...settings.threads, count: 1 }
  const loops = new Map(
    entries.flatMap(({ variants }) =>
      variants.map((v) => [v, wasmKernels(v.compilation, { schedule, threads })] as const),
    ),
  )
  const { addressOf, pages } = layOut(loops, store.bytes)
  const viewOf = (b: Buffer): string => `new ${arrayNameOf(b.dtype)}(memory.buffer, ${addressOf(b)}, ${b.size})`
  const kernels: Kernel[] = []
  const steps: { name: string; items: StepItems }[] = []
  const texts = entryTexts(entries, shared, false, (variant, scope) => {
    const { kernels: own, items } = loops.get(variant)!
    const first = kernels.length
    kernels.push(...own)
    steps.push({
      name: scope.step,
      items: items.map((item) => numberedFrom(first, item)),
    })
    return variantText(variant, scope, viewOf)
  })
  const { bytes, imports } = emitSteps({
    kernels,
    steps,
    addressOf,
    relaxedSimd: settings.relaxedSimd,
    memory: { minPages: pages },
  })
  const { members, helpers } = hostText(imports)
  const math = members.length === 0 ? '' : `, math: { ${members.join(', ')} }`
  return moduleText([
    headerText(entries),
    FEED_ERROR,
    helperText(helpers, { types: false }),
    feedText({ types: false }),
    decodeText(false),
    `const memory = new WebAssembly.Memory({ initial: ${pages}, maximum: ${pages} })`,
    weights === 'none' ? '' : `new Uint8Array(memory.buffer).set(${bytesText(stateBytes(store))}, ${SLACK})`,
    // Not at once: browsers refuse to compile a large module while their page waits.
    `// WebAssembly with 128-bit vectors, ${bytes.length} bytes
const { exports: wasm } = (await WebAssembly.instantiate(${bytesText(bytes)}, { env: { memory }${math} })).instance`,
    ...texts,
    stateApi(store, (b) => shared.buffers.get(b) ?? viewOf(b), false),
  ])
}

/** Kernels of a specialisation come after those of the ones before. */
function numberedFrom(first: number, item: StepItem): StepItem {
  if (item.kind === 'run') return { ...item, kernel: first + item.kernel }
  const all = (items: StepItems): StepItems => items.map((inner) => numberedFrom(first, inner))
  if (item.kind === 'choice') return { ...item, arms: [all(item.arms[0]), all(item.arms[1])] }
  return item.kind === 'loop' ? { ...item, items: all(item.items) } : item
}

/** What JavaScript does around a step: its views, constants, checks and the function from feeds to results. */
function variantText(
  { compilation }: Specialised,
  scope: ModuleScope,
  viewOf: (b: Buffer) => string,
): { text: string; fits: string } {
  const { plan, traced } = compilation
  const { checks, shown } = surfaceOf(plan)
  const views: string[] = []
  for (const b of shown) {
    if (scope.buffers.has(b)) continue
    scope.buffers.set(b, scope.namer.unique(shortPath(b.name)))
    views.push(`const ${scope.buffers.get(b)} = ${viewOf(b)}`)
  }
  const nameOf = (b: Buffer): string => scope.buffers.get(b)!
  const types = resultTypesText(plan, scope)
  const inputs = inputTexts(compilation)
  const step = checks.length > 0 ? scope.namer.unique(`checked_${scope.step}`) : scope.step
  return {
    fits: fitsText({ inputs }),
    text: [
      [...views, ...(types === '' ? [] : [types]), `const ${scope.step} = wasm.${scope.step}`].join('\n'),
      ...constantsOf(plan).map((b) => `${viewOf(b)}.set(${dataText(constantData(b))})`),
      ...(checks.length > 0 ? [checkedStepText(step, scope.step, checks, nameOf)] : []),
      runText({ entry: traced.entry, plan, inputs, dynamic: false }, nameOf, {
        types: false,
        scope: { ...scope, step },
      }),
    ].join('\n\n'),
  }
}

/** State first, then the constants of each specialisation, and one stretch for all else, since only one runs at a time. */
function layOut(
  loops: ReadonlyMap<Specialised, { readonly kernels: readonly Kernel[] }>,
  stateSize: number,
): { readonly addressOf: (b: Buffer) => number; readonly pages: number } {
  const constants = new Map<Buffer, number>()
  let top = SLACK + aligned(stateSize)
  let [work, panel] = [0, 0]
  for (const [{ compilation }, { kernels }] of loops) {
    const { plan } = compilation
    for (const b of constantsOf(plan)) {
      constants.set(b, top)
      top += aligned(b.size * bytesOf(b.dtype))
    }
    work = Math.max(work, aligned(plan.workBytes) + packedBytes(kernels))
    panel = Math.max(panel, largestPanel(kernels))
  }
  const bytes = top + work + panel + SLACK
  const pages = Math.ceil(bytes / PAGE)
  if (pages > MOST_PAGES)
    throw new RuntimeError(`emit: the program needs ${bytes} bytes of memory, more than WebAssembly can address`)
  return {
    pages,
    addressOf: (b) => {
      if (b.region === 'state') return SLACK + b.offset
      if (b.region === 'constant') return constants.get(b)!
      return (b.region === 'panel' ? top + work : top) + b.offset
    },
  }
}
