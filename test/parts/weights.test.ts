import * as loom from 'gradloom'
import { compile, entry, GraphError, tensor, type Tensor } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import type { PartConfig } from '../../src/ir/part'
import { constraintConfig, constraintNames, constraintOf } from '../../src/parts/constraints'
import { regularizerConfig, regularizerNames, regularizerOf } from '../../src/parts/regularizers'
import { checkComposed } from '../ops/function-case'
import { type Domain, one } from '../ops/operands'
import { at, pointsOf, tabulate, type Values } from '../ops/values'

type Reference = (w: Values) => Values
interface Row {
  readonly className: string
  readonly config: Readonly<Record<string, unknown>>
  readonly shapes: readonly (readonly number[])[]
  readonly domain?: Domain
  readonly reference: Reference
}

const scalar = (w: Values, value: number): Values => ({ shape: [], dtype: w.dtype, data: Float64Array.of(value) })
const total = (w: Values, f: (v: number) => number): number => w.data.reduce((sum, v) => sum + f(v), 0)
const ANY = [[], [5], [4, 3], [2, 3, 4], [0, 3], [17, 19]]

/** The mean of |cos| over the pairs of rows or columns, times the factor. */
const crossing =
  (factor: number, mode: 'rows' | 'columns'): Reference =>
  (w) => {
    const [along, across] = mode === 'rows' ? [0, 1] : [1, 0]
    const vectors = Array.from({ length: w.shape[along]! }, (_, i) =>
      Array.from({ length: w.shape[across]! }, (_, j) => at(w, mode === 'rows' ? [i, j] : [j, i])),
    )
    const cosines = vectors.flatMap((a, i) =>
      vectors.slice(0, i).map((b) => {
        const product = a.reduce((sum, v, k) => sum + v * b[k]!, 0)
        return Math.abs(product) / (Math.hypot(...a) * Math.hypot(...b))
      }),
    )
    return scalar(w, cosines.length === 0 ? 0 : (factor * cosines.reduce((a, b) => a + b, 0)) / cosines.length)
  }
/** Vectors of one element are left out: their gradient is 0 but for rounding. The last is a single vector. */
const ROWS = [[2, 3], [5, 4], [7, 9], [1, 3]] // prettier-ignore

const REGULARIZERS: readonly Row[] = [
  { className: 'L1', config: {}, shapes: ANY, domain: 'nonZero', reference: (w) => scalar(w, 0.01 * total(w, Math.abs)) },
  { className: 'L1', config: { l1: 0.5 }, shapes: ANY, domain: 'nonZero', reference: (w) => scalar(w, total(w, Math.abs) / 2) },
  { className: 'L2', config: {}, shapes: ANY, reference: (w) => scalar(w, 0.01 * total(w, (v) => v * v)) },
  { className: 'L2', config: { l2: 0.5 }, shapes: ANY, reference: (w) => scalar(w, total(w, (v) => v * v) / 2) },
  { className: 'L1L2', config: {}, shapes: ANY, reference: (w) => scalar(w, 0) },
  ...[[0.5, 0], [0, 0.25], [0.5, 0.25]].map(([l1, l2]): Row => ({
    className: 'L1L2',
    config: { l1, l2 },
    shapes: ANY,
    domain: 'nonZero',
    reference: (w) => scalar(w, total(w, (v) => l1! * Math.abs(v) + l2! * v * v)),
  })),
  { className: 'OrthogonalRegularizer', config: {}, shapes: ROWS, reference: crossing(0.01, 'rows') },
  { className: 'OrthogonalRegularizer', config: { factor: 2, mode: 'columns' }, shapes: ROWS.map((shape) => shape.toReversed()), reference: crossing(2, 'columns') },
] // prettier-ignore

/** Norms over axes instead of others, by a function of each norm. */
const rescaled =
  (axis: readonly number[], desired: (norm: number) => number): Reference =>
  (w) =>
    tabulate(w.shape, w.dtype, (p) => {
      const line = [...pointsOf(w.shape)].filter((q) => q.every((i, k) => axis.includes(k) || i === p[k]))
      const norm = Math.hypot(...line.map((q) => at(w, q)))
      return (at(w, p) * desired(norm)) / (norm + 1e-7)
    })
const clip = (v: number, low: number, high: number): number => Math.min(Math.max(v, low), high)
const KERNELS = [[5], [4, 3], [2, 3, 4], [7, 9]]
const FILTERS = [
  [3, 3, 2, 4],
  [1, 2, 3, 2],
]
const all = [0, 1, 2]

const CONSTRAINTS: readonly Row[] = [
  { className: 'MaxNorm', config: {}, shapes: KERNELS, reference: rescaled([0], (n) => Math.min(n, 2)) },
  { className: 'MaxNorm', config: { maxValue: 0.5, axis: all }, shapes: FILTERS, reference: rescaled(all, (n) => Math.min(n, 0.5)) },
  { className: 'NonNeg', config: {}, shapes: ANY, domain: 'nonZero', reference: (w) => tabulate(w.shape, w.dtype, (p) => Math.max(at(w, p), 0)) },
  { className: 'UnitNorm', config: {}, shapes: KERNELS, reference: rescaled([0], () => 1) },
  { className: 'UnitNorm', config: { axis: all }, shapes: FILTERS, reference: rescaled(all, () => 1) },
  { className: 'MinMaxNorm', config: {}, shapes: KERNELS, reference: rescaled([0], (n) => Math.min(n, 1)) },
  {
    className: 'MinMaxNorm',
    config: { minValue: 2, maxValue: 2.5, rate: 0.25, axis: 1 },
    shapes: [[4, 3], [7, 9]],
    reference: rescaled([1], (n) => clip(n, 2, 2.5) / 4 + (n * 3) / 4),
  },
] // prettier-ignore

