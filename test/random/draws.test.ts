import * as loom from 'gradloom'
import { compile, entry, GraphError, tensor, type Tensor } from 'gradloom'
import { source } from 'gradloom/inspect'
import { describe, expect, it, test } from 'vitest'
import { apply } from '../../src/ir/tensor'
import { gumbelOp, normalOp, normalTruncatedOp, uniformOp } from '../../src/ops/distributions'
import { drawing, NAMES, TARGETS } from './programs'

const { dropout, grad, mul, square, sum, uniform } = loom
const ones = (...shape: number[]): Tensor => loom.fill(shape, 1)

describe('state', () => {
  const make = (seed: number) => {
    const x = loom.variable('x', [64], loom.ones())
    return compile(
      {
        train: entry({}, () => ({ outputs: { y: dropout(x, 0.5) } })),
        sample: entry({}, () => ({ outputs: { u: uniform([64]) } })),
        predict: entry({}, () => ({ outputs: { y: x } })),
      },
      { seed },
    )
  }

  it('counts the steps of entries that draw', () => {
    const net = make(3)
    net.train({})
    net.predict({})
    net.sample({})
    expect(net.state.get('random/step')).toBe(2)
    expect(Array.from(net.state.get('random/seed') as Int32Array)).toEqual([3, 0])
  })

  it('set back or reset gives the same numbers again, another seed others', () => {
    const net = make(3)
    const [first, second] = [net.train({}).y.slice(), net.train({}).y.slice()]
    expect(first).not.toEqual(second)
    net.state.set('random/step', 1)
    expect(net.train({}).y).toEqual(second)
    net.state.reset()
    expect(net.train({}).y).toEqual(first)
    net.state.reset(4)
    const other = net.train({}).y.slice()
    expect(other).not.toEqual(first)
    expect(make(4).train({}).y).toEqual(other)
  })

  it('holds seeds beyond 32 bits', () => {
    const net = make(-(2 ** 40) - 7)
    expect(Array.from(net.state.get('random/seed') as Int32Array)).toEqual([-7, -257])
  })

  it('does not advance where what was drawn is not used', () => {
    const net = compile(entry({}, () => (uniform([3]), { outputs: { y: ones(3) } })))
    net({})
    expect(net.state.names).toEqual([])
  })

  it('advances once, however much is drawn', () => {
    const net = compile(entry({}, () => ({ outputs: { a: uniform([2]), b: uniform([2]) } })))
    const { a, b } = net({})
    expect(a).not.toEqual(b)
    expect(net.state.get('step')).toBe(1)
  })
})

describe('streams', () => {
  const layer = (name: string) => loom.scope(name, () => dropout(ones(32), 0.5))

  it('do not move when a layer is added elsewhere', () => {
    const alone = drawing(() => ({ y: layer('b') }))()
    const beside = drawing(() => ({ x: layer('a'), y: layer('b'), n: loom.normal([4]) }))()
    expect(beside['y']).toEqual(alone['y'])
    expect(beside['x']).not.toEqual(alone['y'])
  })

  it('are those of a call that drops nothing', () => {
    const second = (rate: number) => drawing(() => ({ x: dropout(ones(32), rate), y: dropout(ones(32), 0.5) }))()['y']
    expect(second(0)).toEqual(second(0.1))
  })

  it('are the same for every binding of a named dimension', () => {
    const net = compile(entry({ x: tensor(['B', 3]) }, ({ x }) => ({ outputs: { y: dropout(x, 0.5) } })))
    const fed = (n: number): number[] => {
      net.state.set('random/step', 0)
      return Array.from(net({ x: new Float32Array(3 * n).fill(1) }).y)
    }
    const eight = fed(8)
    expect(fed(5)).toEqual(eight.slice(0, 15))
  })

  it('have the names they are given', () => {
    const draw = (name: string) => drawing(() => ({ y: uniform([8], { name }) }))()['y']
    expect(draw('noise')).toEqual(draw('noise'))
    expect(draw('noise')).not.toEqual(draw('other'))
  })
})

