import * as loom from 'gradloom'
import { argsort, compile, cond, entry, grad, GraphError, mul, scan, sort, sum, tensor, type Tensor } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { load } from '../emitted'
import { expectFault } from '../fault'
import { checkComposed } from './function-case'
import { build, type Inputs, operand, randomNumbers, VARIANTS } from './operands'
import { alongAxis, at as elementAt, rowOf, tabulate, type Values } from './values'

const variants = Object.entries(VARIANTS)
const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const byValue = (a: number, b: number): number => {
  const order = Number(a !== a) - Number(b !== b)
  return order !== 0 ? order : a < b ? -1 : Number(a > b)
}
const sorted = (row: readonly number[], descending = false): number[] =>
  [...row].sort((a, b) => (descending ? byValue(b, a) : byValue(a, b)))

describe('sort', () => {
  const rows: readonly (readonly [shape: readonly number[], options: loom.SortOptions])[] = [
    [[9], {}],
    [[1], { descending: true }],
    [[0], {}],
    [[3, 5], { axis: 0 }],
    [[3, 40], { axis: 1, descending: true }],
    [[20, 3], { axis: -2 }],
    [[2, 5, 3], { axis: 1, descending: true }],
    [[2, 0, 3], { axis: 1 }],
    [[0, 4], {}],
    [[2, 3, 33], {}],
  ]
  it.each(rows)('of %j with %j', (shape, options) => {
    const axis = options.axis ?? -1
    const reference = (x: Values): Values =>
      alongAxis(x, axis < 0 ? axis + shape.length : axis, (row) => sorted(row, options.descending))
    checkComposed({ inputs: [operand(shape, 'awayFromTies')], build: (x) => sort(x, options), reference })
    for (const [domain, dtype] of [
      ['wide', 'int32'],
      [5, 'uint8'],
      ['bool', 'bool'],
    ] as const)
      // prettier-ignore
      checkComposed({ inputs: [operand(shape, domain, dtype)], build: (x) => sort(x, options), reference })
  })

  it('of many elements, of which runs are merged several times', () => {
    for (const size of [15, 16, 17, 31, 32, 33, 64, 65, 127, 128, 129, 255, 257, 511, 512, 513, 2049]) {
      const random = randomNumbers(size)
      for (const kind of ['random', 'rising', 'falling', 'few'] as const) {
        const draw = { random, rising: 0, falling: 0, few: 0 }
        const x = Array.from({ length: size }, (_, i) => {
          if (kind === 'random') return Math.fround(draw.random())
          return kind === 'rising' ? i : kind === 'falling' ? -i : Math.floor(3 * random())
        })
        for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
          const ran = build({ x: { shape: [size], dtype: 'float32' } }, ({ x }) => ({ outputs: { i: argsort(x!), y: sort(x!), d: argsort(x!, { descending: true }) } }), options) // prettier-ignore
          const { i, y, d } = ran.run({ x })
          const wanted = [...x.keys()].sort((a, b) => x[a]! - x[b]! || a - b)
          expect([...i!]).toEqual(wanted)
          expect([...y!]).toEqual(wanted.map((k) => x[k]!))
          expect([...d!]).toEqual([...x.keys()].sort((a, b) => x[b]! - x[a]! || a - b))
        }
      }
    }
  })
})

describe('topK', () => {
  const rows = [
    { shape: [9], k: 1 },
    { shape: [1], k: 1 },
    { shape: [3, 7], k: 7 },
    { shape: [3, 5], k: 2, axis: 0 },
    { shape: [2, 6, 3], k: 4, axis: 1 },
    { shape: [0, 4], k: 2 },
    // By insertion up to 64, sorted above.
    { shape: [2, 100], k: 64 },
    { shape: [2, 100], k: 65, axis: -1 },
    { shape: [100, 2], k: 80, axis: 0 },
  ]
  it.each(rows)('%j', ({ shape, k, axis = -1 }) => {
    const at = axis < 0 ? axis + shape.length : axis
    const reference = (x: Values): Values => {
      const all = alongAxis(x, at, (row) => sorted(row, true))
      return tabulate(shape.with(at, k), x.dtype, (p) => elementAt(all, p))
    }
    const build = (x: Tensor): Tensor => loom.topK(x, k, { axis }).values
    checkComposed({ inputs: [operand(shape, 'awayFromTies')], build, reference })
    for (const [domain, dtype] of [
      ['wide', 'int32'],
      [5, 'uint8'],
      ['bool', 'bool'],
    ] as const)
      // prettier-ignore
      checkComposed({ inputs: [operand(shape, domain, dtype)], build, reference })
    // Of equal ones the first.
    const indices = (x: Values): Values =>
      tabulate(shape.with(at, k), 'int32', (p) => {
        const row = rowOf(x, at, p)
        return [...row.keys()].sort((i, j) => byValue(row[j]!, row[i]!) || i - j)[p[at]!]!
      })
    checkComposed({ inputs: [operand(shape, 'integer')], build: (x) => loom.topK(x, k, { axis }).indices, reference: indices }) // prettier-ignore
  })

  it('begins with NaN and tells zeros apart by their place', () => {
    const x = [-0, nan, 0, inf, nan, -1]
    for (const [label, options] of variants)
      for (const k of [1, 3, 6]) {
        const ran = build({ x: { shape: [6], dtype: 'float32' } }, ({ x }) => ({ outputs: { ...loom.topK(x!, k) } }), options) // prettier-ignore
        const { values, indices } = ran.run({ x })
        expect([...indices!], label).toEqual([1, 4, 3, 0, 2, 5].slice(0, k))
        expect([...values!], label).toEqual([nan, nan, inf, -0, 0, -1].slice(0, k))
      }
  })
})

