import * as loom from 'gradloom'
import { losses, metrics } from 'gradloom/nn'
import type { DType, Tensor } from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { apply } from '../../src/ir/tensor'
import { sincOp } from '../../src/ops/sinc'
import { build, VARIANTS } from './cases'
import { POINTWISE_REFERENCE } from './reference-pointwise'

type Floats = 'float32' | 'float64'
const FLOATS: readonly Floats[] = ['float32', 'float64']
const { add, compile, constant, entry, grad, mul, sum, tensor } = loom

/** What a function of fed values gives, in every variant; all must agree, to so many digits where that is said. */
function everywhere(
  feeds: Readonly<Record<string, readonly number[]>>,
  dtype: DType,
  body: (...inputs: Tensor[]) => Tensor,
  digits?: number,
): number[] {
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, v]) => [name, { shape: [v.length], dtype }]))
  const all = Object.entries(VARIANTS).map(([name, options]) => {
    const { run } = build(inputs, (xs) => ({ outputs: { y: body(...Object.values<Tensor>(xs)) } }), options)
    const { y } = run(Object.fromEntries(Object.entries(feeds).map(([key, v]) => [key, [...v]])))
    return [name, Array.from(typeof y === 'number' ? [y] : (y as unknown as Float32Array))] as const
  })
  const [, first] = all[0]!
  const expected = digits === undefined ? first : first.map((v) => expect.closeTo(v, digits) as number)
  for (const [name, found] of all) expect(found, name).toEqual(expected)
  return first
}