describe.each(NAMES)('dropout on %s', (name) => {
  it('has one mask forwards, backwards, and in second derivatives', () => {
    const net = compile(
      entry({ x: tensor([40, 7]) }, ({ x }) => {
        const y = dropout(x, 0.25)
        const [g] = grad(sum(mul(square(y), y)), [x])
        const [h] = grad(sum(square(g)), [x])
        return { outputs: { y, g, h } }
      }),
      TARGETS[name],
    )
    const x = Float32Array.from({ length: 280 }, (_, i) => 1 + (i % 5))
    const { y, g, h } = net({ x })
    // y = s x, so g = 3 s³ x² and h = 36 s⁶ x³ where an element is kept.
    const s = 4 / 3
    x.forEach((v, i) => {
      const kept = y[i] !== 0
      expect(y[i]).toBeCloseTo(kept ? s * v : 0, 4)
      expect(g[i]! / (3 * s ** 3 * v * v)).toBeCloseTo(Number(kept), 5)
      expect(h[i]! / (36 * s ** 6 * v ** 3)).toBeCloseTo(Number(kept), 5)
    })
    expect(y.some((v) => v === 0)).toBe(true)
  })

  it('lets nothing through of what is dropped', () => {
    const net = compile(
      entry({ x: tensor([400]) }, ({ x }) => {
        const y = dropout(loom.log(x), 0.5)
        return { outputs: { y, g: grad(sum(y), [x])[0] } }
      }),
      TARGETS[name],
    )
    const { y, g } = net({ x: new Float32Array(400) })
    for (const [i, v] of y.entries()) expect([v, g[i]]).toEqual(v === 0 ? [0, 0] : [-Infinity, Infinity])
    expect(y.includes(0)).toBe(true)
  })

  it('drops whole channels', () => {
    const run = drawing(
      () => ({
        last: loom.spatialDropout(ones(3, 4, 5, 6), 0.5),
        first: loom.spatialDropout(ones(3, 6, 20), 0.5, { dataFormat: 'channelsFirst' }),
      }),
      TARGETS[name],
    )
    const { last, first } = run()
    const seen = { last: new Set<number>(), first: new Set<number>() }
    for (let n = 0; n < 3; n++)
      for (let c = 0; c < 6; c++)
        for (let p = 0; p < 20; p++) {
          const [a, b] = [last![(n * 20 + p) * 6 + c]!, first![(n * 6 + c) * 20 + p]!]
          seen.last.add(a).add(2 - a)
          expect([a, b]).toEqual([last![n * 120 + c], first![(n * 6 + c) * 20]])
        }
    expect([...seen.last].sort()).toEqual([0, 2])
  })
})

it.each(NAMES)('shuffle on %s moves rows, and their gradients back', (name) => {
  const net = compile(
    entry({ x: tensor(['N', 3]), w: tensor(['N', 3]) }, ({ x, w }) => {
      const y = loom.shuffle(x)
      const [g] = grad(sum(mul(square(y), w)), [x])
      return { outputs: { y, g, h: grad(sum(square(g)), [x])[0], ints: loom.shuffle(loom.cast(x, 'uint8')) } }
    }),
    TARGETS[name],
  )
  const x = Float32Array.from({ length: 36 }, (_, i) => i + 1)
  const w = Float32Array.from({ length: 36 }, (_, i) => 1 + (i % 7))
  const { y, g, h, ints } = net({ x, w })
  const from = Array.from({ length: 12 }, (_, i) => (y[3 * i]! - 1) / 3)
  expect([...from].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i))
  expect(from).not.toEqual(Array.from({ length: 12 }, (_, i) => i))
  from.forEach((row, i) => {
    for (let c = 0; c < 3; c++) {
      const [value, weight] = [x[3 * row + c]!, w[3 * i + c]!]
      expect([y[3 * i + c], g[3 * row + c], h[3 * row + c]]).toEqual([
        value,
        2 * value * weight,
        8 * value * weight * weight,
      ])
    }
  })
  expect([...ints].sort((a, b) => a - b)).toEqual([...x])
})

