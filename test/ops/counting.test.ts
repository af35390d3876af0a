import * as loom from 'gradloom'
import { bincount, compile, digitize, entry, FeedError, GraphError, histogram, isIn, searchSorted, tensor, type Tensor } from 'gradloom' // prettier-ignore
import { describe, expect, it } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { checkComposed } from './function-case'
import { type Body, build, operand, randomNumbers, VARIANTS } from './operands'
import { tabulate, type Values } from './values'

const variants = Object.entries(VARIANTS)
const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const float = (shape: readonly number[]) => ({ shape, dtype: 'float32' as const })
const pointwise =
  (dtype: 'int32' | 'bool', f: (v: number) => number) =>
  (x: Values): Values => ({
    ...x,
    dtype,
    data: x.data.map(f),
  })

/** A function of one operand in every variant. */
function everywhere(
  x: readonly number[],
  of: (x: Tensor) => Record<string, Tensor>,
  wanted: Readonly<Record<string, readonly number[]>>,
  dtype: loom.DType = 'float64',
): void {
  for (const [label, options] of variants) {
    const ran = build({ x: { shape: [x.length], dtype } }, ({ x }) => ({ outputs: of(x!) }), options)
    const results = Object.entries(ran.run({ x })).map(([name, v]) => [name, Array.from<number>(v)] as const)
    expect(Object.fromEntries(results), label).toEqual(wanted)
  }
}

describe('searchSorted', () => {
  it('takes NaN for the largest, zeros for equal and numbers as they are', () => {
    const line = loom.constant([-inf, -1, 0, 0, 2, inf, nan], { dtype: 'float64' })
    const x = [-inf, -1, -0, 0, 1, 2, inf, nan, -2]
    everywhere(x, (x) => ({ left: searchSorted(line, x), right: searchSorted(line, x, { side: 'right' }) }), {
      left: [0, 1, 2, 2, 4, 4, 5, 6, 1],
      right: [1, 2, 4, 4, 4, 5, 6, 7, 1],
    })
    everywhere([1, 2, 4], (x) => ({ y: searchSorted(x, 2, { side: 'right' }) }), { y: [2] })
  })

  it('finds its place among many, computed there and then', () => {
    const random = randomNumbers(8)
    const line = Array.from({ length: 1000 }, () => Math.fround(random())).sort((a, b) => a - b)
    const x = Array.from({ length: 300 }, () => Math.fround(random()))
    for (const [label, options] of variants) {
      const of: Body = ({ line, x }) => ({ outputs: { y: loom.mul(searchSorted(line!, loom.mul(x!, 2)), 2) } })
      const { y } = build({ line: float([1000]), x: float([300]) }, of, options).run({ line, x })
      expect([...y!], label).toEqual(x.map((v) => 2 * line.filter((w) => w < Math.fround(2 * v)).length))
    }
  })
})

describe('digitize', () => {
  it.each([false, true])('as NumPy numbers the bins, right %s', (right) => {
    const bins = [-1, 0, 0, 1.5]
    const below = (v: number): number => bins.filter((b) => (right ? b < v : b <= v)).length
    for (const of of [
      (x: Tensor) => digitize(x, bins, { right }),
      (x: Tensor) => digitize(x, loom.constant(bins, { dtype: x.dtype as 'float64' }), { right }),
    ])
      // prettier-ignore
      checkComposed({ inputs: [operand([3, 7])], build: of, reference: pointwise('int32', below) })
    for (const [domain, dtype] of [['integer', 'int32'], [3, 'uint8']] as const)
      checkComposed({ inputs: [operand([3, 7], domain, dtype)], build: (x) => digitize(x, bins, { right }), reference: pointwise('int32', below) }) // prettier-ignore
  })
})