const KINDS = [
  {
    kind: 'regularizer',
    rows: REGULARIZERS,
    names: regularizerNames,
    of: regularizerOf as (id: unknown) => ((w: Tensor) => Tensor) & Partial<PartConfig>,
    config: regularizerConfig as (part: unknown) => PartConfig | null,
  },
  {
    kind: 'constraint',
    rows: CONSTRAINTS,
    names: constraintNames,
    of: constraintOf as (id: unknown) => ((w: Tensor) => Tensor) & Partial<PartConfig>,
    config: constraintConfig as (part: unknown) => PartConfig | null,
  },
] as const

describe.each(KINDS)('a $kind', ({ kind, rows, names, of, config }) => {
  describe.each(rows)('$className $config', (row) => {
    const { className, shapes, domain, reference } = row
    const id = { className, config: row.config }
    it.each(shapes.map((shape) => [JSON.stringify(shape), shape] as const))(
      'of %s, value and gradients',
      (_, shape) => {
        checkComposed({ ...one(shape, of(id), domain), reference })
      },
    )

    it('is made again from its config', () => {
      const written = JSON.parse(JSON.stringify(config(of(id)))) as PartConfig
      expect(written.className).toBe(className)
      expect(written.config).toMatchObject(row.config)
      expect(config(of(written))).toEqual(written)
      const [shape] = shapes
      if (shape) checkComposed({ ...one(shape, of(written), domain), reference, differentiable: false })
    })
  })

  it('is of a class of Keras, every one of which is here', () => {
    expect([...new Set(rows.map((r) => r.className))].sort()).toEqual([...names].sort())
    for (const name of names) {
      const snake = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
      expect(config(of(snake))!.className).toBe(name)
    }
  })

  it('may be none, or a function of the user, which cannot be saved', () => {
    for (const none of [null, undefined]) {
      expect(of(none)).toBeUndefined()
      expect(config(of(none))).toBeNull()
    }
    const own = (w: Tensor): Tensor => w
    expect(of(own)).toBe(own)
    expect(() => config(own)).toThrow(`${kind}: a function of one's own cannot be saved`)
    expect(() => of('none')).toThrow(`there is no ${kind} "none"; known are ${names.join(', ')}`)
    expect(() => of([])).toThrow(`${kind}: must be a name, a function or { className, config }, it is []`)
  })
})

test('a constraint keeps the dtype, and zeros stay zeros with a finite gradient', () => {
  for (const target of ['js', 'wasm'] as const)
    for (const name of constraintNames) {
      const program = compile(
        entry({ w: tensor([2, 2], 'float64') }, ({ w }) => {
          const y = constraintOf(name)!(w)
          return { outputs: { y, g: loom.grad(loom.sum(y), [w])[0] } }
        }),
        { target, threads: 1 },
      )
      const { y, g } = program({ w: new Float64Array(4) })
      expect(y, name).toEqual(new Float64Array(4))
      expect(y).toBeInstanceOf(Float64Array)
      expect(Array.from(g as unknown as Float64Array).every(Number.isFinite), name).toBe(true)
    }
})

test.each<[string, () => unknown]>([
  ['l1: l1 must be a finite number from 0, it is -1', () => loom.l1({ l1: -1 })],
  ['l2: l2 must be a finite number from 0, it is NaN', () => loom.l2({ l2: NaN })],
  ['l1l2: l1 must be a finite number from 0, it is Infinity', () => loom.l1l2({ l1: Infinity })],
  ['l1: unknown option "l2"; known are l1', () => loom.l1({ l2: 1 } as object)],
  ['mode must be one of rows, columns, it is "row"', () => loom.orthogonalRegularizer({ mode: 'row' as 'rows' })],
  ['a matrix is needed, the shape is [2, 2, 2]', () => loom.orthogonalRegularizer()(loom.fill([2, 2, 2], 1))],
  ['maxNorm: maxValue must be a finite number from 0, it is -1', () => loom.maxNorm({ maxValue: -1 })],
  ['maxNorm: axis 2 is out of range for shape [2, 2]', () => loom.maxNorm({ axis: 2 })(loom.fill([2, 2], 1))],
  ['minValue must not be above maxValue, they are 2 and 1', () => loom.minMaxNorm({ minValue: 2 })],
  ['minMaxNorm: rate must be a number from 0 to 1, it is 1.5', () => loom.minMaxNorm({ rate: 1.5 })],
  ['nonNeg: unknown option "axis"; it has none', () => loom.nonNeg({ axis: 1 })],
])('is refused: %s', (message, make) => {
  expect(make).toThrow(GraphError)
  expect(make).toThrow(message)
})