it('a permutation of a named dimension has its extent', () => {
  const net = compile(entry({ x: tensor(['N']) }, () => ({ outputs: { p: loom.permutation('N') } })))
  for (const n of [5, 0, 1]) expect(net({ x: new Float32Array(n) }).p.length).toBe(n)
})

it('a mask that two kernels need is stored as bool, and made once', () => {
  const net = compile(
    entry({ x: tensor([8, 16]), w: tensor([16, 16]) }, ({ x, w }) => {
      const y = dropout(loom.relu(loom.matmul(x, w)), 0.5)
      return { outputs: { g: grad(sum(square(loom.matmul(y, w))), [w])[0] } }
    }),
    { target: 'js' },
  )
  const text = source(net, { schedule: 'plain' })
  expect(text.match(/: bool\[8, 16\]|bool\[8, 16\]/g)?.length).toBeGreaterThan(0)
  expect(text.match(/<< 29/g)?.length, text).toBeLessThanOrEqual(3 * 2 + 2)
})

test('shapes without elements, and scalars', () => {
  const run = drawing(() => ({
    none: uniform([0, 3]),
    drop: dropout(ones(2, 0), 0.5),
    one: loom.normal([]),
    die: loom.randint([], 1, 7),
    classes: loom.categorical(ones(0, 3)),
    samples: loom.categorical(ones(3), { numSamples: 4 }),
  }))
  const { none, drop, one, die, classes, samples } = run()
  expect([none!.length, drop!.length, one!.length, classes!.length, samples!.length]).toEqual([0, 0, 1, 0, 4])
  expect([1, 2, 3, 4, 5, 6]).toContain(die![0])
})

test.each(NAMES)('on %s no bits make a number that is not finite, or out of range', (name) => {
  const edges = [0, 1, 63, 64, 127, 128, 2 ** 24 - 1, 2 ** 31 - 129, 2 ** 31 - 64, 2 ** 31 - 2, 2 ** 31 - 1]
  const all = edges.flatMap((word) => [word, ~word])
  const pairs = all.flatMap((a) => all.map((b) => [a, b] as const))
  const words = [0, 1].map((k) =>
    loom.constant(
      Int32Array.from(pairs, (p) => p[k]!),
      { shape: [pairs.length] },
    ),
  )
  const make = (dtype: 'float32' | 'float64') => {
    const single = dtype === 'float32'
    const one = single ? words.slice(0, 1) : words
    return {
      uniform: apply(uniformOp, one, { min: 3, max: 3.1, dtype }),
      unit: apply(uniformOp, one, { min: 0, max: 1, dtype }),
      normal: apply(normalOp, single ? words : [...words, ...words], { mean: 0, stddev: 1, dtype }),
      truncated: apply(normalTruncatedOp, one, { mean: 0, stddev: 1, dtype }),
      gumbel: apply(gumbelOp, one, { dtype }),
    }
  }
  const ranges = { uniform: [3, 3.1], unit: [0, 1], normal: [-8.7, 8.7], truncated: [-2, 2], gumbel: [-4, 38] } as const
  for (const dtype of ['float32', 'float64'] as const) {
    const found = drawing(() => make(dtype), TARGETS[name])()
    for (const [kind, [low, high]] of Object.entries(ranges)) {
      const values = Array.from(found[kind]!)
      expect(values.every((v) => v >= low && v <= high), `${dtype} ${kind}: ${values.join()}`).toBe(true) // prettier-ignore
    }
    const limit = dtype === 'float32' ? Math.fround(3.1) : 3.1
    expect(Math.max(...Array.from(found['uniform']!))).toBeLessThan(limit)
    expect(Math.max(...Array.from(found['unit']!))).toBeLessThan(1)
  }
})

