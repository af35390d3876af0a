import type { Kernel } from '../ir/loop'
import type { Axis } from '../ir/affine'
import { type Buffer, type FedInput, type Item, itemsIn, type Plan } from '../ir/plan'
import { arrayNameOf } from '../ir/type'
import { FEED_NAMES } from './feed-text'
import { jsDialect } from './js'
import { HELPER_NAMES, type MathFunction } from './js-math'
import { Namer, shortPath } from './names'
import { fitsText, quoted, resultTypesText, runText } from './run-text'
import { kernelText, listText } from './text'

/** Everything that is printed of one specialisation. */
export interface StepText {
  /** Kernels as functions, in order of running. */
  readonly kernels: readonly string[]
  readonly helpers: ReadonlySet<MathFunction>
  /** Declarations of the views on memory. */
  readonly views: string
  /** The table of contents: one call a kernel, in functions of bounded size. */
  readonly step: string
  /** The function from feeds to results. */
  readonly run: string
  /** The test of feeds for the sizes of this specialisation. */
  readonly fits: string
}

/** Names of one module; several specialisations share it when they are printed side by side. */
export interface ModuleScope {
  readonly namer: Namer
  readonly buffers: Map<Buffer, string>
  /** Types of results that have a shape. */
  readonly results: Map<Buffer, string>
  readonly step: string
  readonly run: string
  readonly stateMemory: string
  readonly workMemory: string
}

/** The scope of a module that holds one specialisation, or of the first of several. */
export const moduleScope = (taken: Iterable<string> = []): ModuleScope => ({
  namer: new Namer([...HELPER_NAMES, ...FEED_NAMES, 'other', ...taken]),
  buffers: new Map(),
  results: new Map(),
  step: 'step',
  run: 'run',
  stateMemory: 'memory.state',
  workMemory: 'memory.work',
})

export interface StepInput {
  readonly entry: string
  readonly plan: Plan
  /** What runs, in order; a kernel may be called with several sets of buffers. */
  readonly calls: readonly { readonly kernel: Kernel; readonly args: readonly Buffer[] }[]
  readonly inputs: readonly FedInput[]
  /** Named dimensions exist: another size is another specialisation. */
  readonly dynamic: boolean
  /** A section heading for the item at this position, if one begins there. */
  readonly heading: (item: number) => string | undefined
  /** Says `tick(0)` when a step begins, and `tick` with its number after each of `timedItems`. */
  readonly isTimed?: boolean
}
export interface StepOptions {
  readonly approximate: boolean
  readonly types: boolean
  readonly scope: ModuleScope
}

// Calls in one function: V8 does not optimise above 60 KB of bytecode.
const CALLS_A_FUNCTION = 200

export function stepText(input: StepInput, options: StepOptions): StepText {
  const { plan } = input
  const { scope } = options
  const helpers = new Set<MathFunction>()
  const dialect = jsDialect({ ...options, uses: (name) => helpers.add(name) })
  const fresh: Buffer[] = []
  for (const buffer of usedBuffers(plan)) {
    if (scope.buffers.has(buffer)) continue
    scope.buffers.set(buffer, scope.namer.unique(shortPath(buffer.name)))
    fresh.push(buffer)
  }
  const bufferName = (buffer: Buffer): string => scope.buffers.get(buffer)!
  const outer = [...HELPER_NAMES, ...FEED_NAMES]
  return {
    kernels: [...new Set(input.calls.map((c) => c.kernel))].map((k) =>
      kernelText(k, (p) => bufferName(p.buffer), dialect, outer),
    ),
    helpers,
    views: [...fresh.map((buffer) => viewText(buffer, scope)), resultTypesText(plan, scope)].join('\n').trimEnd(),
    step: callsText(input, bufferName, options),
    run: runText(input, bufferName, options),
    fits: fitsText(input),
  }
}

