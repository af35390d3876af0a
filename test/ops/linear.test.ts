import * as loom from 'gradloom'
import { compile, entry, grad, FeedError, GraphError, tensor, type Tensor, update, variable } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { makeInput } from '../../src/ops/leaf'
import { mirrorT } from '../../src/ops/matrix'
import { load } from '../emitted'
import { expectFault } from '../fault'
import { build, randomNumbers, VARIANTS } from './cases'

const input = (name: string, shape: readonly number[], dtype: loom.DType = 'float64'): Tensor =>
  makeInput(name, { shape, dtype })
const A = input('A', [3, 3])
const variants = Object.entries(VARIANTS)

describe('what cannot be is refused where it is written', () => {
  // prettier-ignore
  const rows: readonly (readonly [what: string, call: () => unknown, parts: readonly string[]])[] = [
    ['a vector', () => loom.cholesky(input('v', [3])), ['cholesky', 'matrices', '"v"', '[3]']],
    ['a matrix that is not square', () => loom.inverse(input('W', [2, 3])), ['inverse', 'square', '"W"', '[2, 3]']],
    ['a matrix that is not square, of a batch', () => loom.eigh(input('W', [5, 2, 3])), ['eigh', 'square', '[5, 2, 3]']],
    ['sides of other rows', () => loom.solve(A, input('b', [4, 2])), ['solve', '[3, k]', '"b"', '[4, 2]']],
    ['a vector of another length', () => loom.solve(A, input('b', [4])), ['solve', '[3, k]', '"b"']],
    ['batches that do not broadcast', () => loom.triangularSolve(input('T', [2, 3, 3]), input('b', [4, 3, 1])), ['triangularSolve', 'batches', '[2, 3, 3]', '[4, 3, 1]']],
    ['a scalar side', () => loom.solve(A, input('s', [])), ['solve', 'right-hand sides', '"s"']],
    ['two floats', () => loom.solve(A, input('b', [3, 1], 'float32')), ['solve', 'float32', 'cast']],
    ['a vector to take apart', () => loom.qr(input('v', [3])), ['qr', 'matrices', '"v"']],
    ['sides of least squares', () => loom.leastSquares(input('X', [5, 2]), input('y', [4])), ['leastSquares', '[5, k]', '"y"']],
  ]
  it.each(rows)('%s', (_, call, parts) => expectFault(call, GraphError, ...parts))
})

/** A matrix that the op cannot take, and what is said of it. */
const BAD = {
  cholesky: { a: [[1, 2], [2, 1]], f: (a: Tensor) => loom.cholesky(a), says: 'is not positive definite' },
  'cholesky of zero': { a: [[1, 1], [1, 1]], f: (a: Tensor) => loom.cholesky(a), says: 'is not positive definite' },
  solve: { a: [[1, 2], [2, 4]], f: (a: Tensor) => loom.solve(a, loom.constant([1, 2])), says: 'is singular' },
  inverse: { a: [[0, 0], [0, 1]], f: (a: Tensor) => loom.inverse(a), says: 'is singular' },
  triangularSolve: { a: [[1, 0], [5, 0]], f: (a: Tensor) => loom.triangularSolve(a, loom.constant([1, 2])), says: 'is singular' },
  'the upper triangle': { a: [[0, 3], [5, 1]], f: (a: Tensor) => loom.triangularSolve(a, loom.constant([1, 2]), { lower: false }), says: 'is singular' },
  leastSquares: { a: [[1, 2], [2, 4], [3, 6]], f: (a: Tensor) => loom.leastSquares(a, loom.constant([1, 2, 3])), says: 'is not of full rank' },
} as const // prettier-ignore

