import * as loom from 'gradloom'
import { cumMax, cumMin, cumProd, cumSum, grad, GraphError, logCumSumExp, mul, scan, sum, type Tensor } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { checkComposed } from './function-case'
import { build, type Domain, operand, randomNumbers, VARIANTS } from './operands'
import { alongAxis, total, type Values } from './values'

const variants = Object.entries(VARIANTS)
const { NaN: nan, POSITIVE_INFINITY: inf } = Number
type Options = loom.CumulativeOptions
type Op = (x: Tensor, options?: Options) => Tensor

const product = (row: readonly number[]): number => row.reduce((a, b) => a * b, 1)
/** What each function makes of the elements that a place has passed, and of none. */
const FUNCTIONS: Readonly<Record<string, readonly [op: Op, of: (row: readonly number[]) => number, domain: Domain]>> = {
  cumSum: [cumSum, total, 'any'],
  cumProd: [cumProd, product, 'nonZero'],
  cumMax: [cumMax, (row) => row.reduce((a, b) => Math.max(a, b), -inf), 'awayFromTies'],
  cumMin: [cumMin, (row) => row.reduce((a, b) => Math.min(a, b), inf), 'awayFromTies'],
  logCumSumExp: [logCumSumExp, (row) => Math.log(total(row.map(Math.exp))), 'any'],
}
const cumulated =
  (of: (row: readonly number[]) => number, { axis = -1, reverse = false, exclusive = false }: Options) =>
  (x: Values): Values =>
    alongAxis(x, axis < 0 ? axis + x.shape.length : axis, (row) =>
      row.map((_, k) => {
        if (reverse) return of(row.slice(exclusive ? k + 1 : k))
        return of(row.slice(0, exclusive ? k : k + 1))
      }),
    )

describe.each(Object.entries(FUNCTIONS))('%s', (name, [op, of, domain]) => {
  const shapes = [[[6], -1], [[1], 0], [[3, 4], 0], [[2, 3, 2], 1], [[0, 3], 0], [[2, 5], -1]] as const // prettier-ignore
  const ways = [false, true].flatMap((reverse) => [false, true].map((exclusive) => ({ reverse, exclusive })))
  const rows = shapes.flatMap(([shape, axis]) => ways.map((way) => ({ shape, axis, ...way })))
  it.each(rows)('of $shape along $axis, reverse $reverse, exclusive $exclusive', ({ shape, ...options }) => {
    const finite = name !== 'logCumSumExp' && name !== 'cumMax' && name !== 'cumMin'
    checkComposed({
      inputs: [operand(shape, domain)],
      build: (x) => op(x, options),
      reference: cumulated(of, options),
      // Of no elements it is infinite, and there are no differences.
      differentiable: finite || !options.exclusive,
    })
  })
})

describe('integers', () => {
  const reference = (of: (row: readonly number[]) => number, options: Options) => (x: Values) => {
    const { data, shape } = cumulated(of, options)(x)
    return { data: data.map((v) => v | 0), shape, dtype: 'int32' as const }
  }
  it.each([{ axis: 0 }, { axis: 1, reverse: true }, { axis: 1, exclusive: true }])('%j', (options) => {
    const multiply = (row: readonly number[]): number => row.reduce((a, b) => Math.imul(a, b), 1)
    for (const [domain, dtype] of [
      ['wide', 'int32'],
      [256, 'uint8'],
      ['bool', 'bool'],
    ] as const) {
      const inputs = [operand([4, 9], domain, dtype)]
      const wide = (x: Values): Values => ({ ...x, dtype: 'int32' })
      checkComposed({ inputs, build: (x) => cumSum(x, options), reference: (x) => reference((row) => row.reduce((a, b) => (a + b) | 0, 0), options)(wide(x)) }) // prettier-ignore
      checkComposed({ inputs, build: (x) => cumProd(x, options), reference: (x) => reference(multiply, options)(wide(x)) }) // prettier-ignore
      const low = { int32: -(2 ** 31), uint8: 0, bool: 0 }[dtype]
      const high = { int32: 2 ** 31 - 1, uint8: 255, bool: 1 }[dtype]
      checkComposed({ inputs, build: (x) => cumMax(x, options), reference: cumulated((row) => Math.max(low, ...row), options) }) // prettier-ignore
      checkComposed({ inputs, build: (x) => cumMin(x, options), reference: cumulated((row) => Math.min(high, ...row), options) }) // prettier-ignore
    }
  })
  test('are floats for exponents', () => {
    for (const dtype of ['int32', 'uint8', 'bool'] as const)
      expect(logCumSumExp(makeInput('x', { shape: [3], dtype })).dtype).toBe('float32')
  })
})