describe('inTopK', () => {
  const answers = (targets: readonly number[], predictions: readonly (readonly number[])[], k: number): unknown[] =>
    variants.map(([, options]) => {
      const inputs = { t: { shape: [targets.length], dtype: 'int32' }, p: { shape: [targets.length, predictions[0]!.length], dtype: 'float32' } } as const // prettier-ignore
      const of = ({ t, p }: Record<string, Tensor>) => ({ outputs: { y: loom.inTopK(t as loom.Indices, p!, k) } })
      return [...build(inputs, of, options).run({ t: targets, p: predictions.flat() })['y']!]
    })
  const every = (wanted: readonly number[]): unknown[] => variants.map(() => [...wanted])
  it('counts those that are larger', () => {
    const p = [[0.1, 0.6, 0.3], [0.5, 0.2, 0.3], [0.2, 0.3, 0.5]] // prettier-ignore
    expect(answers([1, 1, 1], p, 1)).toEqual(every([1, 0, 0]))
    expect(answers([1, 1, 1], p, 2)).toEqual(every([1, 0, 1]))
    expect(answers([1, 1, 1], p, 3)).toEqual(every([1, 1, 1]))
    expect(answers([1, 1, 1], p, 30)).toEqual(every([1, 1, 1]))
  })
  it('takes all that tie with the last', () => {
    const p = [[3, 2, 2, 2], [3, 2, 2, 1], [2, 2, 2, 2]] // prettier-ignore
    expect(answers([3, 2, 0], p, 2)).toEqual(every([1, 1, 1]))
    expect(answers([3, 3, 0], p, 1)).toEqual(every([0, 0, 1]))
  })
  it('says no where a prediction is not finite', () =>
    expect(answers([0, 0, 0], [[3, nan, 1], [3, 1, -inf], [3, 2, 1]], 1)).toEqual(every([0, 0, 1]))) // prettier-ignore
  it('refuses classes that are out of range', () => {
    const e = entry({ t: tensor([2], 'uint8'), p: tensor([2, 3]) }, ({ t, p }) => ({ outputs: { y: loom.inTopK(t, p, 1) } })) // prettier-ignore
    expectFault(() => compile(e)({ t: [1, 3], p: new Float32Array(6) }), loom.FeedError, '"t"', '3 at position 1', '0 to 2') // prettier-ignore
  })
})

describe.each(variants)('special values, %s', (_, options) => {
  const x = [nan, 1, -0, inf, 0, -inf, nan, 1, -1]
  it.each(['float32', 'float64'] as const)('in %s', (dtype) => {
    const { up, down, y } = build({ x: { shape: [9], dtype } }, ({ x }) => ({ outputs: { up: argsort(x!), down: argsort(x!, { descending: true }), y: sort(x!) } }), options).run({ x }) // prettier-ignore
    expect([...up!]).toEqual([5, 8, 2, 4, 1, 7, 3, 0, 6])
    expect([...down!]).toEqual([0, 6, 3, 1, 7, 2, 4, 8, 5])
    expect([...y!]).toEqual([-inf, -1, -0, 0, 1, 1, inf, nan, nan])
  })
})

describe('what cannot be is refused where it is written', () => {
  const input = (name: string, shape: readonly number[]): Tensor => makeInput(name, { shape, dtype: 'float32' })
  const x = input('x', [2, 3])
  // prettier-ignore
  const rows: readonly (readonly [what: string, call: () => unknown, parts: readonly string[]])[] = [
    ['a scalar', () => sort(input('s', [])), ['sort', 'a scalar has no axes']],
    ['an axis that is none', () => argsort(x, { axis: 2 }), ['argsort', 'axis 2', '-2 to 1']],
    ['a k of 0', () => loom.topK(x, 0), ['topK', 'from 1 to 3', 'it is 0', '"x"']],
    ['a k beyond the extent', () => loom.topK(x, 3, { axis: 0 }), ['topK', 'from 1 to 2', 'axis 0', 'it is 3']],
    ['half a k', () => loom.topK(x, 1.5), ['topK', 'it is 1.5']],
    ['an axis that topK has not', () => loom.topK(x, 1, { axis: -3 }), ['topK', 'axis -3']],
    ['targets without samples', () => loom.inTopK(input('t', []) as never, x, 1), ['inTopK', '[n, classes]', '"t"']],
    ['targets of other samples', () => loom.inTopK(makeInput('t', { shape: [3], dtype: 'int32' }) as loom.Indices, x, 1), ['inTopK', '[n, classes]', '"t" int32[3]']],
    ['float targets', () => loom.inTopK(input('t', [2]) as never, x, 1), ['int32 or uint8', '"t"']],
    ['no k', () => loom.inTopK(makeInput('t', { shape: [2], dtype: 'int32' }) as loom.Indices, x, 0), ['inTopK', 'k must be', '0']],
    ['an array', () => sort([1, 2] as never), ['sort', 'expected a tensor', 'an array']],
  ]
  it.each(rows)('%s', (_, call, parts) => expectFault(call, GraphError, ...parts))
})

