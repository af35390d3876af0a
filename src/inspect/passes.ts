import type { PassReport } from '../compile/pipeline'
import { type BindingOption, compiledOf } from '../compile/inspected'
import { checkKeys } from '../ir/names-of'

/** What `passes` gives: a row for each pass. */
export interface PassTable extends ReadonlyArray<PassReport> {
  /** A table for people. */
  toString(): string
}

/** The passes an entry went through: name, milliseconds, tensors in the graph and kernels afterwards. */
export function passes(run: object, options: BindingOption = {}): PassTable {
  checkKeys('passes', options, ['bindings'])
  const { compilation } = compiledOf('passes', run, options)
  const rows = compilation.report.map((row) => ({ ...row }))
  return Object.assign(rows, { toString: () => rows.map(rowText).join('\n') })
}

const rowText = ({ pass, milliseconds, nodes, kernels }: PassReport): string =>
  `${pass.padEnd(10)} ${milliseconds.toFixed(2).padStart(9)} ms ${String(nodes).padStart(7)} tensors${kernels === undefined ? '' : ` ${String(kernels).padStart(6)} kernels`}`
