import { uniforms } from './data'

/** Rows of a table at indices, and the gradient of that: as many rows added up by index into a table of zeros. */
export const GATHER = { rows: 100_000, width: 64, count: 1_000_000 } as const
export type GatherPhase = 'gather' | 'scatter'

/** [rows, width]. */
export function tableData(): Float32Array {
  const next = uniforms(1)
  return Float32Array.from({ length: GATHER.rows * GATHER.width }, () => next() - 0.5)
}

/** [count]. Ten of them fall on a row on average. */
export function indexData(): Int32Array {
  const next = uniforms(2)
  return Int32Array.from({ length: GATHER.count }, () => Math.floor(next() * GATHER.rows))
}

/** [count, width], what is added up: the table over and over. */
export function addedData(): Float32Array {
  const { count, width } = GATHER
  const table = tableData()
  const rows = new Float32Array(count * width)
  for (let start = 0; start < rows.length; start += table.length) rows.set(table, start)
  return rows
}

/** The element of the result that each step reads: the last one taken, the last one of the row that was last added to. */
export function probed(phase: GatherPhase): readonly [number, number] {
  const { count, width } = GATHER
  return [phase === 'gather' ? count - 1 : indexData()[count - 1]!, width - 1]
}

/** What stands there, in float64. */
export function probedValue(phase: GatherPhase): number {
  const { rows, width } = GATHER
  const [table, indices] = [tableData(), indexData()]
  const [row, column] = probed(phase)
  const at = (i: number): number => table[i * width + column]!
  if (phase === 'gather') return at(indices[row]!)
  return indices.reduce((sum, index, i) => (index === row ? sum + at(i % rows) : sum), 0)
}
