import {
  addScaled,
  type Affine,
  type Axis,
  axisIndex,
  coefficient,
  constIndex,
  shiftIndex,
  substitute,
} from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import type { Element, Scalar } from '../ir/scalar'
import type { Ahead } from './ahead'
import { sizeOf } from '../ir/type'
import { type FlatKernel, productOf } from './flat'
import { loop } from './loops'
import type { VectorLanes } from './vectorize'

/** A copy of the columns of one operand that a tile reads, or of the rows of the other, laid out as it reads them. */
export interface Panel {
  readonly param: Param
  /** The operand that is copied. */
  readonly of: Element
  /** Columns side by side. */
  readonly width: number
  readonly reduceAxes: readonly Axis[]
}

/** A panel of `slots` times `width` columns, of the kernel alone or of the loop around it. */
export function makePanel(
  kernel: FlatKernel,
  tile: { readonly columns: Axis | undefined },
  width: number,
  slots: number,
  ahead?: Ahead,
): Panel {
  const of = productOf(kernel)!.find((e) => coefficient(e.at.index, tile.columns!) !== 0)!
  const size = sizeOf(kernel.reduceAxes.map((a) => a.extent)) * width * slots
  const { buffer } = of.from
  const name = `${buffer.name}_panel`
  const param: Param = {
    buffer: ahead?.room(name, buffer, size) ?? { ...buffer, name, shape: [size], size, region: 'panel', offset: 0 },
    access: 'update',
  }
  return { param, of, width, reduceAxes: kernel.reduceAxes }
}

/** Elements of one slot. */
const slotSize = ({ width, reduceAxes }: Panel): number => width * sizeOf(reduceAxes.map((a) => a.extent))

/** Where a slot begins: that of the columns which a loop over whole slots has reached, or one by its number. */
export const slotOf = (panel: Panel, at: Axis | number): Affine =>
  typeof at === 'number'
    ? constIndex(at * slotSize(panel))
    : addScaled(constIndex(0), axisIndex(at), slotSize(panel) / panel.width)

/** Where a column of a slot lies in a panel, at the point of the reduced axes. */
export function panelIndex({ width, reduceAxes }: Panel, column: number, slot: Affine): Affine {
  let index = constIndex(0)
  for (const axis of reduceAxes) index = addScaled(axisIndex(axis), index, axis.extent)
  return addScaled(addScaled(constIndex(column), index, width), slot, 1)
}

/** Copies `count` columns from the one that the loop has reached; in vectors where they lie side by side. */
export function packPanel(
  kernel: FlatKernel,
  panel: Panel,
  columns: Axis,
  { count, lanes, slot }: { readonly count: number; readonly lanes: VectorLanes; readonly slot: Affine },
): Stmt[] {
  const { param, of } = panel
  // The loop over columns is around: only its name is shared. Reduced axes get loops of their own here.
  const own = new Map(kernel.reduceAxes.map((axis) => [axis, { ...axis }]))
  const map = new Map([...own].map(([axis, copy]) => [axis, axisIndex(copy)]))
  const isSideBySide = coefficient(of.at.index, columns) === 1
  const step = isSideBySide ? lanes : 1
  const body: Stmt[] = []
  for (let c = 0; c < count; c += step) {
    const from = substitute(shiftIndex(of.at.index, new Map([[columns, c]])), map)
    const value: Scalar = { ...of, at: { index: from }, lanes: isSideBySide ? lanes : 1 }
    const to = substitute(panelIndex(panel, c, slot), map)
    body.push({ kind: 'store', to: param, at: { index: to }, value, lanes: isSideBySide ? lanes : 1 })
  }
  let inner = body
  for (const axis of [...kernel.reduceAxes].reverse()) inner = [loop(own.get(axis)!, inner)]
  return inner
}

/** A column of a panel as an operand. */
export const panelElement = (panel: Panel, of: Element, index: Affine, lanes: number): Element => ({
  ...of,
  from: panel.param,
  at: { index },
  // Already side by side: the loop over columns does not move it.
  lanes: lanes as Element['lanes'],
})
