import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, type Inputs, VARIANTS } from './cases'

type Floats = 'float32' | 'float64'
type Nested = number | readonly Nested[]
type Graph = (xs: Record<string, Tensor>) => Record<string, Tensor>
const MASKS: DTypes = { inside: 'bool', per: 'bool' }
const VARIANT_NAMES = Object.keys(VARIANTS) as (keyof typeof VARIANTS)[]
const BOTH: readonly Floats[] = ['float32', 'float64']
const { add, div, exp, flip, grad, log, max, maximum, mul, neg, pow, relu, reshape, sqrt, sum, where } = loom
const { inf, nan } = { inf: Infinity, nan: NaN }

const rows = (...of: readonly (readonly number[])[]): Nested => of
const shapeOf = (v: Nested): number[] => (typeof v === 'number' ? [] : [v.length, ...shapeOf(v[0]!)])
const flat = (v: Nested): number[] => (typeof v === 'number' ? [v] : v.flatMap(flat))
const number = (value: number, like: Tensor): Tensor => loom.constant(value, { dtype: like.dtype })

type DTypes = Readonly<Record<string, DType>>
/** A graph in several variants, to be run on feeds of one shape. Inputs that `dtypes` does not name are floats. */
function compiled(floats: Floats, like: Record<string, Nested>, graph: Graph, dtypes: DTypes, names = VARIANT_NAMES) {
  const inputs: Record<string, Inputs[string]> = {}
  for (const [name, v] of Object.entries(like)) inputs[name] = { shape: shapeOf(v), dtype: dtypes[name] ?? floats }
  return names.map((variant) => {
    const ran = build(inputs, (xs) => ({ outputs: graph(xs) }), VARIANTS[variant])
    const run = (feeds: Record<string, Nested>): Record<string, number[]> => {
      const results = ran.run(Object.fromEntries(Object.entries(feeds).map(([name, v]) => [name, flat(v)])))
      return Object.fromEntries(Object.entries(results).map(([name, v]) => [name, Array.from<number>(v)]))
    }
    return { label: `${variant} ${floats}`, run }
  })
}

/** The results are these numbers, NaN for NaN and the sign of zeros included, in both floats and every variant. */
function expectEverywhere(
  feeds: Record<string, Nested>,
  graph: Graph,
  expected: Record<string, readonly number[]>,
  dtypes: DTypes = {},
): void {
  for (const floats of BOTH)
    for (const { label, run } of compiled(floats, feeds, graph, dtypes)) expect(run(feeds), label).toEqual(expected)
}

function expectNear(actual: readonly number[], expected: readonly number[], relative: number, label: string): void {
  expect(actual.length, label).toBe(expected.length)
  actual.forEach((a, i) => {
    const error = Math.abs(a - expected[i]!)
    if (!(error <= relative * Math.abs(expected[i]!))) expect.fail(`${label}[${i}] is ${a} instead of ${expected[i]}`)
  })
}

/** NaN at a position of a row that is long enough for several accumulators. */
const withNaN = (position: number): number[] => Array.from({ length: 37 }, (_, i) => (i === position ? nan : i % 7))

