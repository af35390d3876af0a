import { moduleScope } from '../codegen/module'
import { kernelFacts, kernelName } from '../codegen/provenance'
import type { Compilation } from '../compile/pipeline'
import { isGuarded } from '../compile/print'
import type { TimedRow } from '../compile/timed'
import { kernelsOf } from '../ir/plan'
import { type Machine, machineFor, memoryRate } from './machine'

/** What a kernel takes in one step, all of its turns together where it runs in a loop. */
export interface ProfileRow {
  /** As `explain` and `source` call it; `copy_` and `pack_` before memory that is copied or put in order for a loop. */
  readonly name: string
  readonly kind: 'kernel' | 'pack' | 'copy' | 'guard'
  /** Of a kernel, its place among those of `explain`. */
  readonly kernel?: number
  /** How often a step runs it: the turns of its loop; a mean where a condition decides. */
  readonly calls: number
  readonly microseconds: number
  /** Of the time of all rows: these add up to 1. */
  readonly share: number
  /** Of one step, as `explain` counts them, all calls together. */
  readonly flops: number
  readonly bytes: number
  /** Rates are 0, and the shares of the machine absent, where a call takes less than half of what a look at the clock does. */
  readonly flopsPerSecond: number
  readonly bytesPerSecond: number
  /** Threads that it is divided among. */
  readonly threads: number
  /** `flopsPerSecond` as a share of what the machine does at best on as many threads. */
  readonly ofPeak?: number
  /** `bytesPerSecond` as a share of the triad over about as many bytes, on as many threads. */
  readonly ofMemory?: number
  /** Of which of the two it has more, if that is a fifth at least. */
  readonly limit?: 'arithmetic' | 'memory' | 'neither'
  /** Ops and the user's line. */
  readonly origin?: string
}

/** A row with what was measured of it. */
export interface Spent {
  readonly row: TimedRow
  readonly calls: number
  readonly microseconds: number
  readonly threads: number
}

/** Below this share of the machine it is not the machine that limits. */
const LIMITED = 0.2

/** Rows as they are shown, most expensive first, beside the machine. */
export function rowsOf(
  spent: readonly Spent[],
  compilation: Compilation,
  clockMicroseconds: number,
): { readonly machine?: Machine; readonly kernels: readonly ProfileRow[] } {
  const kernels = kernelNames(compilation)
  const total = spent.reduce((sum, s) => sum + s.microseconds, 0)
  const counted = spent.map((s) => ({ ...s, ...factsOf(s.row, compilation, kernels) }))
  const machine = machineFor(counted.map((s) => s.bytes))
  const rows = counted.map(({ known, calls, microseconds, threads, flops, bytes }): ProfileRow => {
    // What is left of less, when the clock has been taken off, is chance.
    const isTold = microseconds > (calls * clockMicroseconds) / 2
    const perSecond = (amount: number): number => (isTold ? (amount * calls * 1e6) / microseconds : 0)
    const speed = { flopsPerSecond: perSecond(flops), bytesPerSecond: perSecond(bytes) }
    return {
      ...known,
      ...{ calls, microseconds, share: total > 0 ? microseconds / total : 0 },
      ...{ flops: flops * calls, bytes: bytes * calls, ...speed, threads },
      ...(machine && isTold ? sharesOf(machine, speed, bytes, threads) : {}),
    }
  })
  return { ...(machine ? { machine } : {}), kernels: rows.sort((a, b) => b.microseconds - a.microseconds) }
}

/** What is known of a row before anything is measured: operations and bytes of one call. */
function factsOf(
  row: TimedRow,
  { names }: Compilation,
  kernels: readonly string[],
): {
  readonly known: Pick<ProfileRow, 'name' | 'kind' | 'kernel' | 'origin'>
  readonly flops: number
  readonly bytes: number
} {
  if (row.kind === 'guard') return { known: { name: row.kind, kind: row.kind }, flops: 0, bytes: 0 }
  if (row.kind !== 'kernel') return { known: { name: row.name, kind: row.kind }, flops: 0, bytes: row.bytes }
  const { flops, bytes, origin } = kernelFacts(row.planned, names)
  return { known: { name: kernels[row.kernel]!, kind: row.kind, kernel: row.kernel, origin }, flops, bytes }
}

function sharesOf(
  machine: Machine,
  speed: Pick<ProfileRow, 'flopsPerSecond' | 'bytesPerSecond'>,
  bytes: number,
  threads: number,
): Pick<ProfileRow, 'ofPeak' | 'ofMemory' | 'limit'> {
  const ofPeak = speed.flopsPerSecond / (threads * machine.flopsPerSecond)
  const ofMemory = speed.bytesPerSecond / (threads * memoryRate(machine, bytes))
  const limit = Math.max(ofPeak, ofMemory) < LIMITED ? 'neither' : ofPeak >= ofMemory ? 'arithmetic' : 'memory'
  return { ofPeak, ofMemory, limit }
}

/** The names that kernels have where each is printed by itself. */
function kernelNames({ plan, names }: Compilation): string[] {
  const { namer } = moduleScope(isGuarded(plan) ? ['guard'] : [])
  return kernelsOf(plan.items).map((kernel) => namer.unique(kernelName(kernel, names)))
}
