import { moduleScope } from '../codegen/module'
import { kernelName } from '../codegen/provenance'
import type { RunItem, StepItem, StepItems, WasmInput } from '../codegen/wasm/module'
import type { Kernel, Param, Stmt } from '../ir/loop'
import { aligned } from '../ir/memory'
import { type Buffer, type Item, itemsIn, kernelsOf, type PlannedKernel } from '../ir/plan'
import { type Element, walk } from '../ir/scalar'
import { bytesOf, sizeOf } from '../ir/type'
import type { Ahead } from '../schedule/ahead'
import type { FlatKernel } from '../schedule/flat'
import { callsOf, partitionOf } from '../schedule/partition'
import { contextOf, loopsOf, prepareKernel, type ScheduleContext } from '../schedule/schedule'
import { MANY_KERNELS, structureOf } from '../schedule/structure'
import { timesIn } from '../schedule/times'
import type { Settings } from './options'
import type { Compilation } from './pipeline'

/** Points below which addresses that come as arguments are not felt. */
const SMALL = 2 ** 14
/** Arguments that say where buffers lie; engines refuse a function of more than 1,000. */
const MOST_ADDRESSES = 500

type Loop = Extract<Item, { kind: 'loop' }>

/**
 * The kernels of a plan as loops for WebAssembly, and what a step does with them. In large programs, small kernels of equal
 * structure are one function that is told where its buffers lie; every other has its addresses inside. What the kernels of
 * a loop read at every turn in another order is packed before the loop.
 */
export function wasmKernels(
  { plan, names }: Compilation,
  { schedule, threads }: Pick<Settings, 'schedule' | 'threads'>,
): Pick<WasmInput, 'kernels' | 'items'> {
  const { namer } = moduleScope()
  const context: ScheduleContext = { ...contextOf(plan, names), target: 'wasm' }
  const kernels: Kernel[] = []
  const known = new Map<string, number>()
  let top = aligned(plan.workBytes)
  const add = (kernel: Kernel): number => kernels.push(kernel) - 1

  const runOf = (planned: PlannedKernel, ahead: Ahead | undefined): RunItem => {
    const flat = prepareKernel(planned, schedule, context)
    const args = flat.params.map((p) => p.buffer)
    const structure =
      plan.items.length >= MANY_KERNELS && canShare(flat, threads.minWork) ? structureOf(flat) : undefined
    const same = structure === undefined ? undefined : known.get(structure)
    if (same !== undefined) return { kind: 'run', kernel: same, args }
    let isPacked = false
    const noted: Ahead | undefined = ahead && {
      ...ahead,
      pack: (from, to, body) => {
        isPacked = true
        ahead.pack(from, to, body)
      },
    }
    const body = loopsOf(flat, schedule, noted ? { ...context, ahead: noted } : context)
    // What reads a copy of its operand does not read other buffers in its place.
    const isShared = structure !== undefined && !isPacked
    const partition = isShared ? undefined : partitionOf(flat, body, threads)
    // In a loop it is called again and again anyhow.
    const calls = isShared || ahead || threads.count > 1 ? undefined : callsOf(flat, body, threads)
    const kernel = add({
      name: namer.unique(kernelName(planned, names)),
      doc: [],
      params: flat.params,
      body,
      // Only loops around kernels have such axes.
      ...(ahead ? timesOf(body) : {}),
      ...(isShared ? { isShared: true } : {}),
      ...(partition ? { partition } : {}),
      ...(calls ? { calls } : {}),
    })
    if (isShared) known.set(structure, kernel)
    return { kind: 'run', kernel, args }
  }
  const itemsOf = (item: Item, ahead?: Ahead): StepItem[] => {
    if (item.kind === 'run') return [runOf(item.kernel, ahead)]
    if (item.kind === 'choice') {
      const [a, b] = item.arms.map((arm) => arm.flatMap((inner) => itemsOf(inner, ahead))) as [StepItem[], StepItem[]]
      return [{ ...item, arms: [a, b] }]
    }
    if (item.kind !== 'loop') return [item]
    const packs: RunItem[] = []
    const written = writtenIn(item)
    const inside: Ahead = {
      isFixed: (e: Element) => !e.at.index.terms.has(item.time) && !written.has(e.from.buffer),
      room: (name, like, size) => {
        const buffer: Buffer = { ...like, name, shape: [size], size, region: 'packed', offset: top }
        top += aligned(size * bytesOf(like.dtype))
        return buffer
      },
      pack: (from, to, body) => {
        const doc = [`${from.buffer.name}, in the order in which the loop reads it`]
        const name = namer.unique(`pack_${from.buffer.name.split('/').at(-1)!}`)
        packs.push({
          kind: 'run',
          kernel: add({ name, doc, params: [from, to], body, ...timesOf(body) }),
          isPack: true,
        })
      },
    }
    const items = item.items.flatMap((inner) => itemsOf(inner, inside))
    return [...packs, { ...item, items }]
  }
  return { kernels, items: plan.items.flatMap((item) => itemsOf(item)) }
}

function timesOf(body: readonly Stmt[]): Pick<Kernel, 'times'> {
  const times = timesIn(body)
  return times.length > 0 ? { times } : {}
}

/** Memory that a loop changes. */
function writtenIn({ items }: Loop): Set<Buffer> {
  const written = new Set(kernelsOf(items).flatMap((k) => [...k.stores.values()]))
  const visit = (item: Item): void => {
    if (item.kind === 'copy') written.add(item.to)
    itemsIn(item).forEach(visit)
  }
  items.forEach(visit)
  return written
}

/** What is packed for loops, each once. */
export function packedOf(kernels: readonly Kernel[]): Set<Buffer> {
  const isPacked = ({ buffer }: Param): boolean => buffer.region === 'packed'
  return new Set(kernels.flatMap((k) => k.params.filter(isPacked).map((p) => p.buffer)))
}

/** Bytes of that, behind the scratch. */
export const packedBytes = (kernels: readonly Kernel[]): number =>
  [...packedOf(kernels)].reduce((sum, b) => sum + aligned(b.size * bytesOf(b.dtype)), 0)

/** The kernels that items run, by number, without those that pack. */
export const numbersIn = (items: StepItems): number[] =>
  items.flatMap((item) => {
    if (item.kind === 'run') return item.isPack ? [] : [item.kernel]
    if (item.kind === 'choice') return item.arms.flatMap(numbersIn)
    return item.kind === 'loop' ? numbersIn(item.items) : []
  })

/** Of few buffers, small, worth no second thread, and without loads that may leave the memory, for which addresses have to be known. */
function canShare({ axes, reduceAxes, accumulators, params, stores }: FlatKernel, minWork: number): boolean {
  if (params.length > MOST_ADDRESSES) return false
  if (minWork === 0 || sizeOf([...axes, ...reduceAxes].map((a) => a.extent)) >= SMALL) return false
  const all = walk([...accumulators.map((a) => a.body), ...stores.map((s) => s.value)])
  return !all.some((s) => s.kind === 'element' && s.partial)
}