describe('NaN and infinities', () => {
  type Row = [feeds: Record<string, Nested>, graph: (x: Tensor, y: Tensor) => Tensor, expected: number[]]
  const table: Record<string, Row> = {
    relu: [{ x: [nan, -1, 2, inf, -inf] }, (x) => relu(x), [nan, 0, 2, inf, 0]],
    maximum: [{ x: [nan, 1, nan, -inf, inf], y: [1, nan, nan, 2, nan] }, maximum, [nan, nan, nan, 2, nan]],
    'max of nothing but -Infinity': [{ x: [-inf, -inf] }, (x) => max(x), [-inf]],
    'max, NaN in the middle': [{ x: withNaN(18) }, (x) => max(x), [nan]],
    'max, NaN last': [{ x: withNaN(36) }, (x) => max(x), [nan]],
    'max along rows': [{ x: rows(withNaN(0), withNaN(36), withNaN(40)) }, (x) => max(x, { axis: 1 }), [nan, nan, 6]],
    'max down columns': [{ x: rows([1, nan, 2], [nan, 5, 3]) }, (x) => max(x, { axis: 0 }), [nan, nan, 3]],
    argMax: [{ x: [1, nan, 3, nan] }, (x) => loom.argMax(x), [1]],
    'argMax, NaN last': [{ x: withNaN(36) }, (x) => loom.argMax(x), [36]],
    'argMax, ties': [{ x: [1, 3, 3, 2] }, (x) => loom.argMax(x), [1]],
    'argMax of nothing but -Infinity': [{ x: [-inf, -inf] }, (x) => loom.argMax(x), [0]],
    'sum of infinities': [{ x: [inf, 1, -inf] }, (x) => sum(x), [nan]],
    mean: [{ x: withNaN(20) }, (x) => loom.mean(x), [nan]],
    'signs of zeros': [{ x: [0, -0] }, (x) => div(number(1, x), neg(x)), [-inf, inf]],
    'sqrt of zeros': [{ x: [0, -0] }, sqrt, [0, -0]],
    'log and sqrt outside': [{ x: [-1, 0] }, (x) => add(log(x), sqrt(x)), [nan, -inf]],
    'pow to 0': [{ x: [nan, 0, inf] }, (x) => pow(x, 0), [1, 1, 1]],
    'exp of infinities': [{ x: [inf, -inf, nan] }, exp, [inf, 0, nan]],
    'cast to int32': [{ x: [nan, inf, -1.5, 3e9, -0.5] }, (x) => loom.cast(x, 'int32'), [0, 0, -1, 3e9 - 2 ** 32, 0]],
    'cast to uint8': [{ x: [nan, inf, -1.5, 3e9, 255.9] }, (x) => loom.cast(x, 'uint8'), [0, 0, 255, 0, 255]],
    'cast to bool': [{ x: [nan, -0, 1e-30] }, (x) => loom.cast(x, 'bool'), [1, 0, 1]],
    'tanh and sigmoid': [{ x: [inf, -inf, nan] }, (x) => add(loom.tanh(x), loom.sigmoid(x)), [2, -1, nan]],
  }
  it.each(Object.entries(table))('%s', (_, [feeds, graph, expected]) =>
    expectEverywhere(feeds, ({ x, y }) => ({ y: graph(x!, y!) }), { y: expected }),
  )
})

describe('comparisons', () => {
  const x = [nan, 1, nan, 0, inf, -inf, 1]
  const y = [nan, nan, 1, -0, inf, inf, 2]
  it.each([
    ['less', [0, 0, 0, 0, 0, 1, 1]],
    ['lessEqual', [0, 0, 0, 1, 1, 1, 1]],
    ['greater', [0, 0, 0, 0, 0, 0, 0]],
    ['greaterEqual', [0, 0, 0, 1, 1, 0, 0]],
    ['equal', [0, 0, 0, 1, 1, 0, 0]],
    ['notEqual', [1, 1, 1, 0, 0, 1, 1]],
  ] as const)('%s', (name, expected) =>
    expectEverywhere({ x, y }, (xs) => ({ c: loom[name](xs['x']!, xs['y']!) }), { c: expected }),
  )

  it('of bools hold whether they were fed or computed', () => {
    const feeds = { a: [0, 0, 1, 1], b: [0, 1, 0, 1], c: [1, 1, 1, 1] }
    const graph: Graph = ({ a, b, c }) => ({
      or: loom.equal(maximum(a!, b!), c!),
      add: loom.equal(add(a!, b!), c!),
      and: loom.notEqual(mul(a!, b!), c!),
      any: loom.equal(max(a!), c!),
    })
    const expected = { or: [0, 1, 1, 1], add: [0, 1, 1, 1], and: [1, 1, 1, 0], any: [1, 1, 1, 1] }
    expectEverywhere(feeds, graph, expected, { a: 'bool', b: 'bool', c: 'bool' })
  })
})

describe('gradients at ties', () => {
  const gradients = (feeds: Record<string, Nested>, f: (x: Tensor, y: Tensor) => Tensor, ...expected: number[][]) => {
    const by = Object.keys(feeds)
    const graph: Graph = (xs) => {
      const d = grad(sum(f(xs['x']!, xs['y']!)), by.map((name) => xs[name]!)) // prettier-ignore
      return Object.fromEntries(by.map((name, i) => [name, add(d[i]!, number(0, d[i]!))]))
    }
    expectEverywhere(feeds, graph, Object.fromEntries(by.map((name, i) => [name, expected[i]!])))
  }
  it('max shares', () => gradients({ x: [2, 5, 5, 1, 5, 5] }, (x) => max(x), [0, 0.25, 0.25, 0, 0.25, 0.25]))
  it('max shares in each column', () =>
    gradients({ x: rows([1, 2], [1, 0]) }, (x) => max(x, { axis: 0 }), [0.5, 1, 0.5, 0]))
  it('maximum gives all to the first', () => gradients({ x: [1, 2, 0], y: [1, 1, -0] }, maximum, [1, 1, 1], [0, 0, 0]))
  it('relu has none at 0', () => gradients({ x: [0, -0, 1, -1] }, (x) => relu(x), [0, 0, 1, 0]))
  it('where takes the branch', () =>
    gradients({ x: [nan, 1, -inf], y: [2, nan, 3] }, (x, y) => where(loom.less(x, y), x, y), [0, 0, 1], [1, 1, 0]))
})