describe.each(variants)('matrices that have no result, %s', (_, options) => {
  it.each(Object.entries(BAD))('%s', (_name, { a, f, says }) => {
    const w = variable('w', [], 1)
    const shape = [a.length, 2]
    const from = (m: Tensor) => {
      const y = loom.sum(f(m))
      return { outputs: { y }, updates: [update(w, loom.add(w, y))] }
    }
    const net = compile({ fed: entry({ M: tensor(shape) }, ({ M }) => from(M)) }, options)
    expectFault(() => net.fed({ M: a }), FeedError, `"M" float32[${shape.join(', ')}]`, says)
    expect(net.state.get('w')).toBe(1)
    const good = a.map((row, i) => row.map((_v, j) => (i === j ? 3 : 0)))
    net.fed({ M: good })
    expect(net.state.get('w')).not.toBe(1)
  })

  it('also where only a gradient reads them, and of a determinant', () => {
    const net = compile(
      entry({ M: tensor([2, 2]) }, ({ M }) => ({ outputs: { d: grad(loom.sum(loom.determinant(M)), [M])[0] } })),
      options,
    )
    expectFault(() => net({ M: [[1, 2], [2, 4]] }), FeedError, '"M"', 'is singular') // prettier-ignore
    expect([...net({ M: [[1, 2], [3, 4]] }).d]).toEqual([4, -3, -2, 1].map((v) => expect.closeTo(v, 5))) // prettier-ignore
  })

  it('in the turn of a loop, and in the arm that is taken alone', () => {
    const net = compile(
      {
        turns: entry({ M: tensor([3, 2, 2]) }, ({ M }) => ({
          outputs: {
            y: loom.scan({ over: { m: M }, carry: { s: loom.constant(0) }, step: ({ s }, { m }) => ({ carry: { s: loom.add(s, loom.sum(loom.inverse(m))) } }) }).carry.s, // prettier-ignore
          },
        })),
        arm: entry({ M: tensor([2, 2]), p: tensor([], 'bool') }, ({ M, p }) => ({
          outputs: { y: loom.cond(p, () => loom.sum(loom.cholesky(M)), () => loom.constant(-1)) }, // prettier-ignore
        })),
      },
      options,
    )
    const one = [[1, 0], [0, 1]] // prettier-ignore
    const none = [[1, 1], [1, 1]] // prettier-ignore
    expect(net.turns({ M: [one, one, one] }).y).toBeCloseTo(6)
    expectFault(() => net.turns({ M: [one, none, one] }), FeedError, 'is singular')
    expect(net.arm({ M: none, p: false }).y).toBe(-1)
    expect(net.arm({ M: one, p: true }).y).toBe(2)
    expectFault(() => net.arm({ M: none, p: true }), FeedError, 'is not positive definite')
  })
})

describe.each(variants)('matrices of which only the gradient needs more, %s', (_, options) => {
  const singular = [[1, 2], [2, 4]] // prettier-ignore
  const regular = [[1, 2], [3, 4]] // prettier-ignore
  const ran = (loss: (M: Tensor, p: Tensor) => Tensor, order: 1 | 2) => {
    const kept = variable('w', [], 0)
    const net = compile(
      {
        run: entry({ M: tensor([2, 2]), p: tensor([], 'bool') }, ({ M, p }) => {
          const once = grad(loss(M, p), [M])[0]
          const d = order === 1 ? once : grad(loom.sum(loom.square(once)), [M])[0]
          return { outputs: { d }, updates: [update(kept, loom.add(kept, loom.sum(d)))] }
        }),
      },
      options,
    )
    return { run: (M: number[][], p: boolean) => net.run({ M, p }).d, state: () => net.state.get('w') }
  }
  const inTurns = (f: (m: Tensor) => Tensor) => (M: Tensor) =>
    loom.scan({
      over: { m: loom.stack([M, loom.mul(M, 2)]) },
      carry: { s: loom.constant(0) },
      step: ({ s }, { m }) => ({ carry: { s: loom.add(s, f(m)) } }),
    }).carry.s
  const det = (m: Tensor) => loom.determinant(m)
  const places: Readonly<Record<string, (M: Tensor, p: Tensor) => Tensor>> = {
    'outside of loops': det,
    'in the turns of a loop': inTurns(det),
    'in an arm': (M, p) => loom.cond(p, () => det(M), () => loom.sum(M)),
    'in an arm in a turn': (M, p) => inTurns((m) => loom.cond(p, () => det(m), () => loom.sum(m)))(M),
    'in a turn in an arm': (M, p) => loom.cond(p, () => inTurns(det)(M), () => loom.sum(M)),
    'in a loop in a loop': inTurns(inTurns(det)),
  } // prettier-ignore

  it.each(Object.entries(places))('%s', (where, loss) => {
    for (const order of [1, 2] as const) {
      const { run, state } = ran(loss, order)
      expectFault(() => run(singular, true), FeedError, 'inverse', 'is singular', 'in the gradient of determinant')
      expect(state()).toBe(0)
      expect([...run(regular, true)].every(Number.isFinite)).toBe(true)
      if (where.includes('arm')) expect([...run(singular, false)].every(Number.isFinite)).toBe(true)
    }
  })
})

