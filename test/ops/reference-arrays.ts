import type { ARRAY_CASES } from './cases-arrays'
import {
  at,
  largest,
  pointsOf,
  pointwise,
  reduced,
  type Reference,
  sizeOf,
  tabulate,
  times,
  total,
  type Values,
  within,
} from './values'

const smallest = (values: readonly number[]): number => -largest(values.map((v) => -v))
const mean = (v: readonly number[]): number => total(v) / v.length
const spread = (v: readonly number[], correction: number): number =>
  v.length === 0 ? NaN : total(v.map((x) => (x - mean(v)) ** 2)) / (v.length - correction)
const floatOf = ({ dtype }: Values) => (dtype === 'float64' ? 'float64' : 'float32')
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
/** x log(y), where 0 times anything is 0. */
const xlogy = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(y))
const clipped = (p: number): number => Math.min(Math.max(p, 1e-7), 1 - 1e-7)

const overRows = ([a, b]: readonly Values[], axis: number, f: (x: number[], y: number[]) => number): Values => {
  const shape = a!.shape.filter((_, i) => i !== axis)
  return tabulate(shape, a!.dtype, (p) => {
    const row = (x: Values): number[] =>
      Array.from({ length: x.shape[axis]! }, (_, k) => at(x, [...p.slice(0, axis), k, ...p.slice(axis)]))
    return f(row(a!), row(b!))
  })
}
const same = (x: Values, shape: readonly number[]): Values => ({ shape, dtype: x.dtype, data: x.data })
/** The element at a point moved to where `source` says, axis by axis. */
const moved = (x: Values, shape: readonly number[], source: (k: number, axis: number) => number): Values =>
  tabulate(shape, x.dtype, (p) => at(x, p.map(source)))
/** Sum over a of the products of elements whose labels agree. */
function einsum(
  operands: readonly Values[],
  inputs: readonly (readonly number[])[],
  output: readonly number[],
): Values {
  const extents = new Map<number, number>()
  operands.forEach((x, i) => inputs[i]!.forEach((l, axis) => extents.set(l, x.shape[axis]!)))
  const summed = [...extents.keys()].filter((l) => !output.includes(l))
  const inner = pointsOf(summed.map((l) => extents.get(l)!))
  const { dtype } = operands[0]!
  return tabulate(
    output.map((l) => extents.get(l)!),
    dtype,
    (p) => {
      // prettier-ignore
      const point = new Map(output.map((l, i) => [l, p[i]!]))
      const terms = inner.map((q) => {
        summed.forEach((l, i) => point.set(l, q[i]!))
        return operands.map((x, i) => at(x, inputs[i]!.map((l) => point.get(l)!))).reduce((u, v) => times(u, v, dtype)) // prettier-ignore
      })
      return total(terms)
    },
  )
}
const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i)
const diagonal = (x: Values, offset: number): Values => {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const cells = range(rows).filter((i) => i + offset >= 0 && i + offset < columns)
  return tabulate([...x.shape.slice(0, -2), cells.length], x.dtype, (p) => {
    const i = cells[p.at(-1)!]!
    return at(x, [...p.slice(0, -1), i, i + offset])
  })
}
/** The position in the operand that a border shows. */
const mirrored = (k: number, extent: number): number => (k < 0 ? -k : k >= extent ? 2 * (extent - 1) - k : k)