/** Buffers that a run touches, in order of address. */
export function usedBuffers(plan: Plan): Buffer[] {
  const used = new Set<Buffer>([...plan.inputs.values(), ...plan.outputs.values()])
  const visit = (item: Item): void => {
    if (item.kind === 'copy') {
      used.add(item.from)
      used.add(item.to)
    } else if (item.kind === 'run') {
      for (const buffer of item.kernel.stores.values()) used.add(buffer)
    }
    itemsIn(item).forEach(visit)
  }
  plan.items.forEach(visit)
  for (const buffer of plan.buffers) used.add(buffer)
  const rank = { state: 0, io: 1, constant: 2, scratch: 3, packed: 4, panel: 5 }
  return [...used].sort((a, b) => rank[a.region] - rank[b.region] || a.offset - b.offset)
}

function viewText(b: Buffer, { buffers, stateMemory, workMemory }: ModuleScope): string {
  const memory = b.region === 'state' ? stateMemory : workMemory
  return `const ${buffers.get(b)} = new ${arrayNameOf(b.dtype)}(${memory}, ${b.offset}, ${b.size})`
}

function callsText(
  { plan, calls, heading, isTimed = false }: StepInput,
  name: (b: Buffer) => string,
  { types, scope: { step, namer } }: StepOptions,
): string {
  const kind = types ? ': void' : ''
  let next = 0
  let timed = 0
  const places = new Map<Axis, string>()
  const ticked = (text: string, pad: string): string => (isTimed ? `${text}\n${pad}tick(${++timed})` : text)
  const itemText = (item: Item, pad: string): string => {
    if (item.kind === 'copy') return ticked(`${pad}${name(item.to)}.set(${name(item.from)})`, pad)
    if (item.kind === 'guard') return ticked(`${pad}guard()`, pad)
    if (item.kind === 'check') return `${pad}checkCount(${name(item.count)}, ${quoted(item.message)})`
    if (item.kind === 'loop') {
      const t = namer.unique(item.time.name)
      places.set(item.time, t)
      const head = item.reverse
        ? `let ${t} = ${item.time.extent - 1}; ${t} >= 0; ${t}--`
        : `let ${t} = 0; ${t} < ${item.time.extent}; ${t}++`
      return [`${pad}for (${head}) {`, ...item.items.map((inner) => itemText(inner, `${pad}  `)), `${pad}}`].join('\n')
    }
    if (item.kind === 'choice') {
      const [a, b] = item.arms.map((arm) => arm.map((inner) => itemText(inner, `${pad}  `)).join('\n')) as [
        string,
        string,
      ]
      const otherwise = b === '' ? '' : ` else {\n${b}\n${pad}}`
      return `${pad}if (${name(item.condition)}[0]) {\n${a}\n${pad}}${otherwise}`
    }
    const { kernel, args } = calls[next++]!
    const given = [...(kernel.times ?? []).map((axis) => places.get(axis)!), ...args.map(name)]
    return ticked(listText(kernel.name, given, pad), pad)
  }
  const lines = plan.items.map((item, i) => {
    const title = heading(i)
    const lead = title === undefined ? '' : `${i === 0 ? '' : '\n'}  // ${title}\n`
    return lead + itemText(item, '  ')
  })
  if (isTimed) lines.unshift('  tick(0)')
  if (lines.length <= CALLS_A_FUNCTION)
    return `function ${step}()${kind} {\n${lines.join('\n')}${lines.length ? '\n' : ''}}`
  const parts: string[] = []
  const names: string[] = []
  for (let i = 0; i < lines.length; i += CALLS_A_FUNCTION) {
    names.push(namer.unique(`${step}${names.length + 1}`))
    parts.push(
      `function ${names.at(-1)}()${kind} {\n${lines
        .slice(i, i + CALLS_A_FUNCTION)
        .join('\n')
        .replace(/^\n/, '')}\n}`,
    )
  }
  return `${parts.join('\n\n')}\n\nfunction ${step}()${kind} {\n${names.map((name) => `  ${name}()`).join('\n')}\n}`
}
