import { type Affine, type Axis, rangeOf } from '../../ir/affine'
import { indexAt, sizeOf } from '../../ir/type'
import { int, type Value } from './value'
import type { GraphWriter } from './writer'

/** A value whose dimensions are axes, but for some of extent 1. */
export interface Labelled {
  readonly value: Value
  readonly axes: readonly Axis[]
}

/** What an index is at all points of its axes, held within an extent: what lies beyond is not taken. */
export function positionsOf(index: Affine, axes: readonly Axis[], extent: number): number[] {
  const shape = axes.map((axis) => axis.extent)
  const factors = axes.map((axis) => index.terms.get(axis)!)
  return Array.from({ length: sizeOf(shape) }, (_, n) => {
    const at = indexAt(shape, n).reduce((sum, i, k) => sum + i * factors[k]!, index.base)
    return Math.min(Math.max(at, 0), extent - 1)
  })
}

const isInside = (index: Affine, extent: number): boolean => {
  const [low, high] = rangeOf(index)
  return low >= 0 && high < extent
}

/**
 * An operand at affine indices, a dimension of the result for each axis among them: a slice where an index steps along one axis,
 * else a gather at positions that are known. Undefined where an axis stands in two dimensions.
 */
export function labelled(to: GraphWriter, x: Value, index: readonly Affine[]): Labelled | undefined {
  const used = index.flatMap((a) => [...a.terms.keys()])
  if (new Set(used).size < used.length) return undefined
  const start = x.shape.map(() => 0)
  const step = x.shape.map(() => 1)
  const size = [...x.shape]
  const gathered: number[] = []
  index.forEach((a, i) => {
    const axes = [...a.terms]
    if (axes.length > 1 || !isInside(a, x.shape[i]!)) {
      gathered.push(i)
      return
    }
    start[i] = a.base
    step[i] = axes[0]?.[1] ?? 1
    size[i] = axes[0]?.[0].extent ?? 1
  })
  let value = to.slice(x, start, step, size)
  const dims = index.map((a) => [...a.terms.keys()])
  // From the last one on, so that the dimensions before stay where they are.
  for (const i of gathered.reverse()) {
    const axes = dims[i]!
    const shape = axes.map((axis) => axis.extent)
    const at = to.constant('int64', shape, positionsOf(index[i]!, axes, x.shape[i]!))
    const taken = [...value.shape.slice(0, i), ...shape, ...value.shape.slice(i + 1)]
    value = to.node('Gather', [value, at], taken, { axis: int(i) })
  }
  return { value, axes: dims.flat() }
}

/** The same without other dimensions than its axes. */
export const squeezed = (to: GraphWriter, { value, axes }: Labelled): Value =>
  to.reshape(value, axes.map((axis) => axis.extent)) // prettier-ignore

/** The same with its dimensions in the order of `axes`, and one of extent 1 for each that it lacks. */
export function aligned(to: GraphWriter, x: Labelled, axes: readonly Axis[]): Value {
  const order = axes.filter((axis) => x.axes.includes(axis))
  const shape = axes.map((axis) => (x.axes.includes(axis) ? axis.extent : 1)).slice(leadingOnes(axes, x.axes))
  if (order.every((axis, i) => axis === x.axes[i])) return to.reshape(x.value, shape)
  return to.reshape(to.transpose(squeezed(to, x), order.map((axis) => x.axes.indexOf(axis))), shape) // prettier-ignore
}

/** Dimensions that broadcasting puts in front by itself. */
function leadingOnes(axes: readonly Axis[], own: readonly Axis[]): number {
  const first = axes.findIndex((axis) => own.includes(axis))
  return first < 0 ? axes.length : first
}

/** A constant that is what an index is at each point. */
export function indexConstant(to: GraphWriter, index: Affine, axes: readonly Axis[]): Value {
  const own = axes.filter((axis) => index.terms.has(axis))
  const value = to.constant('int32', own.map((axis) => axis.extent), positionsOf(index, own, Infinity)) // prettier-ignore
  return aligned(to, { value, axes: own }, axes)
}
