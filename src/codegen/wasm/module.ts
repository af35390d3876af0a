import type { Axis } from '../../ir/affine'
import { MEANING, type PointFn } from '../../ir/evaluate'
import type { Calls, Division, Kernel, Stmt } from '../../ir/loop'
import { PAGE } from '../../ir/memory'
import type { Buffer, Item } from '../../ir/plan'
import { type Scalar, walk } from '../../ir/scalar'
import { bytesOf } from '../../ir/type'
import { moduleBuilder } from './assembler'
import type { FuncBuilder, MemoryOptions, ModuleWriter } from './builder'
import { emitKernel } from './emit'
import { OPERATIONS } from './operations'

/** What a step does, in order; a kernel by its number, and the buffers it is called with if it is shared. */
export type StepItems = readonly StepItem[]
export type StepItem =
  | Exclude<Item, { kind: 'run' | 'loop' | 'choice' }>
  | RunItem
  | TickItem
  | (Omit<Extract<Item, { kind: 'choice' }>, 'arms'> & { readonly arms: readonly [StepItems, StepItems] })
  | (Omit<Extract<Item, { kind: 'loop' }>, 'items'> & { readonly items: StepItems })

export interface StepsInput {
  readonly kernels: readonly Kernel[]
  /** Functions that are exported under these names. */
  readonly steps: readonly { readonly name: string; readonly items: StepItems }[]
  readonly addressOf: (buffer: Buffer) => number
  readonly memory: Omit<MemoryOptions, 'import'>
  /** Products may be added without being rounded first: needs an engine with relaxed SIMD. */
  readonly relaxedSimd?: boolean
  /** What the text says before the item at a position. */
  readonly heading?: (item: number) => string | undefined
  /** Checks every instruction as it is written; for tests. */
  readonly validate?: boolean
}
export interface WasmInput extends Omit<StepsInput, 'steps'> {
  readonly items: StepItems
}

export interface RunItem {
  readonly kind: 'run'
  readonly kernel: number
  readonly args?: readonly Buffer[]
  /** It only prepares what others read. */
  readonly isPack?: boolean
}

/** Tells the host by `env.tick` that a step has come this far. */
export interface TickItem {
  readonly kind: 'tick'
  readonly row: number
}

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Functions of the host that the module imports as `math`. */
  readonly imports: readonly PointFn[]
  /** Kernels that threads divide among themselves, by the number with which a step calls `env.split`. */
  readonly jobs: readonly Job[]
}

/** An exported function of which each thread runs a part. */
export interface Job {
  readonly name: string
  readonly partition: Division
}

/**
 * A module whose exported `step` runs every item of a plan at fixed addresses of the memory that it imports as
 * `env.memory`. It returns 0, or the number of the check that failed, counted from 1, before anything is written to state.
 */
export const emitModule = ({ items, ...input }: WasmInput): WasmModule =>
  emitSteps({ ...input, steps: [{ name: 'step', items }] })

/** The same with several steps over one memory. */
export function emitSteps(input: StepsInput): WasmModule {
  const m = moduleBuilder({ memory: importedMemory(input), names: true, validate: input.validate ?? false })
  const written = writeModule(input, m)
  return { bytes: m.bytes(), ...written }
}

export const importedMemory = ({ memory }: Pick<StepsInput, 'memory'>): MemoryOptions => ({
  import: ['env', 'memory'],
  ...memory,
})