describe.each(FLOATS)('in %s', (dtype) => {
  test('the slope of a remainder in the divisor is the quotient that it was made with', () => {
    const feeds = { a: [1, 0.7, -1, 7, -7, 7, 5, -3], b: [0.1, 0.1, 0.1, 2, 2, -2, 5, 0.75] }
    const slope = everywhere(feeds, dtype, (a, b) => grad(sum(loom.mod(a, b)), [b])[0])
    const floors = everywhere(feeds, dtype, (a, b) => loom.floorDiv(a, b))
    expect(slope).toEqual(floors.map((q) => 0 - q))
    const back = everywhere(feeds, dtype, (a, b) => loom.fmod(a, b))
    const steep = everywhere(feeds, dtype, (a, b) => grad(sum(loom.fmod(a, b)), [b])[0])
    const store = dtype === 'float32' ? Math.fround : (v: number) => v
    steep.forEach((slope, i) => {
      const [a, b] = [store(feeds.a[i]!), store(feeds.b[i]!)]
      expect(a + slope * b).toBeCloseTo(back[i]!, dtype === 'float32' ? 6 : 14)
    })
  })

  test('ldexp is exact between the least and the largest number', () => {
    const [least, most] = dtype === 'float32' ? [-149, 127] : [-1074, 1023]
    const x = [0, -0, Infinity, -Infinity, NaN, 2 ** least, 1.5 * 2 ** most, 1.25, -3]
    const shifts = [most - least, least - most, 3 * most, -3 * most, 1e9, -1e9, 100, -100, 1, 0]
    for (const n of shifts) {
      const found = everywhere({ x }, dtype, (x) => loom.ldexp(x, n))
      found.forEach((value, i) => {
        // 2^n by steps that are exact, in an order that leaves the range as late as it can.
        let expected = x[i]!
        for (let left = Math.max(-5000, Math.min(5000, n)); left !== 0; left -= Math.sign(left))
          expected *= left > 0 ? 2 : 0.5
        if (dtype === 'float32') expected = Math.fround(expected)
        const isSubnormal = expected !== 0 && Math.abs(expected) < 2 ** (dtype === 'float32' ? -126 : -1022)
        if (!isSubnormal) expect(value, `${x[i]} by ${n}`).toBe(expected)
      })
    }
  })

  test('squareplus keeps its digits, and its slope, at both ends', () => {
    const ends = dtype === 'float32' ? [1e20, 3e38] : [1e160, 1e308]
    const x = [...ends, ...ends.map((v) => -v), 0, 1, -1]
    const value = everywhere({ x }, dtype, (x) => loom.squareplus(x))
    const slope = everywhere({ x }, dtype, (x) => grad(sum(loom.squareplus(x)), [x])[0])
    const store = dtype === 'float32' ? Math.fround : (v: number) => v
    expect(value.slice(0, 2)).toEqual(ends.map(store))
    expect(slope.slice(0, 2)).toEqual([1, 1])
    value.slice(2, 4).forEach((v, i) => expect(Math.abs(v * ends[i]! - 1)).toBeLessThan(1e-6))
    slope.slice(2, 4).forEach((v) => expect(Math.abs(v)).toBeLessThan(1e-30))
    expect([value[4], slope[4]]).toEqual([1, 0.5])
  })

  test('the slopes of an angle are right as far as lengths are numbers', () => {
    const sizes = dtype === 'float32' ? [1e-25, 1e-10, 1, 1e10, 1e20] : [1e-200, 1, 1e200]
    for (const size of sizes) {
      const feeds = { a: [3, -4, 0, 1].map((v) => v * size), b: [4, 3, 2, 0].map((v) => v * size) }
      const scaled = (a: Tensor, b: Tensor) => mul(loom.concat(grad(sum(loom.atan2(a, b)), [a, b])), size)
      const slopes = everywhere(feeds, dtype, scaled, 5)
      const expected = [4 / 25, 3 / 25, 1 / 2, 0, -3 / 25, 4 / 25, 0, -1]
      slopes.forEach((slope, i) => expect(slope).toBeCloseTo(expected[i]!, 5))
    }
    expect(everywhere({ a: [0], b: [0] }, dtype, (a, b) => grad(sum(loom.atan2(a, b)), [a])[0]).map(Math.abs)).toEqual([
      0,
    ])
  })

  test.each([
    ['logAddExp', loom.logAddExp, [0, 0], [0.25, -0.25, -0.25, 0.25]],
    ['logAddExp', loom.logAddExp, [3, 3], [0.25, -0.25, -0.25, 0.25]],
    ['logAddExp2', loom.logAddExp2, [1, 1], [1, -1, -1, 1].map((v) => (v * Math.LN2) / 4)],
    ['pow', loom.pow, [2, 0], [0, 0.5, 0.5, Math.LN2 ** 2]],
    ['pow', loom.pow, [3, 1], [0, 1 + Math.log(3), 1 + Math.log(3), 3 * Math.log(3) ** 2]],
    ['xlogy', loom.xlogy, [0, 2], [0, 0.5, 0.5, 0]],
  ] as const)('%s has its second derivatives where its first ones need care', (_, f, [p, q], expected) => {
    const found = everywhere({ p: [p], q: [q] }, dtype, (p, q) => {
      const H = loom.hessian(sum((f as (a: Tensor, b: Tensor) => Tensor)(p, q)), [p, q], { disconnected: 'zeros' })
      return loom.concat(H.flat().map((h) => loom.reshape(h, [1])))
    }, 5) // prettier-ignore
    found.forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 5))
  })

  test('what has no length is similar to nothing, however small the bound', () => {
    for (const epsilon of [1e-8, 1e-30, 1e-200]) {
      const feeds = { x: [0, 0], y: [1, 1] }
      expect(everywhere(feeds, dtype, (x, y) => loom.cosineSimilarity(x, y, { epsilon }))).toEqual([0])
      expect(everywhere({ x: [0, 0] }, dtype, (x) => loom.l2Normalize(x, { epsilon }))).toEqual([0, 0])
    }
  })

  test('an epsilon above 0 is above 0 in the dtype too', () => {
    const normals: Readonly<Record<string, (x: Tensor, epsilon: number) => Tensor>> = {
      rmsNorm: (x, epsilon) => loom.rmsNorm(x, { epsilon }),
      layerNorm: (x, epsilon) => loom.layerNorm(x, { epsilon }),
      groupNorm: (x, epsilon) => loom.reshape(loom.groupNorm(loom.reshape(x, [1, 2]), { groups: 1, epsilon }), [2]),
      instanceNorm: (x, epsilon) => loom.reshape(loom.instanceNorm(loom.reshape(x, [1, 2, 1]), { epsilon }), [2]),
      l2Normalize: (x, epsilon) => loom.l2Normalize(x, { epsilon }),
      lpNormalize: (x, epsilon) => loom.lpNormalize(x, { epsilon }),
      'lpNormalize of order 1': (x, epsilon) => loom.lpNormalize(x, { ord: 1, epsilon }),
      'lpNormalize of order Infinity': (x, epsilon) => loom.lpNormalize(x, { ord: Infinity, epsilon }),
    }
    for (const [name, normal] of Object.entries(normals))
      for (const epsilon of [1e-30, 1e-46, 1e-200, 5e-324])
        expect(
          everywhere({ x: [0, 0] }, dtype, (x) => normal(x, epsilon)),
          `${name} ${epsilon}`,
        ).toEqual([0, 0])
  })

  test('a power of 0 has the gradient 0', () => {
    expect(everywhere({ x: [0, 2, -3] }, dtype, (x) => grad(sum(loom.pow(x, 0)), [x])[0])).toEqual([0, 0, 0])
  })

  test('bounds that are numbers are bounds as any other', () => {
    const x = [NaN, -Infinity, -1, 0, 1, 2, Infinity, 3]
    for (const bound of [NaN, -Infinity, 0, 1, Infinity])
      for (const [name, f] of Object.entries({ max: loom.maximum, min: loom.minimum }))
        for (const swapped of [false, true]) {
          const found = everywhere({ x }, dtype, (x) => (swapped ? f(bound, x) : f(x, bound)))
          const host = name === 'max' ? Math.max : Math.min
          expect(found, `${name}, ${bound}`).toEqual(x.map((v) => host(v, bound)))
        }
  })

  test('conditions compare as 0 and 1 do', () => {
    const feeds = { a: [1, 1, -1, -1, 1, -1, 1], b: [1, -1, 1, -1, -1, -1, 1] }
    const COMPARED = {
      equal: (a: number, b: number) => a === b,
      notEqual: (a: number, b: number) => a !== b,
      less: (a: number, b: number) => a < b,
      lessEqual: (a: number, b: number) => a <= b,
      greater: (a: number, b: number) => a > b,
      greaterEqual: (a: number, b: number) => a >= b,
    }
    for (const [name, compare] of Object.entries(COMPARED)) {
      const op = loom[name as keyof typeof COMPARED] as (a: Tensor, b: Tensor) => Tensor
      const found = everywhere(feeds, dtype, (a, b) => loom.where(op(loom.less(a, 0), loom.less(b, 0)), a, mul(b, 3)))
      const expected = feeds.a.map((a, i) => {
        const b = feeds.b[i]!
        return compare(Number(a < 0), Number(b < 0)) ? a : 3 * b
      })
      expect(found, name).toEqual(expected)
    }
  })

  test('norms of any order from 1 have no slope at the origin', () => {
    for (const ord of [1, 1.5, 2, 3, 4, Infinity]) {
      const slope = everywhere({ x: [0, 0, 0] }, dtype, (x) => grad(loom.norm(x, { ord }), [x])[0])
      expect(slope.map(Math.abs), `ord ${ord}`).toEqual([0, 0, 0])
    }
  })

  test('moments of no elements are NaN, whatever is corrected', () => {
    for (const correction of [0, 1, 2]) {
      expect(everywhere({ x: [] }, dtype, (x) => loom.variance(x, { correction }))).toEqual([NaN])
      expect(everywhere({ x: [] }, dtype, (x) => loom.std(x, { correction }))).toEqual([NaN])
    }
  })

  test('log of a sum of no exponentials is -Infinity', () => {
    expect(everywhere({ x: [] }, dtype, (x) => loom.log(sum(loom.exp(x))))).toEqual([-Infinity])
  })
})

