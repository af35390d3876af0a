import { FeedError } from '../ir/errors'
import { classText } from '../ir/names-of'
import { isTensor } from '../ir/tensor'
import { type Data, type DType, newData, sizeOf } from '../ir/type'
import { type OpenShape, showOpen } from '../layers/symbolic'
import { fillView, measured, ownShape } from '../runtime/fill'

/** What data may be: nested arrays, or a typed array, with its `shape` or of samples whose shape is known. */
export type Samples = readonly unknown[] | (Data & { readonly shape?: readonly number[] })

/** The samples of one input or target, one after the other. */
export interface Column {
  readonly data: Data
  readonly dtype: DType
  readonly count: number
  /** Of one sample, and how many values that is. */
  readonly shape: readonly number[]
  readonly size: number
}

/**
 * Data checked and laid out. `shape` is that of a sample, null for an extent that the data settle; without it whatever the
 * data have. Throws a FeedError that says what was expected and what came.
 */
export function columnOf(what: string, value: unknown, dtype: DType, shape?: OpenShape): Column {
  const full = shapeOf(what, value, shape)
  const [count = 0, ...own] = full
  if (shape && (own.length !== shape.length || own.some((d, i) => shape[i] !== null && shape[i] !== d)))
    throw new FeedError(
      `${what} takes samples of shape ${showOpen(shape)}, that is data of shape ${showMany(shape)}, the first axis being that of samples; got ${showOpen(full)}`,
    )
  return { data: laidOut(what, value, dtype, full), dtype, count, shape: own, size: sizeOf(own) }
}

function shapeOf(what: string, value: unknown, shape: OpenShape | undefined): readonly number[] {
  if (Array.isArray(value)) return measured(value)
  if (!ArrayBuffer.isView(value) || value instanceof DataView)
    throw new FeedError(`${what}: expected nested arrays or a typed array, got ${kindOf(value)}`)
  const own = ownShape(what, value)
  if (own) return own
  const { length } = value as Data
  if (!shape) return [length]
  if (shape.includes(null))
    throw new FeedError(
      `${what}: a typed array of ${length} values does not say how long a sample of shape ${showOpen(shape)} is; give it a shape`,
    )
  const size = sizeOf(shape as readonly number[])
  if (size === 0 || length % size !== 0)
    throw new FeedError(`${what}: ${length} values are no whole number of samples of shape ${showOpen(shape)}`)
  return [length / size, ...(shape as readonly number[])]
}

/** The shape of any number of samples. */
const showMany = (shape: OpenShape): string => (shape.length === 0 ? '[n]' : showOpen(shape).replace('[', '[n, '))

/** In words, what is no array. */
function kindOf(value: unknown): string {
  if (isTensor(value)) return 'a tensor; fit takes values, a tensor is a part of a graph'
  return value instanceof Promise ? 'a Promise; await it first' : classText(value)
}

/** As a typed array of the dtype: the very one that was given where it is of that kind. */
function laidOut(what: string, value: unknown, dtype: DType, shape: readonly number[]): Data {
  const view = newData(dtype, sizeOf(shape))
  if (!ArrayBuffer.isView(value)) {
    fillView(what, value, view, { dtype, shape }, true)
    return view
  }
  const given = value as Data
  if (given.length !== view.length)
    throw new FeedError(`${what}: ${given.length} values do not fill the shape ${showOpen(shape)}`)
  if (given.constructor === view.constructor) return given
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) {
    if (dtype !== 'int32')
      throw new FeedError(`${what} takes ${dtype}, got ${value.constructor.name}; convert it by Number`)
    fillView(what, Array.from(value, Number), view, { dtype, shape: [view.length] })
  } else if (dtype === 'int32' || dtype === 'uint8' || dtype === 'bool')
    fillView(what, Array.from(given), view, { dtype, shape: [given.length] })
  else view.set(given)
  return view
}

/** Some of the samples, without copying. */
export const sliced = (column: Column, from: number, to: number): Column => ({
  ...column,
  data: column.data.subarray(from * column.size, to * column.size),
  count: to - from,
})

/** Whether one column may take the place of another in memory. */
export const sameData = (a: Column, b: Column): boolean =>
  a.count === b.count &&
  a.dtype === b.dtype &&
  a.shape.length === b.shape.length &&
  a.shape.every((d, i) => d === b.shape[i])

/** All 1: the weights of samples that count alike. */
export function onesColumn(count: number, shape: readonly number[]): Column {
  const size = sizeOf(shape)
  return { data: new Float32Array(count * size).fill(1), dtype: 'float32', count, shape, size }
}
