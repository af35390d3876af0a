import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { AnyLayer } from '../layers/layer'
import { showOpen } from '../layers/symbolic'
import { trainedWeights } from '../layers/layer-weights'
import { type FlopsOf, forwardFlops } from './flops'
import type { AnyModel } from './model'
import { outline, type OutlineRow, type OutlineSource } from './outline'
import { textTable } from './text-table'

/** Options of `summary`. */
export interface SummaryOptions {
  /** Shows the layers of models inside, too; false by default. */
  readonly expandNested?: boolean
  /** How long extents besides the batch are taken to be where they are open; without it the work is not known there. */
  readonly openExtent?: number
}

/**
 * A table of a model's layers: name and class, the shape of what they give (null for what data settle), weights, work of a
 * forward pass of one sample, and where they are no chain from where they take it; then the sums. As `summary` in Keras; work is
 * in additions, multiplications and the like, as `explain` counts it.
 */
export function summary(model: AnyModel, options: SummaryOptions = {}): string {
  checkKeys('summary', options, ['expandNested', 'openExtent'])
  checkFlags('summary', options, ['expandNested'])
  const { expandNested = false, openExtent } = options
  if (openExtent !== undefined && !(Number.isSafeInteger(openExtent) && openExtent >= 1))
    throw new GraphError(`summary: openExtent must be a whole number from 1, it is ${String(openExtent)}`)
  const flops = forwardFlops('summary', model, openExtent)
  const { rows } = outline(model)
  const isChain = isChainOf(rows) && !(expandNested && rows.some((r) => r.inner))
  // The input of a stack says nothing that its first layer does not.
  const shown = model.className === 'Sequential' ? rows.slice(1) : rows
  const head = ['Layer (type)', 'Output Shape', 'Param #', 'FLOPs', ...(isChain ? [] : ['Connected to'])]
  const table = textTable(
    head,
    shown.flatMap((row) => cellsOf(row, { flops, expandNested, isChain, indent: '' })),
    [false, false, true, true, false],
  )
  const all = sizeOf(model.weights)
  const trained = sizeOf([...trainedWeights(model)])
  const work = flops('')
  return [
    `Model: "${model.name}"`,
    ...table,
    ` Total params: ${counted(all)}`,
    ` Trainable params: ${counted(trained)}`,
    ` Non-trainable params: ${counted(all - trained)}`,
    ` FLOPs of a sample: ${work === undefined ? 'not known, extents are open' : counted(work)}`,
  ].join('\n')
}

interface View {
  readonly flops: FlopsOf
  readonly expandNested: boolean
  readonly isChain: boolean
  readonly indent: string
}

function cellsOf(row: OutlineRow, view: View): string[][] {
  const { layer, outputs, sources, inner } = row
  const shapes = outputs.map(showOpen)
  const work = view.flops(row.path)
  const cells = [
    `${view.indent}${row.name} (${row.className})`,
    shapes.length === 1 ? shapes[0]! : shapes.join('\n'),
    layer ? counted(sizeOf(layer.weights)) : '0',
    !layer ? '0' : work === undefined ? '?' : counted(work),
    ...(view.isChain ? [] : [sources.map(sourceText).join('\n') || '-']),
  ]
  const inside = inner && view.expandNested ? inner.rows : []
  return [cells, ...inside.flatMap((r) => cellsOf(r, { ...view, indent: `${view.indent}  ` }))]
}

const sourceText = ({ name, index, isOne }: OutlineSource): string => (isOne ? name : `${name}[${index}]`)

/** Whether each takes what the one before gives, and nothing else. */
const isChainOf = (rows: readonly OutlineRow[]): boolean =>
  rows.every(({ sources }, i) =>
    i === 0
      ? sources.length === 0
      : sources.length === 1 && sources[0]!.isOne && sources[0]!.name === rows[i - 1]!.name,
  )

export const sizeOf = (weights: AnyLayer['weights']): number =>
  [...new Set(weights)].reduce((sum, w) => sum + w.size, 0)

/** `1,234,567`. */
export const counted = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