test.each(['uint8', 'bool'] as const)('sums and products of %s over no axes are int32, too', (dtype) => {
  const [big, small] = dtype === 'uint8' ? [200, 3] : [1, 1]
  for (const reduce of [loom.sum, loom.prod] as const) {
    const scalar = reduce(constant(big, { dtype }))
    expect(scalar.dtype).toBe('int32')
    expect(reduce(constant([[big, small]], { dtype }), { axis: [] }).dtype).toBe('int32')
    const net = compile(entry({}, () => ({ outputs: { y: add(scalar, scalar) } })))
    expect(net({}).y).toBe(2 * big)
  }
})

test.each(['js', 'wasm'] as const)(
  'a number that is read by position has its value where nothing is simplified, on %s',
  (target) => {
    const read = entry({ i: tensor([1], 'int32') }, ({ i }) => {
      const all = [5, -0, NaN].map((v) => loom.gather(loom.reshape(constant(v), [1]), i))
      return { outputs: { y: loom.concat(all) } }
    })
    const net = compile(read, { target, passes: { simplify: false } })
    expect([...(net({ i: [0] }).y as never as Float32Array)]).toEqual([5, -0, NaN])
    expect(loom.emit(net, { format: target })).toContain('.set([5])')
  },
)

test('numbers take the dtype in which all tensors meet', () => {
  const [i, d] = [constant([1, 2], { dtype: 'int32' }), constant([1, 2], { dtype: 'float64' })]
  const half = { 'int32 first': loom.lerp(i, d, 0.5), 'float64 first': loom.lerp(d, i, 0.5) }
  for (const [name, y] of Object.entries(half)) expect(y.dtype, name).toBe('float64')
  expect(loom.select([loom.equal(i, 1), loom.equal(i, 2)], [i, d] as never, 0.5).dtype).toBe('float64')
  expect(() => add(i, 3e9)).toThrow(/^add: the number 3000000000 does not fit int32/)
})