describe('a branch that is not taken leaves no trace', () => {
  /** Functions with bad points, where value, slope or curvature is infinite or undefined. */
  const functions: Record<string, [f: (x: Tensor) => Tensor, bad: readonly number[]]> = {
    sqrt: [sqrt, [0, -1, -0]],
    log: [log, [0, -1, nan]],
    'pow 0.5': [(x) => pow(x, 0.5), [0, -1, -inf]],
    'pow 1.5': [(x) => pow(x, 1.5), [0, -1, nan]],
    'pow -1': [(x) => pow(x, -1), [0, -0, nan]],
    '1 / x': [(x) => div(number(1, x), x), [0, -0, nan]],
    'x / x': [(x) => div(x, x), [0, inf, nan]],
    'exp(exp(x))': [(x) => exp(exp(x)), [1000, inf, nan]],
    'log(sqrt(x))': [(x) => log(sqrt(x)), [0, -1, -0]],
    'sqrt(x * x * x)': [(x) => sqrt(mul(mul(x, x), x)), [0, -0, inf]],
  }
  /** Ways from f(x) to the selection; x is [2, 3], its first row is inside. `per` has one condition for each row. */
  const views: Record<string, (y: Tensor, inside: Tensor, per: Tensor) => Tensor> = {
    'nothing between': (y, inside) => where(inside, y, 0),
    'the other branch': (y, inside) => where(loom.equal(inside, number(0, inside)), 0, y),
    reshape: (y, inside) => where(reshape(inside, [3, 2]), reshape(y, [3, 2]), 0),
    transpose: (y, inside) => where(loom.transpose(inside), loom.transpose(y), 0),
    'transpose under a mask of lower rank': (y, _, per) => where(per, loom.transpose(y), 0),
    'flip under a mask of lower rank': (y, _, per) => where(per, flip(loom.transpose(y), 0), 0),
    'reshape under a mask of lower rank': (y, _, per) =>
      where(per, loom.transpose(reshape(y, [2, 3, 1]), [1, 2, 0]), 0),
    'reshape under a mask with extents of 1': (y, _, per) => where(reshape(per, [2, 1, 1]), reshape(y, [2, 3, 1]), 0),
    flip: (y, inside) => where(flip(inside), flip(y), 0),
    sum: (y, _, per) => where(per, sum(y, { axis: 1 }), 0),
    'sum with kept axes': (y, _, per) => where(reshape(per, [2, 1]), sum(y, { axis: 1, keepDims: true }), 0),
    mean: (y, _, per) => where(per, loom.mean(y, { axis: 1 }), 0),
    'another pointwise op': (y, inside) => where(inside, mul(add(y, 1), number(2, y)), 0),
    'two selections': (y, inside) => where(inside, where(inside, y, 1), 0),
  }
  const good = [1.5, 2, 0.75]
  const cases = Object.keys(functions).flatMap((f) => Object.keys(views).map((view) => ({ f, view })))
  it.each(cases)('$f, $view', ({ f, view }) => {
    const [fn, bad] = functions[f]!
    const graph: Graph = ({ x, inside, per, v }) => {
      const y = views[view]!(fn(x!), inside!, per!)
      const [g] = grad(sum(y), [x!])
      const [h] = grad(sum(mul(g, v!)), [x!], { disconnected: 'zeros' })
      return { y, g, h }
    }
    const feeds = {
      x: rows(good, bad),
      v: rows([1, -2, 3], [4, 5, 6]),
      inside: rows([1, 1, 1], [0, 0, 0]),
      per: [1, 0],
    }
    const tame = { ...feeds, x: rows(good, good) }
    const some = compiled('float64', feeds, graph, MASKS, ['fast', 'unfused'])
    for (const { label, run } of [...some, ...compiled('float32', feeds, graph, MASKS, ['plain'])]) {
      const [expected, results] = [run(tame), run(feeds)]
      for (const name of ['y', 'g', 'h']) expectNear(results[name]!, expected[name]!, 1e-5, `${label} ${name}`)
      for (const name of ['g', 'h']) expect(results[name]!.slice(3).map(Math.abs), name).toEqual([0, 0, 0])
    }
  })
})

