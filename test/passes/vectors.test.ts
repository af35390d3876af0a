import * as loom from 'gradloom'
import { compile, entry, grad, tensor, type Tensor } from 'gradloom'
import { inspect, source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'

type Feeds = Readonly<Record<'a' | 'b' | 'c', Tensor>>
const made = (outputs: (x: Feeds) => Readonly<Record<string, Tensor>>) =>
  compile(
    entry({ a: tensor([24, 24]), b: tensor([24, 24]), c: tensor([24, 24]) }, (x) => ({ outputs: outputs(x) })),
    { target: 'wasm', threads: 1 },
  )
/** Kernels that add up numbers one by one. */
function scalarSums(run: ReturnType<typeof made>): string[] {
  const kernels = source(run, { target: 'wasm', schedule: 'fast' }).split('\n  (func ').slice(1)
  return kernels
    .filter(
      (kernel) =>
        /\(local\.set \$(\w+)\s+\(f(?:32|64)\.add\s+\(local\.get \$\1\)/.test(kernel) &&
        !/(f32x4|f64x2)\.(add|mul)/.test(kernel),
    )
    .map((kernel) => kernel.split('\n', 1)[0]!)
}

const transposed = ({ c }: Feeds): Tensor => loom.transpose(c)
const PROGRAMS: Readonly<Record<string, (x: Feeds) => Readonly<Record<string, Tensor>>>> = {
  'a product beside a transpose': (x) => ({ y: loom.add(loom.matmul(x.a, x.b), transposed(x)) }),
  'a product beside columns in reverse': (x) => ({ y: loom.mul(loom.matmul(x.a, x.b), loom.flip(x.c, 1)) }),
  'a product beside columns taken by index': (x) => ({
    y: loom.add(loom.matmul(x.a, x.b), loom.gather(x.c, loom.range(0, 24), { axis: 1 })),
  }),
  'a product as doubles': (x) => ({ y: loom.cast(loom.matmul(x.a, x.b), 'float64') }),
  'the gradient of a Gram matrix': ({ a }) => ({
    da: grad(loom.sum(loom.square(loom.matmul(loom.transpose(a), a))), [a])[0],
  }),
  'five sums of columns': ({ a, b }) => {
    const terms = [loom.relu(a), loom.exp(a), loom.abs(a), loom.sub(a, b), loom.maximum(a, b)]
    return Object.fromEntries(terms.map((t, i) => [`s${i}`, loom.sum(t, { axis: 0 })]))
  },
  'sums of rows and of columns': ({ a }) => ({
    rows: loom.sum(loom.square(a), { axis: 1 }),
    columns: loom.sum(loom.square(a), { axis: 0 }),
  }),
}

describe('reductions keep their vectors', () => {
  it.each(Object.entries(PROGRAMS))('of %s', (_, outputs) => {
    expect(scalarSums(made(outputs))).toEqual([])
  })
})

describe('the work of a gradient grows with the elements', () => {
  const flops = (pool: (x: Tensor) => Tensor, extent: number): number => {
    const run = compile(
      entry({ x: tensor([1, extent, extent, 2]) }, ({ x }) => ({
        outputs: { d: grad(loom.sum(loom.square(pool(x))), [x])[0] },
      })),
    )
    return inspect(run).kernels.reduce((sum, k) => sum + k.flops, 0)
  }
  it.each([
    ['globalAveragePool', (x: Tensor) => loom.globalAveragePool(x)],
    ['globalMaxPool', (x: Tensor) => loom.globalMaxPool(x)],
    ['averagePool2d', (x: Tensor) => loom.averagePool2d(x, { size: 4 })],
    ['maxPool2d', (x: Tensor) => loom.maxPool2d(x, { size: 4 })],
  ])('of %s', (_, pool) => {
    expect(flops(pool, 16)).toBeLessThan(6 * flops(pool, 8))
  })
})
