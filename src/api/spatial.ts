import { valueText } from '../ir/names-of'
import { explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { checkFormat, type FormatOption } from './window-options'

// What builders over images share: where the spatial axes lie.

/** `count` spatial axes of x, which has one of channels and may have one of batches. */
export function spatialAxes(op: string, x: Tensor, count: number, options: FormatOption): number[] {
  requireTensor(op, x)
  const dataFormat = checkFormat(op, options.dataFormat ?? 'channelsLast')
  const rank = x.shape.length
  if (count < 1 || (rank !== count + 1 && rank !== count + 2)) {
    const spatial = `${count} spatial ${count === 1 ? 'axis' : 'axes'}`
    const inner = dataFormat === 'channelsLast' ? 'spatial axes, channels' : 'channels, spatial axes'
    throw explained(op, `${showShape(x.shape)} has not ${spatial}; [batch, ${inner}] or [${inner}] is needed`, [x])
  }
  const first = rank - count - (dataFormat === 'channelsLast' ? 1 : 0)
  return Array.from({ length: count }, (_, i) => first + i)
}

export const channelAxis = (x: Tensor, count: number, { dataFormat = 'channelsLast' }: FormatOption): number =>
  x.shape.length - 1 - (dataFormat === 'channelsLast' ? 0 : count)

/** New extents, or factors: whole numbers from 1. */
export function checkExtents(op: string, name: string, values: readonly number[], x: Tensor): void {
  if (!Array.isArray(values) || values.length === 0 || !values.every((v) => Number.isInteger(v) && v >= 1))
    throw explained(op, `${name} must be whole numbers from 1, it is ${show(values)}`, [x])
}
const show = (values: unknown): string => (Array.isArray(values) ? `[${values.join(', ')}]` : valueText(values))

/** What is taken or put before and after each spatial axis; a number stands for both sides. */
export type Borders = readonly (number | readonly [before: number, after: number])[]

export function checkBorders(op: string, borders: Borders, x: Tensor): (readonly [number, number])[] {
  if (!Array.isArray(borders)) throw explained(op, `expected a pair for each spatial axis, got ${show(borders)}`, [x])
  return borders.map((border: Borders[number]) => {
    const pair = typeof border === 'number' ? ([border, border] as const) : border
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n >= 0))
      throw explained(op, `a border is a pair of whole numbers from 0, got ${show(pair)}`, [x])
    return pair as readonly [number, number]
  })
}
