import { toposort } from '../../src/ir/graph'
import type { Op } from '../../src/ir/op'
import type { Tensor } from '../../src/ir/tensor'
import { type DType, isFloat, sameShape, showType, type TensorType } from '../../src/ir/type'
import type { OpName, OPS } from '../../src/ops/table'

// The meaning of every op, written naively and without a look at how ops are lowered: what all compiled forms are held to.

/** A tensor's values, row-major, in float64 whatever the dtype. */
export interface Values extends TensorType {
  readonly data: Float64Array
}
type AttrsOf<N extends OpName> = (typeof OPS)[N] extends Op<N, infer A> ? A : never

/** Shape, dtype and values of an op's result, found without the op's own shape rule. `leaf` is given for leaves only. */
export type Reference<N extends OpName = OpName> = (
  operands: readonly Values[],
  attrs: AttrsOf<N>,
  leaf: TensorType & { readonly fed: ArrayLike<number> | undefined },
) => Values

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)
const isInteger = (dtype: DType): boolean => dtype === 'int32' || dtype === 'uint8'

/** Integers wrap, bools are 0 or 1, floats stay as they are. */
function settled(value: number, dtype: DType): number {
  if (dtype === 'bool') return value !== 0 ? 1 : 0
  if (!isInteger(dtype)) return value
  return dtype === 'int32' ? value | 0 : value & 255
}
const times = (a: number, b: number, dtype: DType): number => (isInteger(dtype) ? Math.imul(a, b) : a * b)
const total = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0)
const largest = (values: readonly number[]): number => values.reduce((m, v) => (v > m || v !== v ? v : m))

/** All points of a shape in row-major order. */
export function pointsOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (points, d) => points.flatMap((p) => Array.from({ length: d }, (_, i) => [...p, i])),
    [[]],
  )
}

/** The element at a point; indices are aligned from the right, an extent of 1 repeats. */
function at({ shape, data }: Values, point: readonly number[]): number {
  const lead = point.length - shape.length
  return data[shape.reduce((n, d, i) => n * d + (d === 1 ? 0 : point[lead + i]!), 0)]!
}

const tabulate = (shape: readonly number[], dtype: DType, value: (point: readonly number[]) => number): Values => ({
  shape,
  dtype,
  data: Float64Array.from(pointsOf(shape), (p) => settled(value(p), dtype)),
})

function stretched(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    const extents = shapes.map((s) => s[s.length - rank + i] ?? 1)
    return extents.find((d) => d !== 1) ?? 1
  })
}