describe('isIn', () => {
  const some = [3, -1, 2, 2, 0.5]
  const many = Array.from({ length: 40 }, (_, i) => ((7 * i) % 41) - 20)
  it.each([{ values: some }, { values: many }, { values: [] }, { values: [2] }])('one of $values', ({ values }) => {
    for (const invert of [false, true]) {
      const reference = pointwise('bool', (v) => Number(values.includes(v) !== invert))
      for (const [domain, dtype] of [
        ['integer', undefined],
        ['integer', 'int32'],
        [100, 'uint8'],
      ] as const) {
        const inputs = [operand([4, 9], domain, dtype)]
        checkComposed({ inputs, build: (x) => isIn(x, values, { invert }), reference })
        const line = (): Tensor => loom.reshape(loom.constant([...values, ...values]), [2, values.length])
        if (dtype === undefined)
          checkComposed({ inputs, build: (x) => isIn(x, loom.cast(line(), x.dtype), { invert }), reference })
      }
    }
  })
  it('compares integers exactly, and NaN with nothing', () => {
    everywhere([2 ** 24 + 1, 2 ** 24], (x) => ({ y: isIn(x, [2 ** 24]) }), { y: [0, 1] }, 'int32')
    const long = [...many, nan, inf]
    everywhere([nan, inf, 1, 0.5, 100], (x) => ({ a: isIn(x, [nan, 1]), b: isIn(x, long), c: isIn(x, [nan], { invert: true }) }), { a: [0, 0, 1, 0, 0], b: [0, 1, 1, 0, 0], c: [1, 1, 1, 1, 1] }) // prettier-ignore
  })
})

describe.each(variants)('bincount, %s', (_, options) => {
  it('says which number is out of range', () => {
    const net = compile(
      entry({ x: tensor([3], 'int32'), w: tensor([3]) }, ({ x, w }) => {
        const y = bincount(x, { length: 4, weights: loom.square(w) })
        return { outputs: { n: bincount(x, { length: 4 }), y, g: loom.grad(loom.sum(loom.square(y)), [w])[0] } }
      }),
      options,
    )
    const { n, y, g } = net({ x: [3, 1, 3], w: [1, 2, 3] })
    expect([n, y, g].map((v) => Array.from(v as ArrayLike<number>))).toEqual([[0, 1, 0, 2], [0, 4, 0, 10], [40, 32, 120]]) // prettier-ignore
    for (const wrong of [4, -1, 2 ** 31 - 1])
      expectFault(() => net({ x: [0, wrong, 0], w: [1, 2, 3] }), FeedError, '"x"', `${wrong} at position 1`, 'bincount', '0 to 3') // prettier-ignore
    const computed = compile(
      entry({ x: tensor([3], 'int32') }, ({ x }) => ({ outputs: { n: bincount(loom.mul(x, 2), { length: 4 }) } })),
      options,
    )
    expectFault(() => computed({ x: [0, 2, 3] }), FeedError, 'mul', 'bincount', '0 to 3', '(2 cases)')
  })
})

describe('histogram', () => {
  /** NumPy's rule, edge by edge. */
  function counted(x: readonly number[], edges: readonly number[]): number[] {
    return edges.slice(1).map((end, i) => {
      const isLast = i === edges.length - 2
      return x.filter((v) => v >= edges[i]! && (v < end || (isLast && v === end))).length
    })
  }
  const random = randomNumbers(6)
  const x = [...Array.from({ length: 200 }, () => Math.fround(8 * random() - 4)), -4, 4, 0, 1, -1, inf, -inf, nan]

  it.each([1, 2, 7, 10])('of %i bins in a range', (bins) => {
    for (const range of [
      [-4, 4],
      [0, 1],
      [-0.3, 2.7],
      [5, 6],
      [1, 1],
    ] as const) {
      const [low, high] = range[0] === range[1] ? [range[0] - 0.5, range[1] + 0.5] : range
      for (const dtype of ['float32', 'float64'] as const) {
        const rounded = (v: number): number => (dtype === 'float32' ? Math.fround(v) : v)
        const edges = Array.from({ length: bins + 1 }, (_, i) => rounded(i === bins ? high : low + (i * (high - low)) / bins)) // prettier-ignore
        everywhere(x, (x) => ({ ...histogram(x, { bins, range }) }), { counts: counted(x, edges), edges }, dtype)
      }
    }
  })

  it('from the smallest to the largest element', () => {
    const finite = x.filter(Number.isFinite)
    for (const [label, options] of variants) {
      const ran = build({ x: { shape: [5, 41], dtype: 'float64' } }, ({ x }) => ({ outputs: { ...histogram(x!, { bins: 6 }) } }), options) // prettier-ignore
      const { counts, edges } = ran.run({ x: finite })
      expect([edges![0], edges![6]], label).toEqual([-4, 4])
      edges!.forEach((e, i) => expect(e).toBeCloseTo(-4 + (i * 8) / 6, 12))
      expect([...counts!], label).toEqual(counted(finite, [...edges!]))
      expect(Array.from<number>(counts!).reduce((a, b) => a + b, 0)).toBe(finite.length)
    }
    everywhere([2, 2, 2], (x) => ({ ...histogram(x, { bins: 2 }) }), { counts: [0, 3], edges: [1.5, 2, 2.5] })
    everywhere([1, 2, 4], (x) => ({ ...histogram(x, { bins: 3 }) }), { counts: [1, 1, 1], edges: [1, 2, 3, 4] }, 'int32') // prettier-ignore
    everywhere([], (x) => ({ ...histogram(x, { bins: 2 }) }), { counts: [0, 0], edges: [0, 0.5, 1] })
    const most = Math.fround(3e38)
    everywhere([-most, 1, most], (x) => ({ ...histogram(x, { bins: 2 }) }), { counts: [1, 2], edges: [-most, 0, most] }, 'float32') // prettier-ignore
    everywhere([1, nan], (x) => ({ ...histogram(x, { bins: 1 }) }), { counts: [0], edges: [nan, nan] })
  })
})