/** The results of a graph over x, which is one line, and of the same over three columns of which that is the middle. */
function everywhere(
  x: readonly number[],
  of: (x: Tensor) => Record<string, Tensor>,
  check: (results: Record<string, number[]>, label: string) => void,
): void {
  for (const [variant, options] of variants)
    for (const dtype of ['float32', 'float64'] as const) {
      const line = build({ x: { shape: [x.length], dtype } }, ({ x }) => ({ outputs: of(x!) }), options).run({ x })
      check(Object.fromEntries(Object.entries(line).map(([k, v]) => [k, Array.from<number>(v)])), `${variant} ${dtype}`)
      const column = build({ x: { shape: [x.length, 3], dtype } }, ({ x }) => ({ outputs: of(x!) }), options)
      const beside = column.run({ x: x.flatMap((v) => [1, v, 1]) })
      const middle = (v: ArrayLike<number>): number[] => Array.from(v).filter((_, i) => i % 3 === 1)
      check(Object.fromEntries(Object.entries(beside).map(([k, v]) => [k, middle(v)])), `${variant} ${dtype}, columns`)
    }
}
const axis = 0
const gradient = (y: Tensor, x: Tensor): Tensor => grad(sum(y), [x])[0]

describe('special values', () => {
  it('of the largest and the smallest: NaN stays, ties go to the first', () => {
    const x = [1, -0, 0, 3, 3, -inf, nan, inf, nan]
    everywhere(
      x,
      (x) => ({ max: cumMax(x, { axis }), min: cumMin(x, { axis }), back: cumMax(x, { axis, reverse: true }), g: gradient(cumMax(x, { axis }), x), h: gradient(cumMax(x, { axis, reverse: true }), x) }), // prettier-ignore
      ({ max, min, back, g, h }, label) => {
        expect(max, label).toEqual([1, 1, 1, 3, 3, 3, nan, nan, nan])
        expect(min, label).toEqual([1, -0, -0, -0, -0, -inf, nan, nan, nan])
        expect(back, label).toEqual([nan, nan, nan, nan, nan, nan, nan, nan, nan])
        expect(g, label).toEqual([3, 0, 0, 3, 0, 0, 3, 0, 0])
        expect(h, label).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 9])
      },
    )
    everywhere([2, 2, 1], (x) => ({ g: gradient(cumMax(x, { axis, reverse: true }), x) }), ({ g }) => expect(g).toEqual([0, 2, 1])) // prettier-ignore
  })

  it('of sums and products: NaN and infinities as they add and multiply', () =>
    everywhere(
      [1, inf, 2, -inf, 3],
      (x) => ({ s: cumSum(x, { axis }), p: cumProd(x, { axis }) }),
      ({ s, p }, label) => {
        expect(s, label).toEqual([1, inf, inf, nan, nan])
        expect(p, label).toEqual([1, inf, inf, -inf, -inf])
      },
    ))

  it('of logarithms: no overflow, and nothing yet is -Infinity', () => {
    const close = (actual: readonly number[], wanted: readonly number[], label: string): void =>
      actual.forEach((v, i) => {
        if (Number.isFinite(wanted[i]!)) expect(v, label).toBeCloseTo(wanted[i]!, 4)
        else expect(v, label).toBe(wanted[i])
      })
    const y = (x: Tensor): Tensor => logCumSumExp(x, { axis })
    const both = (x: Tensor) => {
      const g = gradient(mul(y(x), y(x)), x)
      return { y: y(x), g: gradient(y(x), x), h: gradient(mul(g, g), x) }
    }
    const finite = ({ g, h }: Record<string, number[]>, label: string): void => {
      expect([...g!, ...h!].every(Number.isFinite), label).toBe(true)
    }
    const log2 = Math.log(2)
    everywhere([1000, -1000, 1000, 999], both, (r, label) => {
      close(r['y']!, [1000, 1000, 1000 + log2, 1000 + Math.log(2 + Math.exp(-1))], label)
      const last = 2 + Math.exp(-1)
      close(r['g']!, [2 + 0.5 + 1 / last, 0, 0.5 + 1 / last, Math.exp(-1) / last], label)
      finite(r, label)
    })
    everywhere([-1000, -1000, 1000, -1000], both, (r, label) => {
      close(r['y']!, [-1000, -1000 + log2, 1000, 1000], label)
      close(r['g']!, [1.5, 0.5, 2, 0], label)
      finite(r, label)
    })
    everywhere([-inf, -inf, -1000, 2], (x) => ({ y: y(x), g: gradient(loom.slice(y(x), [{ start: 2 }]), x) }), (r, label) => {
      close(r['y']!, [-inf, -inf, -1000, 2], label)
      close(r['g']!, [0, 0, 1, 1], label)
    }) // prettier-ignore
    everywhere([0, inf, 1], (x) => ({ y: y(x) }), (r, label) => close(r['y']!, [0, inf, inf], label)) // prettier-ignore
    everywhere([0, nan, 1], (x) => ({ y: y(x) }), (r, label) => expect(r['y'], label).toEqual([0, nan, nan])) // prettier-ignore
    everywhere([5, 7], (x) => ({ y: logCumSumExp(x, { axis, exclusive: true }), g: gradient(loom.slice(logCumSumExp(x, { axis, exclusive: true }), [{ start: 1 }]), x) }), (r, label) => {
      close(r['y']!, [-inf, 5], label)
      close(r['g']!, [1, 0], label)
    }) // prettier-ignore
  })
})

