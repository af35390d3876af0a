import { add, compile, cond, entry, grad, greater, iterate, mul, sum, tensor, type Tensor, variable } from 'gradloom'
import { expect, it } from 'vitest'

// What is found out about the body of a region is found out once: else the work would double with every level.
const DEEP = 24

it('loops within loops compile, with their gradients', () => {
  const within = (depth: number, y: Tensor<[2], 'float32'>): Tensor<[2], 'float32'> =>
    depth === 0 ? mul(y, 1.5) : iterate(1, { h: y }, ({ h }) => ({ h: within(depth - 1, h) })).h
  const run = compile(
    entry({ x: tensor([2]) }, ({ x }) => {
      const y = within(DEEP / 2, x)
      return { outputs: { y, d: grad(sum(y), [x])[0] } }
    }),
  )
  const { y, d } = run({ x: [1, 2] })
  expect([...y, ...d]).toEqual([1.5, 3, 1.5, 1.5])
})

it('a long chain of else-ifs compiles', () => {
  const from = (k: number, x: Tensor<[1], 'float32'>): Tensor<[1], 'float32'> =>
    k === DEEP ? x : cond(greater(k + 1, sum(x)), () => mul(x, k), () => from(k + 1, x)) // prettier-ignore
  const run = compile(entry({ x: tensor([1]) }, ({ x }) => ({ outputs: { y: from(0, x) } })))
  const expected = [[0, 0], [3.5, 3.5 * 3], [DEEP - 0.5, (DEEP - 0.5) * (DEEP - 1)], [DEEP + 1, DEEP + 1]] as const // prettier-ignore
  for (const [x, y] of expected) expect([...run({ x: [x] }).y]).toEqual([y])
})

it('a loop that captures many tensors compiles, with their gradients', () => {
  const ws = Array.from({ length: 400 }, (_, i) => variable(`w${i}`, [1], i))
  const run = compile(
    entry({ x: tensor([1]) }, ({ x }) => {
      const { h } = iterate(2, { h: x }, ({ h }) => ({ h: ws.reduce<Tensor>((a, w) => add(a, mul(w, 0.5)), h) }))
      return { outputs: { h, d: grad(sum(h), ws)[399]! } }
    }),
  )
  const { h, d } = run({ x: [1] })
  expect([...h, ...d]).toEqual([1 + 400 * 399 * 0.5, 1])
})