type Pointwise = (operands: readonly Values[]) => Values
const pointwise =
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
function reduced(x: Values, { axes, keepDims }: Reduce, dtype: DType, fold: (values: number[]) => number): Values {
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
const softmaxOf = (row: readonly number[]): number[] => {
  const e = shiftedOf(row).map(Math.exp)
  return e.map((v) => v / total(e))
}
const logSoftmaxOf = (row: readonly number[]): number[] => {
  const z = shiftedOf(row)
  return z.map((v) => v - Math.log(total(z.map(Math.exp))))
}
const rowOf = (x: Values, axis: number, p: readonly number[]): number[] =>
  Array.from({ length: x.shape[axis]! }, (_, i) => at(x, p.with(axis, i)))
const alongAxis = (x: Values, axis: number, f: (row: readonly number[]) => number[]): Values =>
  tabulate(x.shape, x.dtype, (p) => f(rowOf(x, axis, p))[p[axis]!]!)

/** -sum(target * log softmax(logits)) over the last axis; a class of weight 0 adds nothing. */
function crossEntropy(logits: Values, smoothing: number, target: (p: readonly number[], k: number) => number): Values {
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

/** A leaf takes what it is fed. */
const fed: Reference<'input'> = (_, { name }, { shape, dtype, fed }) => {
  if (!fed) throw new Error(`reference: input "${name}" is not fed`)
  return { shape, dtype, data: Float64Array.from(fed) }
}

/**
 * One function an op. Inputs are bound by the feeds; a variable by the feeds, else it has its first value of seed 0; a
 * constant brings its values in its attributes.
 */
export const REFERENCE: { readonly [N in OpName]: Reference<N> } = {
  input: fed,
  variable: (_, { name, first }, { shape, dtype, fed }) => ({
    shape,
    dtype,
    data: Float64Array.from(fed ?? first(shape, 0, name, dtype)),
  }),
  constant: (_, { value }, { shape, dtype }) => ({
    shape,
    dtype,
    data: typeof value === 'number' ? Float64Array.of(value) : Float64Array.from(value),
  }),
  add: pointwise((a, b) => a + b),
  sub: pointwise((a, b) => a - b),
  mul: (x) => pointwise((a, b) => times(a, b, x[0]!.dtype))(x),
  div: pointwise((a, b) => a / b),
  neg: pointwise((x) => -x),
  square: (x) => pointwise((v) => times(v, v, x[0]!.dtype))(x),
  pow: (x, { exponent }) => pointwise((v) => (exponent === 0 ? 1 : v ** exponent))(x),
  exp: pointwise(Math.exp),
  log: pointwise(Math.log),
  sqrt: pointwise(Math.sqrt),
  tanh: pointwise(Math.tanh),
  sigmoid: pointwise((x) => 1 / (1 + Math.exp(-x))),
  identity: pointwise((x) => x),
  relu: pointwise((x) => largest([x, 0])),
  maximum: pointwise((a, b) => largest([a, b])),
  less: pointwise((a, b) => Number(a < b), 'bool'),
  lessEqual: pointwise((a, b) => Number(a <= b), 'bool'),
  equal: pointwise((a, b) => Number(a === b), 'bool'),
  notEqual: pointwise((a, b) => Number(a !== b), 'bool'),
  where: pointwise((c, a, b) => (c ? a : b)),
  cast: (x, { dtype }) => pointwise((v) => v, dtype)(x),
  stopGradient: pointwise((x) => x),
  reshape: ([x], { shape }) => ({ shape, dtype: x!.dtype, data: x!.data }),
  transpose: ([x], { permutation }) => {
    const place = permutation.map((_, i) => permutation.indexOf(i))
    const shape = permutation.map((p) => x!.shape[p]!)
    return tabulate(shape, x!.dtype, (p) =>
      at(
        x!,
        place.map((i) => p[i]!),
      ),
    )
  },
  flip: ([x], { axes }) => {
    const flipped = (k: number, i: number): number => (axes.includes(i) ? x!.shape[i]! - 1 - k : k)
    return tabulate(x!.shape, x!.dtype, (p) => at(x!, p.map(flipped)))
  },
  broadcastTo: ([x], { shape }) => tabulate(shape, x!.dtype, (p) => at(x!, p)),
  sum: ([x], attrs) => reduced(x!, attrs, x!.dtype, total),
  mean: ([x], attrs) => reduced(x!, attrs, x!.dtype === 'float64' ? 'float64' : 'float32', (v) => total(v) / v.length),
  max: ([x], attrs) => reduced(x!, attrs, x!.dtype, largest),
  argMax: ([x], attrs) =>
    reduced(x!, attrs, 'int32', (v) => v.findIndex((e) => (largest(v) !== largest(v) ? e !== e : e === largest(v)))),
  oneHot: ([x], { depth, dtype }) =>
    tabulate([...x!.shape, depth], dtype, (p) => Number(at(x!, p.slice(0, -1)) === p.at(-1))),
  contract: ([a, b], { a: aLabels, b: bLabels, out }) => {
    const extents = new Map<number, number>()
    aLabels.forEach((label, i) => extents.set(label, a!.shape[i]!))
    bLabels.forEach((label, i) => extents.set(label, b!.shape[i]!))
    const shapeOf = (labels: readonly number[]): number[] => labels.map((label) => extents.get(label)!)
    const summed = [...extents.keys()].filter((label) => !out.includes(label))
    const inner = pointsOf(shapeOf(summed))
    return tabulate(shapeOf(out), a!.dtype, (p) => {
      const point = new Map(out.map((label, i) => [label, p[i]!]))
      return total(
        inner.map((q) => {
          summed.forEach((label, i) => point.set(label, q[i]!))
          const where = (labels: readonly number[]): number[] => labels.map((label) => point.get(label)!)
          return times(at(a!, where(aLabels)), at(b!, where(bLabels)), a!.dtype)
        }),
      )
    })
  },
  softmax: ([x], { axis }) => alongAxis(x!, axis, softmaxOf),
  logSoftmax: ([x], { axis }) => alongAxis(x!, axis, logSoftmaxOf),
  sparseSoftmaxCrossEntropy: ([x, labels], { labelSmoothing }) =>
    crossEntropy(x!, labelSmoothing, (p, k) => Number(at(labels!, p) === k)),
  softmaxCrossEntropy: ([x, y], { labelSmoothing }) => crossEntropy(x!, labelSmoothing, (p, k) => at(y!, [...p, k])),
  meanSquaredError: ([p, t]) =>
    tabulate([], p!.dtype, () => total([...p!.data].map((v, i) => (v - t!.data[i]!) ** 2)) / p!.data.length),
}

export interface EvaluateOptions {
  /** Rounds float results after each op; nothing is rounded otherwise. */
  readonly round?: (value: number, dtype: DType) => number
  readonly visit?: (t: Tensor, result: Values) => void
}
/** What stores do. */
export const roundFloat32 = (value: number, dtype: DType): number => (dtype === 'float32' ? Math.fround(value) : value)

/** The values of tensors by the reference alone. Throws where a tensor's type is not what the reference found. */
export function evaluateGraph(
  roots: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>>,
  { round, visit }: EvaluateOptions = {},
): Values[] {
  const known = new Map<Tensor, Values>()
  for (const t of toposort(roots)) {
    const operands = t.inputs.map((x) => known.get(x)!)
    const reference = REFERENCE[t.op.name as OpName] as Reference
    const leaf = { shape: t.shape, dtype: t.dtype, fed: feeds.get(t) }
    const found = reference(operands, t.attrs as never, leaf)
    if (found.dtype !== t.dtype || !sameShape(found.shape, t.shape) || found.data.length !== sizeOf(t.shape))
      throw new Error(`${t.op.name}: inferred ${showType(t)}, the reference found ${showType(found)}`)
    const result = round && isFloat(t.dtype) ? { ...found, data: found.data.map((v) => round(v, t.dtype)) } : found
    known.set(t, result)
    visit?.(t, result)
  }
  return roots.map((r) => known.get(r)!)
}
