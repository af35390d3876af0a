import { toposort } from '../../src/ir/graph'
import type { Tensor } from '../../src/ir/tensor'
import { type DType, isFloat, sameShape, showType } from '../../src/ir/type'
import type { OpName } from '../../src/ops/table'
import { ARRAY_REFERENCE } from './reference-arrays'
import { RANDOM_REFERENCE } from './reference-random'
import { LINEAR_REFERENCE } from './reference-linear'
import { NORM_REFERENCE } from './reference-norms'
import { IMAGE_REFERENCE } from './reference-image'
import { INDEXING_REFERENCE } from './reference-indexing'
import { POINTWISE_REFERENCE } from './reference-pointwise'
import { SORTING_REFERENCE } from './reference-sorting'
import { WINDOW_REFERENCE } from './reference-windows'
import {
  alongAxis,
  at,
  crossEntropy,
  largest,
  logSoftmaxOf,
  pointsOf,
  pointwise,
  reduced,
  type Reference,
  sizeOf,
  softmaxOf,
  tabulate,
  times,
  total,
  type Values,
} from './values'

export * from './values'

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
  barrier: ([x]) => x!,
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
  ...POINTWISE_REFERENCE,
  ...ARRAY_REFERENCE,
  ...RANDOM_REFERENCE,
  ...LINEAR_REFERENCE,
  ...NORM_REFERENCE,
  ...IMAGE_REFERENCE,
  ...INDEXING_REFERENCE,
  ...SORTING_REFERENCE,
  ...WINDOW_REFERENCE,
}

export interface EvaluateOptions {
  /** Rounds float results after each op; nothing is rounded otherwise. */
  readonly round?: (value: number, dtype: DType) => number
  /** Finds the values of a tensor by the reference of its op, in place of just calling that. */
  readonly compute?: (t: Tensor, reference: (x: readonly Values[]) => Values, operands: readonly Values[]) => Values
  readonly visit?: (t: Tensor, result: Values) => void
}
/** What stores do. */
export const roundFloat32 = (value: number, dtype: DType): number => (dtype === 'float32' ? Math.fround(value) : value)

/** The values of tensors by the reference alone. Throws where a tensor's type is not what the reference found. */
export function evaluateGraph(
  roots: readonly Tensor[],
  feeds: ReadonlyMap<Tensor, ArrayLike<number>>,
  { round, compute, visit }: EvaluateOptions = {},
): Values[] {
  const known = new Map<Tensor, Values>()
  for (const t of toposort(roots)) {
    const operands = t.inputs.map((x) => known.get(x)!)
    const leaf = { shape: t.shape, dtype: t.dtype, fed: feeds.get(t) }
    const reference = (x: readonly Values[]): Values =>
      (REFERENCE[t.op.name as OpName] as Reference)(x, t.attrs as never, leaf)
    const found = compute ? compute(t, reference, operands) : reference(operands)
    if (found.dtype !== t.dtype || !sameShape(found.shape, t.shape) || found.data.length !== sizeOf(t.shape))
      throw new Error(`${t.op.name}: inferred ${showType(t)}, the reference found ${showType(found)}`)
    const result = round && isFloat(t.dtype) ? { ...found, data: found.data.map((v) => round(v, t.dtype)) } : found
    known.set(t, result)
    visit?.(t, result)
  }
  return roots.map((r) => known.get(r)!)
}