describe('products with zeros have gradients of both orders', () => {
  // By definition, from differences of products: exact for whole numbers.
  const slope = (x: readonly number[], c: readonly number[], j: number): number =>
    total(c.map((v, i) => (i < j ? 0 : v * product(x.slice(0, i + 1).filter((_, l) => l !== j)))))
  const curve = (x: readonly number[], c: readonly number[], j: number, k: number): number =>
    j === k ? 0 : total(c.map((v, i) => (i < j || i < k ? 0 : v * product(x.slice(0, i + 1).filter((_, l) => l !== j && l !== k))))) // prettier-ignore
  const rows = [[2, 0, 3], [0, 2, 3], [2, 3, 0], [2, 0, 3, 0, 5], [0, 0, 2], [0], [-0, 1, 0, 2, 4], [1, 2, 3, 4]] // prettier-ignore
  it.each(rows.map((x) => [x]))('%j', (x) => {
    const c = x.map((_, i) => 1 + (i % 3))
    const v = x.map((_, i) => 2 - (i % 2))
    const wanted = {
      g: x.map((_, j) => slope(x, c, j)),
      h: x.map((_, k) => total(v.map((w, j) => w * curve(x, c, j, k)))),
    }
    const constant = (values: readonly number[], like: Tensor): Tensor =>
      loom.cast(loom.reshape(loom.constant(values), like.shape.map((d, i) => (i === 0 ? d : 1))), like.dtype) // prettier-ignore
    everywhere(
      x,
      (x) => {
        const g = gradient(mul(cumProd(x, { axis }), constant(c, x)), x)
        return { g, h: gradient(mul(g, constant(v, x)), x) }
      },
      ({ g, h }, label) => {
        expect(g!.map((v) => v + 0), label).toEqual(wanted.g.map((v) => v + 0)) // prettier-ignore
        expect(h!.map((v) => v + 0), label).toEqual(wanted.h.map((v) => v + 0)) // prettier-ignore
      },
    )
  })
})

test('long sums of float32 do not drift', () => {
  const n = 1e6
  for (const target of ['js', 'wasm'] as const) {
    const ran = build({ x: { shape: [n], dtype: 'float32' } }, ({ x }) => ({ outputs: { y: cumSum(x!) } }), { target })
    const { y } = ran.run({ x: Array<number>(n).fill(Math.fround(0.1)) })
    expect(Math.abs(y![n - 1]! / (n * Math.fround(0.1)) - 1)).toBeLessThan(1e-7)
  }
})

describe.each(variants)('in a loop, %s', (_, options) => {
  it('runs along the slice of a turn, with gradients', () => {
    const body = ({ x }: Record<string, Tensor>) => {
      const { carry } = scan({
        over: { m: x! },
        carry: { t: loom.constant(0) },
        step: ({ t }, { m }) => {
          const lines = loom.add(cumSum(m, { axis: 0 }), cumMax(m, { axis: 1 }))
          return { carry: { t: loom.add(t, sum(mul(lines, cumProd(m, { axis: 1, reverse: true })))) } }
        },
      })
      return { outputs: { t: carry.t, g: grad(carry.t, [x!])[0] } }
    }
    const plain = ({ x }: Record<string, Tensor>) => {
      const lines = loom.add(cumSum(x!, { axis: 1 }), cumMax(x!, { axis: 2 }))
      const t = sum(mul(lines, cumProd(x!, { axis: 2, reverse: true })))
      return { outputs: { t, g: grad(t, [x!])[0] } }
    }
    const inputs = { x: { shape: [3, 4, 5], dtype: 'float32' } } as const
    const random = randomNumbers(2)
    const x = Array.from({ length: 60 }, () => Math.fround(2 * random() - 1))
    const [a, b] = [body, plain].map((of) => build(inputs, of, options).run({ x }))
    expect(a!['t']![0]).toBeCloseTo(b!['t']![0]!, 4)
    b!['g']!.forEach((v, i) => expect(a!['g']![i]).toBeCloseTo(v, 4))
  })
})

describe('what cannot be is refused where it is written', () => {
  const x = makeInput('x', { shape: [2, 3], dtype: 'float32' })
  it.each(Object.entries(FUNCTIONS))('%s', (name, [op]) => {
    expectFault(() => op(x, { axis: 2 }), GraphError, name, 'axis 2', '-2 to 1')
    expectFault(() => op(makeInput('s', { shape: [], dtype: 'float32' })), GraphError, name, 'a scalar has no axes')
    expectFault(() => op([1, 2] as never), GraphError, name, 'tensor')
  })
})
