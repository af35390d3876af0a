import { cpus } from 'node:os'
import type { EmitRow } from './emitted'
import type { Gap, Row } from './measure'
import { isPeer, nameOf } from './systems/contender'

/** Numbers to about four digits, thousands grouped. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)))
  return value.toLocaleString('en-US', { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 4) })
}

export const machineText = (): string => {
  const list = cpus()
  return `${new Date().toISOString().slice(0, 10)}, ${list[0]?.model.trim()} (${list.length} cores), Node ${process.versions.node}`
}

const HEAD = [
  'workload',
  'phase',
  'size',
  'system',
  'rate',
  'min - max',
  'unit',
  'gradloom/peer',
  'compile ms',
  'first ms',
  'MB',
]

/** A Markdown table; beside each peer stands how many times faster gradloom's first target is on the same line. */
export function tableText(lines: readonly (Row | Gap)[]): string {
  const rows = lines.filter(isRow)
  const cells = lines.map((row) => {
    const title = [row.workload, row.phase, row.size, nameOf(row)]
    if (!isRow(row)) return [...title, 'fails', `no ${row.lacks}`, '', '', '', '', '']
    const own = rows.find((r) => r.system === 'gradloom' && sameTask(r, row))
    return [
      ...title,
      numberText(row.rate),
      `${numberText(row.min)} - ${numberText(row.max)}`,
      row.unit,
      isPeer(row.system) && own ? timesText(own, row) : '',
      row.compileMs === null ? '' : numberText(row.compileMs),
      numberText(row.firstStepMs),
      String(Math.round(row.rssMB)),
    ]
  })
  return markdown(HEAD, cells, (i) => i < 4 || i === 6)
}

/** A Markdown table: how many times as fast as the system of a line each target of gradloom is. Empty for a single target. */
export function ratiosText(lines: readonly (Row | Gap)[]): string {
  const rows = lines.filter(isRow)
  const targets = [...new Set(rows.filter(({ system }) => system === 'gradloom').map(nameOf))]
  if (targets.length < 2) return ''
  const cells = rows
    .filter(({ system }) => system === 'gradloom' || isPeer(system))
    .map((row) => [
      ...[row.workload, row.phase, row.size, nameOf(row)],
      ...targets.map((target) => {
        const own = rows.find((r) => nameOf(r) === target && sameTask(r, row))
        return own && own !== row ? timesText(own, row) : ''
      }),
    ])
  const head = ['workload', 'phase', 'size', 'system', ...targets.map((target) => `${target}/system`)]
  return markdown(head, cells, (i) => i < 4)
}

/** A Markdown table of what was emitted; empty for nothing. */
export function emitText(rows: readonly EmitRow[]): string {
  if (rows.length === 0) return ''
  const head = ['workload', 'size', 'format', 'code', 'gzip', 'with weights', 'gzip', 'start ms', 'min - max']
  const cells = rows.map((row) => [
    ...[row.workload, row.size, row.format],
    ...[row.codeBytes, row.codeGzip, row.bytes, row.gzip].map((bytes) => bytes.toLocaleString('en-US')),
    ...[numberText(row.startMs), `${numberText(row.min)} - ${numberText(row.max)}`],
  ])
  return markdown(head, cells, (i) => i < 3)
}

const isRow = (line: Row | Gap): line is Row => 'rate' in line

/** In milliseconds less is better, so the ratio is turned round. */
const timesText = (own: Row, row: Row): string =>
  `${numberText(row.unit === 'ms' ? row.rate / own.rate : own.rate / row.rate)}x`

function markdown(head: readonly string[], cells: readonly string[][], isText: (column: number) => boolean): string {
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i]!.length)))
  const line = (items: readonly string[]): string =>
    `| ${items.map((item, i) => (isText(i) ? item.padEnd(widths[i]!) : item.padStart(widths[i]!))).join(' | ')} |`
  const rule = `| ${widths.map((w, i) => (isText(i) ? '-'.repeat(w) : `${'-'.repeat(w - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...cells.map(line)].join('\n')
}

const sameTask = (a: Row, b: Row): boolean => a.workload === b.workload && a.phase === b.phase && a.size === b.size

export function jsonText(line: object): string {
  // Counts stay whole.
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
  return JSON.stringify(line, short)
}