/** What the factors of random matrices have in common, whatever their size. */
describe.each(variants)('identities, %s', (_, options) => {
  const random = randomNumbers(7)
  const matrix = (rows: number, columns: number): number[] =>
    Array.from({ length: rows * columns }, () => random() - 0.5)
  const run = (
    shapes: Record<string, readonly number[]>,
    body: (x: Record<string, Tensor>) => Record<string, Tensor>,
  ): void => {
    const inputs = Object.fromEntries(
      Object.entries(shapes).map(([k, shape]) => [k, { shape, dtype: 'float64' as const }]),
    )
    const feeds = Object.fromEntries(Object.entries(shapes).map(([k, shape]) => [k, matrix(shape[0]!, shape[1]!)]))
    const results = build(inputs, (x) => ({ outputs: body(x) }), options).run(feeds)
    for (const [name, values] of Object.entries(results))
      expect(Math.max(0, ...Array.from(values, Math.abs)), name).toBeLessThan(1e-11)
  }
  const { matmul, sub, eye } = { ...loom, eye: (n: number) => loom.constant(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j))), { dtype: 'float64' }) } // prettier-ignore

  it.each([1, 2, 3, 8, 33])('of %i rows', (n) => {
    run({ x: [n, n], b: [n, 3], t: [n + 4, n] }, ({ x, b, t }) => {
      const spd = loom.add(matmul(x!, mirrorT(x!)), eye(n))
      const l = loom.cholesky(spd)
      const { q, r } = loom.qr(t!)
      const wide = loom.qr(mirrorT(t!))
      const { values, vectors } = loom.eigh(spd)
      const best = loom.leastSquares(t!, loom.pad(b!, [[0, 4], [0, 0]])) // prettier-ignore
      const least = loom.leastSquares(mirrorT(t!), b!)
      const { sign, logAbsDet } = loom.slogDet(spd)
      return {
        cholesky: sub(matmul(l, mirrorT(l)), spd),
        solve: sub(matmul(spd, loom.solve(spd, b!)), b!),
        choleskySolve: sub(loom.choleskySolve(l, b!), loom.solve(spd, b!)),
        choleskyInverse: sub(matmul(loom.choleskyInverse(l), spd), eye(n)),
        inverse: sub(matmul(spd, loom.inverse(spd)), eye(n)),
        logDeterminant: sub(logAbsDet, loom.mul(2, loom.sum(loom.log(loom.diagonal(l))))),
        sign: sub(sign, 1),
        product: sub(loom.log(loom.determinant(spd)), loom.sum(loom.log(values))),
        q: sub(matmul(mirrorT(q), q), eye(n)),
        qr: sub(matmul(q, r), t!),
        wide: sub(matmul(wide.q, wide.r), mirrorT(t!)),
        vectors: sub(matmul(mirrorT(vectors), vectors), eye(n)),
        eigen: sub(matmul(spd, vectors), loom.mul(vectors, values)),
        normal: matmul(mirrorT(t!), sub(matmul(t!, best), loom.pad(b!, [[0, 4], [0, 0]]))), // prettier-ignore
        exact: sub(matmul(mirrorT(t!), least), b!),
      }
    })
  })

  it('of equal eigenvalues, whose gradient by the values exists', () => {
    const ran = build(
      { a: { shape: [3, 3], dtype: 'float64' } },
      ({ a }) => {
        const { values, vectors } = loom.eigh(a!)
        const d = grad(loom.sum(loom.mul(loom.square(values), loom.constant([1, 1, 1], { dtype: 'float64' }))), [a!])[0]
        return { outputs: { values, d, unit: sub(matmul(mirrorT(vectors), vectors), eye(3)) } }
      },
      options,
    )
    const { values, d, unit } = ran.run({ a: [2, 0, 0, 0, 2, 0, 0, 0, 2] })
    expect([...values!]).toEqual([2, 2, 2])
    expect([...d!]).toEqual([4, 0, 0, 0, 4, 0, 0, 0, 4])
    expect([...unit!]).toEqual(new Array(9).fill(0))
  })
})

