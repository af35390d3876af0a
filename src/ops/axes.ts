import { GraphError } from '../ir/errors'
import { valueText } from '../ir/names-of'
import { showShape, type TensorType } from '../ir/type'

/** Axes as sorted positions; negative ones count from the end, undefined means all. */
export function normalizeAxes(
  op: string,
  axis: number | readonly number[] | undefined,
  shape: readonly number[],
): number[] {
  if (axis === undefined) return shape.map((_, i) => i)
  const axes = axisList(op, axis, shape)
  if (new Set(axes).size !== axes.length)
    throw new GraphError(`${op}: axes [${String(axis)}] name one axis of ${showShape(shape)} twice`)
  return axes.sort((a, b) => a - b)
}

/** Axes as positions in the order in which they are given. */
export const axisList = (op: string, axis: number | readonly number[], shape: readonly number[]): number[] =>
  (Array.isArray(axis) ? (axis as readonly number[]) : [axis as number]).map((a) => normalizeAxis(op, a, shape))

/** One axis as a position; `otherwise` stands for undefined. */
export function normalizeAxis(
  op: string,
  given: number | undefined,
  shape: readonly number[],
  otherwise?: number,
): number {
  const axis = given === undefined ? otherwise : given
  if (typeof axis !== 'number') throw new GraphError(`${op}: an axis must be a whole number, it is ${valueText(given)}`)
  const position = axis < 0 ? axis + shape.length : axis
  if (!Number.isInteger(axis) || position < 0 || position >= shape.length) {
    const legal = shape.length === 0 ? 'a scalar has no axes' : `legal are ${-shape.length} to ${shape.length - 1}`
    throw new GraphError(`${op}: axis ${axis} is out of range for shape ${showShape(shape)} (${legal})`)
  }
  return position
}

export interface ReduceAttrs {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

export const reducedShape = ({ shape }: TensorType, { axes, keepDims }: ReduceAttrs): number[] =>
  keepDims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i))

export const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d))

/** A list with `count` items from a position on replaced by others. */
export const spliced = <T>(list: readonly T[], from: number, count: number, ...items: readonly T[]): T[] => [
  ...list.slice(0, from),
  ...items,
  ...list.slice(from + count),
]