/** The functions of a module, to whoever writes it down. */
export function writeModule(
  { kernels, steps, addressOf, memory, relaxedSimd = false, heading }: StepsInput,
  m: ModuleWriter,
): Omit<WasmModule, 'bytes'> {
  const imports = importsOf(kernels)
  // Functions of the host are not at hand on other threads.
  const divided = kernels.map(({ partition, ...kernel }): Kernel =>
    partition && importsOf([kernel]).length === 0 ? { ...kernel, partition } : kernel,
  )
  const jobs = divided.flatMap(({ name, partition }) => (partition ? [{ name, partition }] : []))
  const split = jobs.length > 0 ? m.importFunc('env', 'split', { params: ['i32'], results: [] }) : undefined
  const isGuarded = steps.some((s) => s.items.some((item) => item.kind === 'guard'))
  const guard = isGuarded ? m.importFunc('env', 'guard', { params: [], results: [] }) : undefined
  const isTimed = steps.some((s) => s.items.some((item) => item.kind === 'tick'))
  const tick = isTimed ? m.importFunc('env', 'tick', { params: ['i32'], results: [] }) : undefined
  const indices = new Map(
    imports.map((fn) => {
      const params = MEANING[fn].length === 2 ? (['f64', 'f64'] as const) : (['f64'] as const)
      return [fn, m.importFunc('math', fn, { params, results: ['f64'] })]
    }),
  )
  const cells = new Map(steps.flatMap(({ items }) => cellsIn(items)))
  const cellOf = (time: Axis): Buffer => cells.get(time)!
  const memoryBytes = memory.minPages * PAGE
  const context = { addressOf, memoryBytes, cellOf, imports: indices, isRelaxed: relaxedSimd }
  const functions = divided.map((kernel) => emitKernel(kernel, context, m))
  const doc = ['One step. Returns 0, or the number of the check that failed, counted from 1.']
  for (const { name, items } of steps) {
    const f = m.func(name, { results: ['i32'], export: true, doc })
    let checks = 0
    const emitItem = (item: StepItem): void => {
      if (item.kind === 'run') {
        const { name: kernel, partition, calls, isShared } = divided[item.kernel]!
        if (isShared) for (const buffer of item.args!) f.op('i32.const', addressOf(buffer), buffer)
        if (calls) emitCalls(calls, functions[item.kernel]!, f)
        else if (!partition) f.op('call', functions[item.kernel]!)
        else {
          f.op(
            'i32.const',
            jobs.findIndex((job) => job.name === kernel),
          ).op('call', split!)
          f.note(kernel, true)
        }
      } else if (item.kind === 'copy') {
        const bytes = item.to.size * bytesOf(item.to.dtype)
        f.op('i32.const', addressOf(item.to), item.to)
          .op('i32.const', addressOf(item.from), item.from)
          .op('i32.const', bytes)
          .op('memory.copy')
      } else if (item.kind === 'guard') {
        f.op('call', guard!)
      } else if (item.kind === 'tick') {
        f.op('i32.const', item.row).op('call', tick!)
      } else if (item.kind === 'loop') {
        emitTurns(item, addressOf(item.cell), f, () => item.items.forEach(emitItem))
      } else if (item.kind === 'choice') {
        const { condition, arms } = item
        f.op('i32.const', addressOf(condition), condition).op('i32.load8_u', {}).op('if')
        arms[0].forEach(emitItem)
        f.op('else')
        arms[1].forEach(emitItem)
        f.op('end')
      } else {
        f.note(item.message)
        f.op('i32.const', addressOf(item.count), item.count).op('i32.load', {}).op('if')
        f.op('i32.const', ++checks).op('return').op('end')
      }
    }
    for (const [i, item] of items.entries()) {
      const title = heading?.(i)
      if (title !== undefined) f.note(title)
      emitItem(item)
    }
    f.op('i32.const', 0).end()
  }
  return { imports, jobs }
}

/** A kernel in parts, the last of which may be shorter. */
function emitCalls({ from, to, step, turns }: Calls, kernel: number, f: FuncBuilder): void {
  const way = step * turns
  const last = to - ((to - from) % way || way)
  const part = { name: 'from' }
  const place = f.local('i32', part)
  f.note('in parts, between which the engine may change over to better code')
  f.op('i32.const', from).op('local.set', place)
  f.op('loop', undefined, { axis: part, from, to: last, step: way })
  f.op('local.get', place).op('local.get', place).op('i32.const', way).op('i32.add').op('local.tee', place)
  f.op('call', kernel)
  f.op('local.get', place).op('i32.const', last).op('i32.lt_s').op('br_if', 0).op('end')
  f.op('i32.const', last).op('i32.const', to).op('call', kernel)
}

/** The place of a loop lies in memory, where every thread finds it. */
function emitTurns(
  { time, reverse, cell }: Pick<Extract<StepItem, { kind: 'loop' }>, 'time' | 'reverse' | 'cell'>,
  address: number,
  f: FuncBuilder,
  body: () => void,
): void {
  const place = f.local('i32', time)
  const [from, to, step] = reverse ? [time.extent - 1, -1, -1] : [0, time.extent, 1]
  f.op('i32.const', from).op('local.set', place)
  f.op('loop', undefined, { axis: time, from, to, step })
  f.op('i32.const', address, cell).op('local.get', place).op('i32.store', {})
  body()
  f.op('local.get', place).op('i32.const', step).op('i32.add').op('local.tee', place)
  f.op('i32.const', to).op('i32.ne').op('br_if', 0).op('end')
}

const cellsIn = (items: StepItems): [Axis, Buffer][] =>
  items.flatMap((item) => {
    if (item.kind === 'choice') return item.arms.flatMap(cellsIn)
    return item.kind === 'loop' ? [[item.time, item.cell], ...cellsIn(item.items)] : []
  })

/** Scalar functions in use that are no instructions. */
function importsOf(kernels: readonly Kernel[]): PointFn[] {
  const used = new Set<PointFn>()
  const values: Scalar[] = []
  for (const kernel of kernels) collectValues(kernel.body, values)
  const all = walk(values)
  for (let i = 0; i < all.length; i++) {
    const s = all[i]!
    if (s.kind === 'call' && isImported(s)) used.add(s.fn as PointFn)
  }
  return [...used]
}

const OWN: ReadonlySet<string> = new Set([
  'cast',
  'round',
  'select',
  'scale',
  'pow2',
  'exponent',
  'mantissa',
  'splat',
  'ramp',
  'foldAdd',
  'foldMul',
  'foldMax',
  'foldMin',
])

function isImported({ fn, args }: Extract<Scalar, { kind: 'call' }>): boolean {
  const from = args[0]!.dtype
  return (from === 'float32' || from === 'float64') && !OWN.has(fn) && OPERATIONS[from][fn] === undefined
}

function collectValues(body: readonly Stmt[], into: Scalar[]): void {
  for (let i = 0; i < body.length; i++) {
    const s = body[i]!
    if (s.kind === 'if' || s.kind === 'while') into.push(s.condition)
    if ('body' in s) collectValues(s.body, into)
    else if (s.kind !== 'note') into.push(s.value)
  }
}
