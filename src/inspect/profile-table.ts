import { commentText } from '../codegen/names'
import { countText } from '../codegen/provenance'
import type { Profile } from './profile'
import type { ProfileRow } from './profile-rows'

/** A profile as lines of text: what was measured, then a table. */
export function profileText(p: Omit<Profile, 'toString'>): string {
  const sizes = Object.entries(p.bindings).map(([name, n]) => `${name} = ${n}`)
  const where = `${p.target}${p.threads > 1 ? ` on ${p.threads} threads` : ''}`
  const step = `${micros(p.stepMicroseconds)} µs a step`
  const kernels = `kernels ${micros(p.kernelsMicroseconds)} µs, ${percent(p.kernelsMicroseconds / p.stepMicroseconds)}`
  return [
    `${[p.entry, ...sizes].join(', ')}: ${step} (${kernels}; feeds and results ${micros(p.feedsMicroseconds)} µs), ${where}, ${p.steps} steps`,
    ...(p.machine ? [machineText(p.machine)] : []),
    '',
    ...columns(p.kernels),
  ]
    .map(commentText)
    .join('\n')
}

const machineText = ({ flopsPerSecond, memory }: NonNullable<Profile['machine']>): string => {
  const rates = memory.map((m) => `${countText(m.bytesPerSecond, 'B/s')} over ${countText(m.bytes, 'B')}`)
  return `one thread at best: ${countText(flopsPerSecond, 'flop/s')}, ${rates.join(', ')}`
}

const HEAD = ['kernel', 'calls', 'µs', 'share', 'Gflop/s', 'of peak', 'GB/s', 'of memory', 'limit']

function columns(rows: readonly ProfileRow[]): string[] {
  const cells = rows.map((r) => [
    r.threads > 1 ? `${r.name} (${r.threads} threads)` : r.name,
    Number.isInteger(r.calls) ? String(r.calls) : r.calls.toFixed(2),
    micros(r.microseconds),
    percent(r.share),
    r.flopsPerSecond === 0 ? '' : giga(r.flopsPerSecond),
    r.flops === 0 || r.ofPeak === undefined ? '' : percent(r.ofPeak),
    r.bytesPerSecond === 0 ? '' : giga(r.bytesPerSecond),
    r.bytes === 0 || r.ofMemory === undefined ? '' : percent(r.ofMemory),
    r.limit ?? '',
  ])
  const table = [HEAD, ...cells]
  const widths = HEAD.map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  const isText = (column: number): boolean => column === 0 || column === HEAD.length - 1
  return table.map((line) =>
    line
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const micros = (n: number): string => n.toFixed(n < 10 ? 2 : n < 1000 ? 1 : 0)
const giga = (n: number): string => (n / 1e9).toFixed(n < 1e10 ? 2 : 1)
