import * as loom from 'gradloom'
import { compile, entry, tensor, type Tensor } from 'gradloom'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

type Feeds = Readonly<Record<'a' | 'b' | 'c' | 'v', Tensor>> & Readonly<Record<'i' | 'j', loom.Indices>>
type Epilogue = (y: Tensor, x: Feeds, at: loom.Indices) => Tensor

const rows = (i: loom.Indices): Tensor<loom.Shape, 'bool'> => loom.expandDims(loom.less(i, 2), 1)
/** What sums in a tile: its epilogues take their values from anywhere, by indices that conditions ask for too. */
const SUMS: Readonly<Record<string, (x: Feeds) => Tensor>> = {
  matmul: ({ a, b }) => loom.matmul(a, b),
  einsum: ({ a, b }) => loom.einsum('ij,jk->ik', a, b),
  'rows of a gathered product': ({ a, b, i }) => loom.matmul(loom.gather(a, i), b),
  'sum over the middle axis': ({ a, b }) =>
    loom.sum(loom.mul(loom.expandDims(a, 2), loom.expandDims(b, 0)), { axis: 1 }),
  'sum that keeps its axis for a while': ({ a, b }) =>
    loom.squeeze(loom.sum(loom.mul(loom.expandDims(a, 2), loom.expandDims(b, 0)), { axis: 1, keepDims: true }), 1),
  'convolution of single channels': ({ c, v }) => {
    const [m, n] = c.shape as [number, number]
    const kernel = loom.reshape(loom.stack([v, loom.neg(v)]), [2, 1, n, 1])
    const x = loom.reshape(c, [1, m, 1, n])
    return loom.reshape(loom.depthwiseConv2d(x, kernel, { padding: 'same' }), [m, n])
  },
  'maximum over the middle axis': ({ a, b }) => loom.max(loom.mul(loom.expandDims(a, 2), loom.expandDims(b, 0)), { axis: 1 }), // prettier-ignore
}
const EPILOGUES: Readonly<Record<string, Epilogue>> = {
  'rows set': (y, { c }, at) => loom.scatter(y, at, c),
  'rows set to one row': (y, { v }, at) => loom.scatter(y, at, loom.broadcastTo(v, y.shape)),
  'rows added': (y, { c }, at) => loom.scatter(y, at, c, { reduce: 'add' }),
  'gathered where': (y, { c, i }, at) => loom.where(rows(i), loom.gather(c, at), y),
  'gathered where its own index says': (y, { c }, at) => loom.where(rows(at), loom.gather(c, at), y),
  'columns gathered where': (y, { c, j }) => loom.where(loom.less(j, 2), y, loom.gather(c, j, { axis: 1 })),
  'gathered and added': (y, { c }, at) => loom.add(y, loom.gather(loom.tanh(c), at)),
  'one of a row': (y, { c, j }, at) => loom.mul(y, loom.takeAlongAxis(c, loom.expandDims(loom.mod(at, j.shape[0]!), 1) as loom.Indices, { axis: 1 })), // prettier-ignore
  'one hot': (y, _, at) => loom.add(y, loom.cast(loom.oneHot(loom.mod(at, y.shape[1]!) as loom.Indices, y.shape[1]!), y.dtype as 'float32')), // prettier-ignore
  'scaled by a row': (y, _, at) => loom.mul(y, loom.cast(loom.expandDims(loom.add(at, 1), 1), y.dtype as 'float32')),
  'rows of its own': (y, _, at) => loom.gather(y, at),
}
const INDICES: Readonly<Record<string, (i: loom.Indices) => loom.Indices>> = {
  given: (i) => i,
  computed: (i) => loom.mod(loom.add(i, 1), i.shape[0]!) as loom.Indices,
}
const ENDS: Readonly<Record<string, (y: Tensor, x: Feeds) => Tensor>> = {
  itself: (y) => y,
  'its gradient': (y, { a }) => loom.grad(loom.sum(loom.square(y)), [a], { disconnected: 'zeros' })[0],
  'its columns summed': (y) => loom.sum(y, { axis: 0 }),
}
const oneOf = <T>(record: Readonly<Record<string, T>>): fc.Arbitrary<string> => fc.constantFrom(...Object.keys(record))

const plan = fc.record({
  dtype: fc.constantFrom('float32' as const, 'float64' as const),
  sizes: fc.tuple(fc.integer({ min: 3, max: 17 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 3, max: 17 })),
  sum: oneOf(SUMS),
  steps: fc.array(fc.tuple(oneOf(EPILOGUES), oneOf(INDICES)), { minLength: 1, maxLength: 3 }),
  end: oneOf(ENDS),
})

describe('what stands behind a sum', () => {
  const check = ({
    dtype,
    sizes: [n, k, m],
    sum,
    steps,
    end,
  }: typeof plan extends fc.Arbitrary<infer P> ? P : never) => {
    const spec = { a: tensor([n, k], dtype), b: tensor([k, m], dtype), c: tensor([n, m], dtype), v: tensor([m], dtype), i: tensor([n], 'int32'), j: tensor([m], 'int32') } // prettier-ignore
    const made = entry(spec, (given) => {
      const x = given as unknown as Feeds
      const y = steps.reduce((now, [name, by]) => EPILOGUES[name]!(now, x, INDICES[by]!(x.i)), SUMS[sum]!(x))
      return { outputs: { y: ENDS[end]!(y, x) } }
    })
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, p) => Math.sin(7 * p + count))
    const feeds = {
      ...Object.fromEntries(Object.entries({ a: [n, k], b: [k, m], c: [n, m], v: [m] }).map(([key, shape]) => [key, dtype === 'float64' ? Float64Array.from(numbers(shape.reduce((p, q) => p * q))) : Float32Array.from(numbers(shape.reduce((p, q) => p * q)))])), // prettier-ignore
      i: Int32Array.from({ length: n }, (_, p) => (5 * p + 2) % n),
      j: Int32Array.from({ length: m }, (_, p) => (3 * p + 1) % m),
    }
    const [want, ...others] = [{ target: 'js', fuse: false }, { target: 'js' }, { target: 'wasm', threads: 1 }].map(
      (options) => [...(compile(made, options as loom.CompileOptions)(feeds as never) as { y: Float32Array }).y],
    )
    for (const got of others)
      want!.forEach((v, p) => expect(Math.abs(got[p]! - v), `${p}: ${got[p]} for ${v}`).toBeLessThan(1e-3 * (1 + Math.abs(v)))) // prettier-ignore
  }

  it('is computed with it on every target: each epilogue behind each sum', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const sum of Object.keys(SUMS))
        for (const epilogue of Object.keys(EPILOGUES))
          for (const by of Object.keys(INDICES)) check({ dtype, sizes: [8, 4, 9], sum, steps: [[epilogue, by]], end: 'itself' }) // prettier-ignore
  })
  it('in random combinations, with gradients', () => {
    fc.assert(fc.property(plan, check), { numRuns: 150 })
  })
})
