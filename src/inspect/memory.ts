import { commentText } from '../codegen/names'
import type { Compilation } from '../compile/pipeline'
import type { Buffer } from '../ir/plan'
import { bytesOf } from '../ir/type'
import { checkKeys } from '../ir/names-of'
import { type BindingOption, compiledOf } from '../compile/inspected'

/** A buffer as `memory` shows it. */
export interface MemoryRow {
  readonly name: string
  readonly region: Buffer['region']
  /** Bytes from the start of the region's memory: state has its own, the others share one. */
  readonly offset: number
  readonly bytes: number
  /** First and last step item during which the contents matter. */
  readonly live: readonly [first: number, last: number]
}

/** What `memory` gives: every buffer and where it lies. */
export interface MemoryMap {
  readonly buffers: readonly MemoryRow[]
  readonly stateBytes: number
  /** Inputs, outputs and scratch. */
  readonly workBytes: number
  /** What `constant` holds; on WebAssembly, equal constants lie in memory once for all sizes of a program. */
  readonly constantBytes: number
  /** What inputs, outputs and scratch would take if no two buffers shared memory. */
  readonly withoutReuseBytes: number
  /** A table for people. */
  toString(): string
}

/** Where every buffer of an entry lies, how large it is and how long it lives. */
export function memory(run: object, options: BindingOption = {}): MemoryMap {
  checkKeys('memory', options, ['bindings'])
  return memoryOf(compiledOf('memory', run, options).compilation)
}

export function memoryOf({ plan }: Compilation): MemoryMap {
  const buffers = plan.buffers
    .map((b): MemoryRow => ({
      name: b.name,
      region: b.region,
      offset: b.offset,
      bytes: b.size * bytesOf(b.dtype),
      live: [Math.max(b.live[0], 0), Math.min(b.live[1], plan.items.length - 1)],
    }))
    .sort((a, b) => Number(a.region !== 'state') - Number(b.region !== 'state') || a.offset - b.offset)
  const stateBytes = buffers.reduce((sum, b) => sum + (b.region === 'state' ? b.bytes : 0), 0)
  const constants = plan.constantBytes > 0 ? `, constants ${plan.constantBytes} B` : ''
  return {
    buffers,
    stateBytes,
    workBytes: plan.workBytes,
    constantBytes: plan.constantBytes,
    withoutReuseBytes: plan.naiveBytes,
    toString: () =>
      [
        `state ${stateBytes} B, work ${plan.workBytes} B (${plan.naiveBytes} B without reuse)${constants}`,
        ...buffers.map((b) => {
          const live = b.region === 'scratch' ? `   live ${b.live[0]} to ${b.live[1]}` : ''
          return `${b.region.padEnd(8)} ${String(b.offset).padStart(10)} ${String(b.bytes).padStart(10)} B  ${commentText(b.name)}${live}`
        }),
      ].join('\n'),
  }
}