describe('softmax and cross-entropy far out', () => {
  const far = rows([1000, -1000, 0], [1e4, 1e4, -1e4], [-1e4, 1e4, 1e4 - 1])
  const e = Math.exp(-1)
  const tail = Math.log1p(e)
  const labels = [1, 2, 2]
  const hot = rows([0, 1, 0], [0, 0, 1], [0, 0, 1])
  it('have exact values, gradients and second gradients', () => {
    const graph: Graph = ({ x, k, t, v }) => {
      const losses = {
        sparse: loom.sparseSoftmaxCrossEntropy(x!, k! as never),
        dense: loom.softmaxCrossEntropy(x!, t!),
      }
      const second = Object.entries({
        ...losses,
        soft: mul(loom.softmax(x!), v!),
        logSoft: mul(loom.logSoftmax(x!), v!),
      })
      const curves = second.map(
        ([name, y]) => [`h_${name}`, grad(sum(mul(grad(sum(y), [x!])[0], v!)), [x!])[0]] as const,
      )
      const slopes = Object.entries(losses).map(([name, y]) => [`g_${name}`, grad(sum(y), [x!])[0]] as const)
      return {
        soft: loom.softmax(x!),
        logSoft: loom.logSoftmax(x!),
        ...losses,
        ...Object.fromEntries([...slopes, ...curves]),
      }
    }
    const v = rows([1, 2, -1], [0.5, -1, 1], [1, 1, 2])
    const soft = [1, 0, 0, 0.5, 0.5, 0, 0, 1 / (1 + e), e / (1 + e)]
    const slopes = [1, -1, 0, 0.5, 0.5, -1, 0, 1 / (1 + e), e / (1 + e) - 1]
    const losses = [2000, 2e4 + Math.log(2), 1 + tail]
    for (const floats of BOTH) {
      const relative = floats === 'float32' ? 2e-6 : 1e-12
      const feeds = { x: far, k: labels, t: hot, v }
      for (const { label, run } of compiled(floats, feeds, graph, { k: 'int32' })) {
        const results = run(feeds)
        expectNear(results['soft']!, soft, relative, `${label} softmax`)
        const shifted = [0, -2000, -1000, -Math.log(2), -Math.log(2), -2e4 - Math.log(2), -2e4 - tail, -tail, -1 - tail]
        expectNear(results['logSoft']!, shifted, relative, `${label} logSoftmax`)
        for (const loss of ['sparse', 'dense']) {
          expectNear(results[loss]!, losses, relative, `${label} ${loss}`)
          expectNear(results[`g_${loss}`]!, slopes, relative, `${label} gradient of ${loss}`)
        }
        // Softmax is flat in the first row, and the losses' curvature is that of log(sum(exp)).
        for (const name of ['sparse', 'dense', 'soft', 'logSoft']) {
          expect(results[`h_${name}`]!.every(Number.isFinite), `${label} ${name}`).toBe(true)
          expectNear(results[`h_${name}`]!.slice(0, 3).map(Math.abs), [0, 0, 0], 0, `${label} ${name}`)
        }
        const p = e / (1 + e) ** 2
        expectNear(results['h_sparse']!.slice(6), [0, -p, p], 1e-5, `${label} curvature`)
      }
    }
  })

  it('a class of weight 0 may have a logit of -Infinity', () => {
    const graph: Graph = ({ x, t }) => ({ y: loom.softmaxCrossEntropy(x!, t!) })
    expectEverywhere({ x: [3, -inf, 3], t: [1, 0, 0] }, (xs) => ({ y: exp(graph(xs)['y']!) }), { y: [2] })
  })
})

describe.each(Object.entries(VARIANTS))('one condition for all lanes of a vector, %s', (_, options) => {
  it.each(['sin', 'cos', 'tan', 'exp', 'log1p', 'tanh', 'abs', 'floor'] as const)('under %s of float64', (name) => {
    const ran = build(
      { x: { shape: [3, 5], dtype: 'float64' } },
      ({ x }) => {
        const turned = loom.concat([loom.slice(x!, [{ start: 1 }]), loom.slice(x!, [{ end: 1 }])], { axis: 0 })
        return { outputs: { total: loom.sum(loom[name](turned), { axis: 0 }) } }
      },
      options,
    )
    const x = Array.from({ length: 15 }, (_, i) => i / 4)
    const { total } = ran.run({ x })
    total!.forEach((v, j) =>
      expect(v).toBeCloseTo(
        [0, 5, 10].reduce((sum, i) => sum + Math[name](x[i + j]!), 0),
        12,
      ),
    )
  })
})
