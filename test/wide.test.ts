import { addN, compile, concat, emit, entry, grad, mul, scan, sin, slice, stack, sum, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { load } from './emitted'

// Engines refuse functions of more than 1,000 parameters on WebAssembly.
const SIZES = [255, 257, 1000, 1300]
const RUNS = [
  { target: 'js' },
  { target: 'wasm', threads: 1 },
  { target: 'wasm', threads: { count: 2, minWork: 0 } },
] as const

const x = Float32Array.from({ length: 3 }, (_, i) => 0.1 + i / 7)
const near = (got: unknown, want: readonly number[]): void => {
  const all = got as Float32Array
  expect(all).toHaveLength(want.length)
  want.forEach((v, i) => expect(Math.abs(all[i]! - v), `at ${i}`).toBeLessThan(1e-4 * (1 + Math.abs(v))))
}
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Values that are stored, stacked and read again, with their gradient. */
const stacked = (n: number) =>
  entry({ x: tensor([3]) }, ({ x }) => {
    const s = stack(upTo(n).map((i) => sin(mul(x, i / n))))
    return { outputs: { s, d: grad(sum(mul(s, s)), [x])[0] } }
  })
const expectStacked = ({ s, d }: Record<'s' | 'd', unknown>, n: number): void => {
  near(s, upTo(n).flatMap((i) => Array.from(x, (v) => Math.sin((v * i) / n)))) // prettier-ignore
  near(d, Array.from(x, (v) => upTo(n).reduce((t, i) => t + (i / n) * Math.sin((2 * v * i) / n), 0))) // prettier-ignore
}

describe.each(RUNS)('kernels of very many buffers on %j', (options) => {
  it.each(SIZES)('stack %i values', (n) => {
    const run = compile(stacked(n), options)
    expectStacked(run({ x }), n)
    run.dispose()
  })
  it('join slices along another axis, and send back what they got', () => {
    const n = 600
    const run = compile(
      entry({ x: tensor([2, n]) }, ({ x }) => {
        const parts = upTo(n).map((i) => mul(slice(x, [null, { start: n - 1 - i, end: n - i }]), i % 7))
        const joined = concat(parts, { axis: 1 })
        return { outputs: { joined, d: grad(sum(joined), [x])[0] } }
      }),
      options,
    )
    const feed = Float32Array.from({ length: 2 * n }, (_, i) => i)
    const { joined, d } = run({ x: feed })
    near(joined, [0, 1].flatMap((row) => upTo(n).map((i) => (row * n + n - 1 - i) * (i % 7)))) // prettier-ignore
    near(d, [0, 1].flatMap(() => upTo(n).map((i) => (n - 1 - i) % 7))) // prettier-ignore
    run.dispose()
  })
  it('take sums of three operands each, which are not stored', () => {
    const n = 750
    const inputs = Object.fromEntries(upTo(n).map((i) => [`x${i}`, tensor([3])]))
    const run = compile(
      entry(inputs, (x) => {
        const groups = upTo(n / 3).map((k) => addN(upTo(3).map((i) => x[`x${3 * k + i}`]!)))
        // Where there are many kernels, small ones share functions.
        const others = upTo(40).map((i) => [`o${i}`, concat(upTo(i + 1).map(() => x['x0']!))] as const)
        return { outputs: { y: concat(groups), ...Object.fromEntries(others) } }
      }),
      options,
    )
    const { y } = run(Object.fromEntries(upTo(n).map((i) => [`x${i}`, [i, 0, 1]])))
    near(y, upTo(n / 3).flatMap((k) => [9 * k + 3, 0, 3])) // prettier-ignore
    run.dispose()
  })
  it('stand in a loop', () => {
    const n = 300
    const run = compile(
      entry({ x: tensor([4]) }, ({ x }) => {
        const { outputs } = scan({
          over: { x },
          carry: { c: sum(x) },
          step: (carry, { x }) => ({ carry, outputs: { y: stack(upTo(n).map((i) => mul(x, i))) } }),
        })
        return { outputs: { y: outputs.y } }
      }),
      options,
    )
    near(run({ x: [1, 2, 3, 4] }).y, [1, 2, 3, 4].flatMap((v) => upTo(n).map((i) => v * i))) // prettier-ignore
    run.dispose()
  })
})

it.each(['js', 'wasm'] as const)('an emitted %s module has them', async (format) => {
  const module: unknown = await load(emit(compile(stacked(1000), { threads: 1 }), { format }))
  expectStacked((module as { main(feeds: object): Record<'s' | 'd', unknown> }).main({ x }), 1000)
})