/** What becomes of a result where the matrix is multiplied by a number: it is by a power of it. */
const HOMOGENEOUS: Readonly<Record<string, readonly [power: number, f: (a: Tensor) => Tensor]>> = {
  cholesky: [0.5, (a) => loom.cholesky(a)],
  solve: [0, (a) => loom.solve(a, loom.sum(a, { axis: -1, keepDims: true }))],
  inverse: [-1, (a) => loom.inverse(a)],
  triangularSolve: [0, (a) => loom.triangularSolve(a, loom.sum(a, { axis: -1, keepDims: true }))],
  leastSquares: [0, (a) => loom.leastSquares(a, loom.sum(a, { axis: -1, keepDims: true }))],
  'the sign of the determinant': [0, (a) => loom.slogDet(a).sign],
  'q of qr': [0, (a) => loom.qr(a).q],
  'r of qr': [1, (a) => loom.qr(a).r],
  'values of eigh': [1, (a) => loom.eigh(a).values],
  'vectors of eigh': [0, (a) => loom.eigh(a).vectors],
}

describe.each(variants)('matrices of any size and scale, %s', (_, options) => {
  const a = [4, 1, -1, 1, 3, 0.5, -1, 0.5, 2]
  const run = (f: (a: Tensor) => Tensor, shape: readonly number[], dtype: 'float32' | 'float64', values: number[]) =>
    build({ a: { shape, dtype } }, (x) => ({ outputs: { y: f(x.a!) } }), options).run({ a: values }).y!

  it.each(Object.entries(HOMOGENEOUS))('%s', (_name, [power, f]) => {
    for (const [dtype, exponents] of [
      ['float64', [-960, -600, 600, 960]],
      ['float32', [-110, 110]],
    ] as const) {
      const plain = run(f, [3, 3], dtype, a)
      for (const e of exponents) {
        const scaled = run(f, [3, 3], dtype, a.map((v) => v * 2 ** e)) // prettier-ignore
        scaled.forEach((v, i) =>
          expect(v / 2 ** (e * power), `2^${e}`).toBeCloseTo(plain[i]!, dtype === 'float64' ? 12 : 5),
        )
      }
    }
  })

  it('columns of one matrix, of which Q does not depend on the scale', () => {
    const q = (t: Tensor) => loom.qr(t).q
    const plain = run(q, [3, 3], 'float64', a)
    const scaled = run(q, [3, 3], 'float64', a.map((v, i) => v * [2 ** 700, 1, 2 ** -700][i % 3]!)) // prettier-ignore
    scaled.forEach((v, i) => expect(v).toBeCloseTo(plain[i]!, 12))
  })

  it('no rows, no columns, no matrices', () => {
    const rows = { tall: [3, 0], wide: [0, 3], none: [0, 0], batch: [0, 2, 2] }
    for (const [name, shape] of Object.entries(rows)) {
      const square = name === 'none' || name === 'batch' ? Object.values(HOMOGENEOUS) : []
      const any = [(t: Tensor) => loom.qr(t).q, (t: Tensor) => loom.qr(t).r, (t: Tensor) => loom.leastSquares(t, t)]
      for (const f of [...square.map(([, g]) => g), ...any])
        expect([...run((t) => loom.add(loom.mul(loom.sum(f(t)), 0), 5), shape, 'float32', [])]).toEqual([5])
    }
  })

  it.each([NaN, Infinity, -Infinity])('%d leaves nothing of eigenvalues', (value) => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const at of [0, 1]) {
        const { values, vectors } = build(
          { a: { shape: [2, 3, 3], dtype } },
          (x) => ({ outputs: { ...loom.eigh(x.a!) } }),
          options,
        ).run({ a: [...a.with(at, value), ...a] })
        expect([...values!.slice(0, 3), ...vectors!.slice(0, 9)]).toEqual(new Array(12).fill(NaN))
        expect([...values!.slice(3), ...vectors!.slice(9)].every(Number.isFinite)).toBe(true)
      }
  })
})

it.each(['js', 'wasm'] as const)(
  'an emitted module has room for what a factorisation needs beside its result, %s',
  async (target) => {
    const net = compile(
      {
        run: entry({ a: tensor([2, 5, 5]) }, ({ a }) => ({
          outputs: { v: loom.eigh(loom.add(a, mirrorT(a))).vectors, q: loom.qr(loom.neg(a)).q },
        })),
      },
      { target },
    )
    const random = randomNumbers(3)
    const a = Float32Array.from({ length: 50 }, random)
    const module: unknown = await load(loom.emit(net, { format: target === 'wasm' ? 'wasm' : 'js' }))
    const { run } = module as { run: typeof net.run }
    expect(run({ a })).toEqual(net.run({ a }))
  },
)