test('functions of two operands can fold a list', () => {
  const list = [1, 2, 3].map((v) => constant([v, -v]))
  const folds = { add: loom.add, mul: loom.mul, maximum: loom.maximum, minimum: loom.minimum, div: loom.div }
  const fold = (f: (a: Tensor, b: Tensor) => Tensor): Tensor => list.reduce<Tensor>(f, list[0]!)
  const outputs = Object.fromEntries(Object.entries(folds).map(([name, f]) => [name, fold(f as never)]))
  const net = compile(entry({}, () => ({ outputs })))
  expect([...(net({})['maximum'] as never as Float32Array)]).toEqual([3, -1])
  expect([...(net({})['add'] as never as Float32Array)]).toEqual([7, -7])
  expect(() => (loom.add as (...a: unknown[]) => unknown)(list[0])).toThrow(/add: expected a tensor/)
})

describe('what is no dtype', () => {
  const x = constant([1, 2])
  const CALLS: Readonly<Record<string, (dtype: never) => unknown>> = {
    cast: (dtype) => loom.cast(x, dtype),
    constant: (dtype) => constant([1], { dtype }),
    scalar: (dtype) => constant(1, { dtype }),
    fill: (dtype) => loom.fill([2], 0, { dtype }),
    variable: (dtype) => loom.variable('v', [2], 0, { dtype }),
    'variable by an initializer': (dtype) => loom.variable('v', [2], loom.ones(), { dtype }),
    range: (dtype) => loom.range(0, 3, { dtype }),
    eye: (dtype) => loom.eye(2, { dtype }),
    oneHot: (dtype) => loom.oneHot(constant([0, 1], { dtype: 'int32' }), 3, dtype),
    tensor: (dtype) => tensor([2], dtype),
  }
  it.each(Object.entries(CALLS))('is refused by %s', (_, call) => {
    for (const dtype of ['float16', 'int64', 'Float32', 3])
      expect(() => call(dtype as never), String(dtype)).toThrow(loom.GraphError)
  })

  it.each([
    new Int16Array([200]),
    new Uint16Array([300]),
    new Int8Array([-1]),
    new Uint32Array([1]),
    new BigInt64Array([1n]),
    new Uint8ClampedArray([1]),
  ])('is refused in an array', (data) => {
    expect(() => constant(data as never, { shape: [1] })).toThrow(/Array holds no dtype; convert it/)
    const mean = metrics.standalone(metrics.mean())
    expect(() => mean.update(undefined, data as never)).toThrow(/Array holds no dtype; convert it/)
  })
})

test('an option that is undefined is one that was left out', () => {
  const alike = <O extends object>(make: (options: O) => { config: object }, options: O) => {
    const undef = Object.fromEntries(Object.keys(options).map((key) => [key, undefined])) as O
    const { config } = make(undef)
    expect(config).toEqual(make({} as O).config)
  }
  alike(losses.huber as never, { delta: 2, reduction: 'sum', name: 'h' })
  alike(losses.binaryCrossentropy as never, { fromLogits: true, labelSmoothing: 0.1, axis: 0 })
  alike(losses.cosineSimilarity as never, { axis: 0 })
  for (const make of Object.values(metrics) as unknown as ((options: object) => { config: object })[]) {
    let config: object
    try {
      ;({ config } = make({}))
    } catch {
      continue // those that need an option
    }
    if (typeof config !== 'object') continue
    alike(make, config)
  }
})

test('range into whole numbers steps by whole numbers', () => {
  expect(() => loom.range(0, 1.5, { step: 0.5 })).toThrow(/0.5.* is no int32/)
  expect(() => loom.range(0.5, 3)).toThrow(/0.5.* is no int32/)
  expect(() => loom.range(0, 0.5, { step: 0.5 })).not.toThrow()
})

test('the derivatives of sinc have all digits near 0', () => {
  const x = [1e-9, -3e-5, 6.7e-5, 1e-3]
  const one = { shape: [1], dtype: 'float64' } as const
  // sin(t) / t = 1 - t²/6 + t⁴/120 - ..., differentiated term by term.
  const orders: readonly ((t: number) => number)[] = [
    (t) => 1 - t ** 2 / 6 + t ** 4 / 120,
    (t) => t * (-1 / 3 + t ** 2 / 30 - t ** 4 / 840),
    (t) => -1 / 3 + t ** 2 / 10 - t ** 4 / 168,
    (t) => t * (1 / 5 - t ** 2 / 42 + t ** 4 / 1080),
  ]
  orders.forEach((series, order) => {
    const found = everywhere({ x }, 'float64', (x) => apply(sincOp, [x], { order }))
    found.forEach((value, i) => {
      const expected = series(Math.PI * x[i]!)
      expect(Math.abs(value / expected - 1), `order ${order} at ${x[i]}`).toBeLessThan(1e-15)
      const [near] = POINTWISE_REFERENCE.sinc(
        [{ ...one, data: Float64Array.of(x[i]!) }],
        { order },
        { ...one, fed: undefined },
      ).data
      expect(Math.abs(near! / expected - 1), `the reference at ${x[i]}`).toBeLessThan(1e-14)
    })
  })
})