/** A graph with loops of its own, inside and outside of loops and choices. */
const inside: { readonly inputs: Inputs; readonly body: (xs: Record<string, Tensor>) => Record<string, Tensor> } = {
  inputs: { x: { shape: [4, 50], dtype: 'float32' }, c: { shape: [], dtype: 'bool' } },
  body: ({ x, c }) => {
    const { carry, outputs } = scan({
      over: { row: x! },
      carry: { best: loom.broadcastTo(loom.constant(-10), [50]) },
      step: ({ best }, { row }) => {
        // The cheaper half of both, in order; and where each came from.
        const both = loom.concat([best, row])
        const all = sort(both, { descending: true })
        return { carry: { best: loom.slice(all, [{ end: 50 }]) }, outputs: { i: argsort(row), all } }
      },
    })
    const chosen = cond(c!, () => sort(mul(x!, 2), { axis: 0 }), () => mul(x!, 3)) // prettier-ignore
    const loss = loom.add(sum(mul(carry.best, carry.best)), sum(mul(chosen, chosen)))
    return { best: carry.best, i: outputs.i, all: outputs.all, chosen, g: grad(loss, [x!])[0] }
  },
}

describe.each(variants)('in loops and choices, %s', (_, options) => {
  it('orders the slice of the turn', () => {
    const random = randomNumbers(4)
    const x = Array.from({ length: 200 }, () => Math.fround(random() - 0.5))
    const ran = build(inside.inputs, (xs) => ({ outputs: inside.body(xs) }), options)
    for (const c of [1, 0]) {
      const { best, i, chosen, g } = ran.run({ x, c: [c] })
      const all = [...x].sort((a, b) => b - a)
      expect([...best!]).toEqual(all.slice(0, 50))
      const lines = [0, 1, 2, 3].map((r) => x.slice(50 * r, 50 * r + 50))
      expect([...i!]).toEqual(lines.flatMap((line) => [...line.keys()].sort((a, b) => line[a]! - line[b]!)))
      const columns = Array.from({ length: 50 }, (_, k) => lines.map((line) => line[k]!).sort((a, b) => a - b))
      const wanted = c ? [0, 1, 2, 3].flatMap((r) => columns.map((column) => 2 * column[r]!)) : x.map((v) => Math.fround(3 * v)) // prettier-ignore
      expect([...chosen!]).toEqual(wanted)
      x.forEach((v, k) => expect(g![k]).toBeCloseTo(2 * v * ((v >= all[49]! ? 1 : 0) + (c ? 4 : 9)), 4))
    }
  })
})

test('emitted, with memory beside the result, it gives the same', async () => {
  for (const target of ['js', 'wasm'] as const) {
    const e = entry({ x: tensor([3, 100]) }, ({ x }) => ({ outputs: { i: argsort(x), y: sort(x, { axis: 0 }) } }))
    const x = Float32Array.from({ length: 300 }, (_, k) => Math.sin(k * k))
    const net = compile(e, { target, threads: 1 })
    const { i, y } = net({ x })
    const module = (await load(loom.emit(net, { format: target }))) as unknown as Record<
      string,
      (f: object) => { i: Int32Array; y: Float32Array }
    >
    const found = module['main']!({ x })
    expect([...found.i]).toEqual([...i])
    expect([...found.y]).toEqual([...y])
  }
})

test('under guard, where no memory is shared, it gives the same', () => {
  const x = Array.from({ length: 100 }, (_, k) => Math.fround(Math.sin(k * k)))
  for (const target of ['js', 'wasm'] as const) {
    const of = ({ x }: Record<string, Tensor>) => ({ outputs: { i: argsort(x!), y: sort(mul(x!, x!)) } })
    const inputs = { x: { shape: [100], dtype: 'float32' } } as const
    const [plain, guarded] = [false, true].map((guard) => build(inputs, of, { target, guard, threads: 1 }).run({ x }))
    expect(guarded).toEqual(plain)
  }
})

test('what is computed as a position of an axis is not counted', () => {
  const net = build({ x: { shape: [6], dtype: 'float32' } }, ({ x }) => ({ outputs: { y: sort(x!), top: loom.topK(x!, 3).values, most: loom.topK(loom.tile(x!, [20]), 70).values } })) // prettier-ignore
  expect(net.specialised.compilation.plan.items.some((item) => item.kind === 'check')).toBe(false)
})
