import { moduleScope } from '../codegen/module'
import { kernelName } from '../codegen/provenance'
import type { WasmInput } from '../codegen/wasm/module'
import type { Kernel } from '../ir/loop'
import type { Item } from '../ir/plan'
import { walk } from '../ir/scalar'
import { sizeOf } from '../ir/type'
import type { FlatKernel } from '../schedule/flat'
import { partitionOf } from '../schedule/partition'
import { loopsOf, prepareKernel } from '../schedule/schedule'
import { MANY_KERNELS, structureOf } from '../schedule/structure'
import { timesIn } from '../schedule/times'
import type { Settings } from './options'
import type { Compilation } from './pipeline'

/** Points below which addresses that come as arguments are not felt. */
const SMALL = 2 ** 14

/**
 * The kernels of a plan as loops for WebAssembly, and what a step does with them. In large programs, small kernels of equal
 * structure are one function that is told where its buffers lie; every other has its addresses inside.
 */
export function wasmKernels(
  { plan, names }: Compilation,
  { schedule, threads }: Pick<Settings, 'schedule' | 'threads'>,
): Pick<WasmInput, 'kernels' | 'items'> {
  const { namer } = moduleScope()
  const context = {
    place: plan.place,
    shifts: plan.shifts,
    nameOf: names.nameOf,
    isNamed: names.isNamed,
    target: 'wasm',
  } as const
  const kernels: Kernel[] = []
  const known = new Map<string, number>()
  const itemOf = (item: Item): WasmInput['items'][number] => {
    if (item.kind === 'loop') return { ...item, items: item.items.map(itemOf) }
    if (item.kind !== 'run') return item
    const flat = prepareKernel(item.kernel, schedule, context)
    const args = flat.params.map((p) => p.buffer)
    const structure =
      plan.items.length >= MANY_KERNELS && canShare(flat, threads.minWork) ? structureOf(flat) : undefined
    const same = structure === undefined ? undefined : known.get(structure)
    if (same !== undefined) return { kind: 'run', kernel: same, args }
    const body = loopsOf(flat, schedule, context)
    const partition = structure === undefined ? partitionOf(flat, body, threads) : undefined
    const times = timesIn(body)
    const kernel = kernels.push({
      name: namer.unique(kernelName(item.kernel, names)),
      doc: [],
      params: flat.params,
      body,
      ...(times.length > 0 ? { times } : {}),
      ...(structure === undefined ? {} : { isShared: true }),
      ...(partition ? { partition } : {}),
    })
    if (structure !== undefined) known.set(structure, kernel - 1)
    return { kind: 'run', kernel: kernel - 1, args }
  }
  return { kernels, items: plan.items.map(itemOf) }
}

/** Small, worth no second thread, and without loads that may leave the memory, for which addresses have to be known. */
function canShare({ axes, reduceAxes, accumulators, stores }: FlatKernel, minWork: number): boolean {
  if (minWork === 0 || sizeOf([...axes, ...reduceAxes].map((a) => a.extent)) >= SMALL) return false
  const all = walk([...accumulators.map((a) => a.body), ...stores.map((s) => s.value)])
  return !all.some((s) => s.kind === 'element' && s.partial)
}