export const ARRAY_REFERENCE: { readonly [N in keyof typeof ARRAY_CASES]: Reference<N> } = {
  min: ([x], attrs) => reduced(x!, attrs, x!.dtype, smallest),
  argMin: ([x], attrs) =>
    reduced(x!, attrs, 'int32', (v) => v.findIndex((e) => (smallest(v) !== smallest(v) ? e !== e : e === smallest(v)))),
  any: ([x], attrs) => reduced(x!, attrs, 'bool', (v) => Number(v.some((e) => e !== 0))),
  all: ([x], attrs) => reduced(x!, attrs, 'bool', (v) => Number(v.every((e) => e !== 0))),
  prod: ([x], attrs) => reduced(x!, attrs, x!.dtype, (v) => v.reduce((a, b) => times(a, b, x!.dtype), 1)),
  logSumExp: ([x], attrs) =>
    reduced(x!, attrs, x!.dtype, (v) => {
      const m = largest(v)
      return Number.isFinite(m) ? m + Math.log(total(v.map((e) => Math.exp(e - m)))) : m
    }),
  variance: ([x], attrs) => reduced(x!, attrs, floatOf(x!), (v) => spread(v, attrs.correction)),
  std: ([x], attrs) => reduced(x!, attrs, x!.dtype, (v) => Math.sqrt(spread(v, attrs.correction))),
  norm: ([x], attrs) => reduced(x!, attrs, x!.dtype, (v) => Math.sqrt(total(v.map((e) => e * e)))),
  countNonZero: ([x], attrs) => reduced(x!, attrs, 'int32', (v) => v.filter((e) => e !== 0).length),
  l2Normalize: ([x], { axes, epsilon }) =>
    within(x!, axes, (row) => {
      const length = Math.sqrt(Math.max(total(row.map((v) => v * v)), epsilon))
      return (v) => v / length
    }),
  cosineSimilarity: (x, { axes }) =>
    overRows(x, axes[0]!, (a, b) => {
      const product = (p: number[], q: number[]): number => total(p.map((v, i) => v * q[i]!))
      return a.length === 0 ? 0 : product(a, b) / Math.sqrt(product(a, a) * product(b, b))
    }),
  slice: ([x], { start, step, size }) => moved(x!, size, (k, i) => start[i]! + step[i]! * k),
  pad: ([x], { before, after, value }) =>
    tabulate(
      x!.shape.map((d, i) => before[i]! + d + after[i]!),
      x!.dtype,
      (p) => {
        // prettier-ignore
        const source = p.map((k, i) => k - before[i]!)
        return source.every((k, i) => k >= 0 && k < x!.shape[i]!) ? at(x!, source) : value
      },
    ),
  concat: (parts, { axis }) => {
    const places = parts.flatMap((part, k) => range(part.shape[axis]!).map((i) => [k, i] as const))
    const shape = parts[0]!.shape.map((d, i) => (i === axis ? places.length : d))
    return tabulate(shape, parts[0]!.dtype, (p) => {
      const [k, i] = places[p[axis]!]!
      return at(parts[k]!, p.with(axis, i))
    })
  },
  stack: (parts, { axis }) => {
    const shape = [...parts[0]!.shape]
    shape.splice(axis, 0, parts.length)
    return tabulate(shape, parts[0]!.dtype, (p) => at(parts[p[axis]!]!, p.toSpliced(axis, 1)))
  },
  expandDims: ([x], { axes }) => {
    const shape = [...x!.shape]
    for (const axis of axes) shape.splice(axis, 0, 1)
    return same(x!, shape)
  },
  squeeze: ([x], { axes }) => same(x!, x!.shape.filter((_, i) => !axes.includes(i))), // prettier-ignore
  tile: ([x], { repeats }) => {
    const full = [...range(repeats.length - x!.shape.length).map(() => 1), ...x!.shape]
    return moved(same(x!, full), full.map((d, i) => d * repeats[i]!), (k, i) => k % full[i]!) // prettier-ignore
  },
  repeat: ([x], { count, axis }) =>
    moved(x!, x!.shape.with(axis, x!.shape[axis]! * count), (k, i) => (i === axis ? Math.floor(k / count) : k)),
  roll: ([x], { shift, axes }) =>
    moved(x!, x!.shape, (k, i) => {
      const by = axes.includes(i) ? shift[axes.indexOf(i)]! : 0
      return (((k - by) % x!.shape[i]!) + x!.shape[i]!) % x!.shape[i]!
    }),
  padBorder: ([x], { before, after, mode }) =>
    moved(
      x!,
      x!.shape.map((d, i) => before[i]! + d + after[i]!),
      (k, i) => {
        // prettier-ignore
        const [at, extent] = [k - before[i]!, x!.shape[i]!]
        return mode === 'edge' ? Math.min(Math.max(at, 0), extent - 1) : mirrored(at, extent)
      },
    ),
  dot: ([a, b]) => {
    const [p, q] = [a!.shape.length, b!.shape.length]
    if (p === 0 || q === 0) return pointwise((u, v) => u * v)([a!, b!])
    const right = q === 1 ? [100] : [...range(q - 2, 50), 100, 99]
    return einsum([a!, b!], [[...range(p - 1), 100], right], [...range(p - 1), ...right.filter((l) => l !== 100)])
  },
  outer: ([a, b]) => {
    const [p, q] = [a!.shape.length, b!.shape.length]
    return einsum([a!, b!], [range(p), range(q, p)], range(p + q))
  },
  tensordot: ([a, b], axes) => {
    const left = range(a!.shape.length)
    const right = range(b!.shape.length).map((i) => (axes.b.includes(i) ? axes.a[axes.b.indexOf(i)]! : 50 + i))
    const out = [...left.filter((l) => !axes.a.includes(l)), ...right.filter((l) => l >= 50)]
    return einsum([a!, b!], [left, right], out)
  },
  einsum: (operands, { inputs, output }) => einsum(operands, inputs, output),
  kron: ([a, b]) => {
    const rank = Math.max(a!.shape.length, b!.shape.length)
    const full = (x: Values): Values => same(x, [...range(rank - x.shape.length).map(() => 1), ...x.shape])
    const [p, q] = [full(a!), full(b!)]
    return tabulate(p.shape.map((d, i) => d * q.shape[i]!), a!.dtype, (k) => // prettier-ignore
      at(p, k.map((v, i) => Math.floor(v / q.shape[i]!))) * at(q, k.map((v, i) => v % q.shape[i]!))) // prettier-ignore
  },
  diagonal: ([x], { offset }) => diagonal(x!, offset),
  trace: ([x], { offset }) => {
    const d = diagonal(x!, offset)
    return reduced(d, { axes: [d.shape.length - 1], keepDims: false }, x!.dtype, total)
  },
  meanAbsoluteError: ([p, t]) =>
    tabulate([], p!.dtype, () => total([...p!.data].map((v, i) => Math.abs(v - t!.data[i]!))) / sizeOf(p!.shape)),
  sigmoidCrossEntropy: pointwise((z, y) => softplus(z) - y * z),
  binaryCrossEntropy: pointwise((p, y) => -(y * Math.log(clipped(p)) + (1 - y) * Math.log(1 - clipped(p)))),
  huber: (x, { delta }) =>
    pointwise((p, t) => {
      const d = Math.abs(p - t)
      return d <= delta ? d ** 2 / 2 : delta * (d - delta / 2)
    })(x),
  logCosh: pointwise((p, t) => Math.log(Math.cosh(p - t))),
  hinge: pointwise((p, y) => Math.max(1 - y * p, 0)),
  squaredHinge: pointwise((p, y) => Math.max(1 - y * p, 0) ** 2),
  klDivergence: (x) =>
    overRows(x, x[0]!.shape.length - 1, (q, p) => total(p.map((v, i) => xlogy(v, v) - xlogy(v, q[i]!)))),
  poisson: pointwise((p, t) => p - xlogy(t, p)),
  customGradient: ([value]) => value!,
}