describe('what cannot be is refused where it is written', () => {
  const input = (name: string, shape: readonly number[], dtype: loom.DType = 'float32'): Tensor =>
    makeInput(name, { shape, dtype })
  const [x, i] = [input('x', [2, 3]), input('i', [4], 'int32') as loom.Indices]
  // prettier-ignore
  const rows: readonly (readonly [what: string, call: () => unknown, parts: readonly string[]])[] = [
    ['a scalar to search in', () => searchSorted(input('s', []), x), ['searchSorted', 'one line [n]', '"s"']],
    ['lines of other batches', () => searchSorted(input('s', [3, 3]), x), ['searchSorted', '[3, 3]', '[2, 3]', '"s"']],
    ['floats that do not mix', () => searchSorted(input('s', [3], 'float64'), x), ['searchSorted', 'float64[3]', 'cast']],
    ['no side', () => searchSorted(input('s', [3]), x, { side: 'middle' as never }), ['searchSorted', 'middle']],
    ['bins that fall', () => digitize(x, [1, 3, 2]), ['digitize', 'rise', '2 at position 2', '"x"']],
    ['a bin that is no number', () => digitize(x, [1, nan]), ['digitize', 'NaN at position 1']],
    ['bins of two axes', () => digitize(x, input('b', [2, 3])), ['digitize', '[m]', '"b"']],
    ['no tensor', () => isIn([1] as never, [1]), ['isIn', 'expected a tensor']],
    ['floats to count', () => bincount(x as never, { length: 3 }), ['bincount', 'int32 or uint8', 'float32[2, 3]', 'cast']],
    ['a scalar to count', () => bincount(input('s', [], 'int32') as loom.Indices, { length: 3 }), ['bincount', 'scalar']],
    ['a length of 0', () => bincount(i, { length: 0 }), ['bincount', 'length', 'from 1', '0']],
    ['no length', () => bincount(i, {} as never), ['bincount', 'length', 'undefined']],
    ['weights of another shape', () => bincount(i, { length: 3, weights: x }), ['bincount', '[2, 3]', '[4]', '"x"']],
    ['weights that are bools', () => bincount(i, { length: 3, weights: input('w', [4], 'bool') }), ['bincount', 'bool', 'cast']],
    ['no bins', () => histogram(x, { bins: 0 }), ['histogram', 'bins', '0']],
    ['a range that falls', () => histogram(x, { range: [1, 0] }), ['histogram', 'low <= high', '1,0', '"x"']],
    ['a range without end', () => histogram(x, { range: [0, inf] }), ['histogram', 'finite', 'Infinity']],
  ]
  it.each(rows)('%s', (_, call, parts) => expectFault(call, GraphError, ...parts))
})

it('rows are counted and sought row by row', () => {
  const reference = (x: Values): Values =>
    tabulate([3, 4], 'int32', ([r, k]) => [...x.data.slice(5 * r!, 5 * r! + 5)].filter((v) => v === k).length)
  checkComposed({ inputs: [operand([3, 5], 4)], build: (x) => bincount(x as loom.Indices, { length: 4 }), reference })
})