test('probabilities at their ends', () => {
  const { never, always, rare } = drawing(() => ({
    never: loom.bernoulli([500], { p: 0 }),
    always: loom.bernoulli([500], { p: 1 }),
    rare: dropout(ones(500), 1e-15),
  }))()
  expect(new Set(Array.from(never!))).toEqual(new Set([0]))
  expect(new Set(Array.from(always!))).toEqual(new Set([1]))
  expect(new Set(Array.from(rare!))).toEqual(new Set([1]))
})

describe('errors', () => {
  const x = (): Tensor => ones(2, 3)
  test.each<readonly [string, () => unknown]>([
    ['dropout: rate must be from 0 up to 1 (not 1), it is 1', () => dropout(x(), 1)],
    ['dropout: rate must be from 0 up to 1 (not 1), it is -0.1', () => dropout(x(), -0.1)],
    ['gaussianDropout: rate must be', () => loom.gaussianDropout(x(), NaN)],
    ['alphaDropout: rate must be', () => loom.alphaDropout(x(), 1.5)],
    ['dropout: noiseShape [3] must have extents of [2, 3] or 1', () => dropout(x(), 0.5, { noiseShape: [3] })],
    ['dropout: noiseShape [2, 2] must have', () => dropout(x(), 0.5, { noiseShape: [2, 2] })],
    ['spatialDropout: needs a batch, positions and channels', () => loom.spatialDropout(x(), 0.5)],
    ['uniform: min must be below max, they are 1 and 1', () => uniform([2], { min: 1 })],
    ['uniform: min must be a finite float32', () => uniform([2], { min: -1e39 })],
    ['uniform: min must be below max', () => uniform([2], { min: 1, max: 1 + 1e-9 })],
    ['uniform: the dtype must be float32 or float64, it is int32', () => uniform([2], { dtype: 'int32' as never })],
    ['uniform: shape [-1] has the extent -1', () => uniform([-1])],
    ['uniform: "C" is not a dimension', () => uniform(['C'])],
    ['uniform: the name must be a non-empty string', () => uniform([1], { name: '' })],
    ['normal: stddev must be', () => loom.normal([2], { stddev: -1 })],
    ['normal: mean must be', () => loom.normal([2], { mean: NaN })],
    ['bernoulli: p must be a probability from 0 to 1, it is 2', () => loom.bernoulli([2], { p: 2 })],
    ['randint: min must be a whole number', () => loom.randint([2], 0.5, 2)],
    ['randint: min must be below max, they are 2 and 2', () => loom.randint([2], 2, 2)],
    ['randint: max must be a whole number from -2^31 up to 2^31', () => loom.randint([2], 0, 2 ** 31 + 1)],
    ['shuffle: a scalar has no axis to shuffle along', () => loom.shuffle(ones())],
    ['permutation: shape [1.5] has the extent 1.5', () => loom.permutation(1.5)],
    ['have no classes along their last axis', () => loom.categorical(ones())],
    ['have no classes along their last axis', () => loom.categorical(ones(3, 0))],
    ['randomBits: [65536, 32768] has 2147483648 elements; there are random bits for fewer', () => uniform([65536, 32768])], // prettier-ignore
  ])('%s', (message, build) => {
    const traced = () => compile(entry({}, () => (build(), { outputs: {} })))
    expect(traced).toThrow(GraphError)
    expect(traced).toThrow(message)
  })

  test('outside an entry', () => {
    expect(() => uniform([2])).toThrow(
      'uniform: random numbers depend on the state of a program; build them inside the body of an entry',
    )
  })

  test('no gradient flows into what is drawn', () => {
    const body = () => {
      const p = loom.variable('p', [3], loom.ones())
      return { outputs: { g: grad(sum(loom.cast(loom.categorical(p), 'float32')), [p])[0] } }
    }
    expect(() => compile(entry({}, body))).toThrow(GraphError)
  })
})
