import {
  add,
  compile,
  entry,
  FeedError,
  flatState,
  flatView,
  GraphError,
  grad,
  mul,
  square,
  sum,
  update,
  variable,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { build, VARIANTS } from '../ops/cases'

describe('a flat view', () => {
  const inputs = { a: { shape: [2, 2], dtype: 'float64' }, b: { shape: [], dtype: 'float64' }, c: { shape: [0, 3], dtype: 'float64' }, d: { shape: [3], dtype: 'float64' } } as const // prettier-ignore
  const feeds = { a: [1, 2, 3, 4], b: [5], c: [], d: [6, 7, 8] }

  it('has all elements in order, and gives tensors back', () => {
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const { run } = build(inputs, (xs) => {
        const { vector, unflatten } = flatView(Object.values(xs))
        const parts = unflatten(mul(vector, 2))
        const g = grad(sum(mul(square(vector), vector)), [xs['a']!, xs['b']!, xs['d']!])
        return { outputs: { vector, ...Object.fromEntries(parts.map((t, i) => [`p${i}`, t])), g: flatView(g).vector } }
      }, options) // prettier-ignore
      const { vector, p0, p1, p2, p3, g } = run(feeds)
      const all = [1, 2, 3, 4, 5, 6, 7, 8]
      expect([...vector!]).toEqual(all)
      expect([p0!, p1!, p2!, p3!].flatMap((p) => [...p])).toEqual(all.map((v) => 2 * v))
      expect([...g!]).toEqual(all.map((v) => 3 * v * v))
    }
  })

  const [a, b] = [makeInput('a', { shape: [2], dtype: 'float32' }), makeInput('b', { shape: [2], dtype: 'float64' })]
  it.each<[string, () => unknown, string[]]>([
    ['two dtypes', () => flatView([a, b]), ['"a" float32', '"b" float64', 'cast']],
    ['nothing', () => flatView([]), ['no tensors']],
    ['a vector of another length', () => flatView([a]).unflatten(makeInput('v', { shape: [3], dtype: 'float32' })), ['2 elements', '"v"']], // prettier-ignore
  ])('refuses %s', (_, run, words) => expectFault(run, GraphError, ...words))
})

describe('a flat state', () => {
  const W = variable('W', [2, 2], [[1, 2], [3, 4]]) // prettier-ignore
  const b = variable('b', [], 0.1, { dtype: 'float64' })
  const n = variable('n', [], 1, { dtype: 'int32', trainable: false })
  const net = compile(
    entry({}, () => ({ outputs: { y: add(sum(W), 1) }, updates: [update(b, mul(b, 2)), update(n, 2)] })),
  )

  it('reads and sets variables in the order given', () => {
    const flat = flatState(net, [b, W])
    expect([...flat.get()]).toEqual([0.1, 1, 2, 3, 4])
    expect(flat.size).toBe(5)
    flat.set([0.3, 5, 6, 7, 0.1])
    expect(net.state.get(b)).toBe(0.3)
    expect([...net.state.get(W)]).toEqual([5, 6, 7, Math.fround(0.1)])
    net({})
    expect(flat.get()[0]).toBe(0.6)
  })

  it('refuses what is no vector of these variables', () => {
    expectFault(() => flatState(net, [W]).set([1]), FeedError, '4 elements', '1 values')
    expectFault(() => flatState(net, [n]), GraphError, '"n"', 'int32', 'only floats')
    const other = variable('other', [], 0)
    expectFault(() => flatState(net, [other]), FeedError, 'not part of this program')
  })
})
