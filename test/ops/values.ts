import type { Op } from '../../src/ir/op'
import type { DType, TensorType } from '../../src/ir/type'
import type { OpName, OPS } from '../../src/ops/table'

// The meaning of every op, written naively and without a look at how ops are lowered: what all compiled forms are held to.

/** A tensor's values, row-major, in float64 whatever the dtype. */
export interface Values extends TensorType {
  readonly data: Float64Array
}
export type AttrsOf<N extends OpName> = (typeof OPS)[N] extends Op<N, infer A> ? A : never

/** Shape, dtype and values of an op's result, found without the op's own shape rule. `leaf` is given for leaves only. */
export type Reference<N extends OpName = OpName> = (
  operands: readonly Values[],
  attrs: AttrsOf<N>,
  leaf: TensorType & { readonly fed: ArrayLike<number> | undefined },
) => Values

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
export const isInteger = (dtype: DType): boolean => dtype === 'int32' || dtype === 'uint8'

/** Integers wrap, bools are 0 or 1, floats stay as they are. */
export function settled(value: number, dtype: DType): number {
  if (dtype === 'bool') return value !== 0 ? 1 : 0
  if (!isInteger(dtype)) return value
  return dtype === 'int32' ? value | 0 : value & 255
}
export const times = (a: number, b: number, dtype: DType): number => (isInteger(dtype) ? Math.imul(a, b) : a * b)
export const total = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0)
export const largest = (values: readonly number[]): number => values.reduce((m, v) => (v > m || v !== v ? v : m))

const points = new Map<string, readonly (readonly number[])[]>()
/** All points of a shape in row-major order. */
export function pointsOf(shape: readonly number[]): readonly (readonly number[])[] {
  const key = shape.join()
  const known = points.get(key)
  if (known) return known
  // Shapes come again and again, but there is no end of them.
  if (points.size > 500) points.clear()
  const found = shape.reduce<number[][]>(
    (points, d) => points.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])),
    [[]],
  )
  points.set(key, found)
  return found
}

/** The element at a point; indices are aligned from the right, an extent of 1 repeats. */
export function at({ shape, data }: Values, point: readonly number[]): number {
  const lead = point.length - shape.length
  let place = 0
  for (let i = 0; i < shape.length; i++) place = place * shape[i]! + (shape[i] === 1 ? 0 : point[lead + i]!)
  return data[place]!
}

export function tabulate(shape: readonly number[], dtype: DType, value: (point: readonly number[]) => number): Values {
  const data = new Float64Array(sizeOf(shape))
  pointsOf(shape).forEach((p, i) => (data[i] = settled(value(p), dtype)))
  return { shape, dtype, data }
}

export function stretched(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes.map((s) => s[s.length - rank + i] ?? 1)
    return extents.find((d) => d !== 1) ?? 1
  })
}

type Pointwise = (operands: readonly Values[]) => Values
export const pointwise =
  (f: (...args: number[]) => number, dtype?: DType): Pointwise =>
  (operands) =>
    tabulate(stretched(operands.map((o) => o.shape)), dtype ?? operands.at(-1)!.dtype, (p) =>
      f(...operands.map((o) => at(o, p))),
    )

interface Reduce {
  readonly axes: readonly number[]
  readonly keepDims: boolean
}

/** Folds the elements over some axes, given in row-major order. */
export function reduced(
  x: Values,
  { axes, keepDims }: Reduce,
  dtype: DType,
  fold: (values: number[]) => number,
): Values {
  const shape = keepDims
    ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : x.shape.filter((_, i) => !axes.includes(i))
  const inner = pointsOf(axes.map((i) => x.shape[i]!))
  return tabulate(shape, dtype, (p) => {
    let next = 0
    const point = x.shape.map((_, i) => {
      return keepDims || !axes.includes(i) ? p[next++]! : 0
    })
    return fold(
      inner.map((q) => {
        const full = [...point]
        axes.forEach((axis, k) => (full[axis] = q[k]!))
        return at(x, full)
      }),
    )
  })
}

// Exponents less the largest, so that nothing overflows.
const shiftedOf = (row: readonly number[]): number[] => {
  const m = largest(row)
  return row.map((v) => v - m)
}
export const softmaxOf = (row: readonly number[]): number[] => {
  const e = shiftedOf(row).map(Math.exp)
  return e.map((v) => v / total(e))
}
export const logSoftmaxOf = (row: readonly number[]): number[] => {
  const z = shiftedOf(row)
  return z.map((v) => v - Math.log(total(z.map(Math.exp))))
}
export const rowOf = (x: Values, axis: number, p: readonly number[]): number[] =>
  Array.from({ length: x.shape[axis]! }, (_, i) => at(x, p.with(axis, i)))
export const alongAxis = (x: Values, axis: number, f: (row: readonly number[]) => number[]): Values =>
  tabulate(x.shape, x.dtype, (p) => f(rowOf(x, axis, p))[p[axis]!]!)

/** -sum(target * log softmax(logits)) over the last axis; a class of weight 0 adds nothing. */
export function crossEntropy(
  logits: Values,
  smoothing: number,
  target: (p: readonly number[], k: number) => number,
): Values {
  const classes = logits.shape.at(-1)!
  return tabulate(logits.shape.slice(0, -1), logits.dtype, (p) => {
    const row = logSoftmaxOf(rowOf(logits, logits.shape.length - 1, [...p, 0]))
    return -total(
      row.map((v, k) => {
        const weight = target(p, k) * (1 - smoothing) + smoothing / classes
        return weight === 0 ? 0 : weight * v
      }),
    )
  })
}

/** Every element of x by f from its neighbours along axes, kept in place. */
export function within(x: Values, axes: readonly number[], f: (values: number[]) => (v: number) => number): Values {
  const functions = new Map<string, (v: number) => number>()
  const inner = pointsOf(axes.map((i) => x.shape[i]!))
  return tabulate(x.shape, x.dtype, (p) => {
    const key = p.map((k, i) => (axes.includes(i) ? 0 : k)).join()
    if (!functions.has(key)) {
      const row = inner.map((q) => at(x, p.map((k, i) => (axes.includes(i) ? q[axes.indexOf(i)]! : k)))) // prettier-ignore
      functions.set(key, f(row))
    }
    return functions.get(key)!(at(x, p))
  })
}
