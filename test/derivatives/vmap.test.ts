import * as loom from 'gradloom'
import {
  add,
  cond,
  constant,
  customGradient,
  grad,
  FeedError,
  GraphError,
  less,
  matmul,
  mul,
  perExampleGrad,
  relu,
  scan,
  sin,
  square,
  sum,
  tanh,
  type Tensor,
  uniform,
  variable,
  vmap,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { withBodies, toposort } from '../../src/ir/graph'
import { makeInput } from '../../src/ops/leaf'
import { expectFault } from '../fault'
import { type Body, build, type Inputs, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

type Map = (f: (...slices: Tensor[]) => Tensor, ...batches: Tensor[]) => Tensor
const mapped: Map = (f, ...batches) => vmap(f as never, ...batches) as Tensor
const rowOf = (x: Tensor, row: number): Tensor => loom.squeeze(loom.slice(x, [{ start: row, end: row + 1 }]), 0)
const byHand: Map = (f, ...batches) =>
  loom.stack(Array.from({ length: batches[0]!.shape[0]! }, (_, row) => f(...batches.map((x) => rowOf(x, row)))))
/** The slices by turns of a loop, which draws as vmap draws. */
const inTurns: Map = (f, ...batches) =>
  scan({ carry: {}, over: Object.fromEntries(batches.map((x, i) => [`x${i}`, x])), step: (_, slices) => ({ carry: {}, outputs: { y: f(...Object.values(slices)) } }) }).outputs.y // prettier-ignore

const INPUTS: Inputs = {
  x: { shape: [4, 3], dtype: 'float64' },
  y: { shape: [4, 2], dtype: 'float64' },
  W: { shape: [3, 2], dtype: 'float64' },
}
const feedsFor = (seed: number) => {
  const random = randomNumbers(seed)
  return Object.fromEntries(Object.entries(INPUTS).map(([name, { shape }]) => [name, sample({ shape, domain: 'any' }, random)])) // prettier-ignore
}

/** Functions of slices x [3] and y [2] with W from outside. */
const FUNCTIONS: Readonly<Record<string, (W: Tensor) => (x: Tensor, y: Tensor) => Tensor>> = {
  'a gradient inside': (W) => (x, y) => grad(sum(square(loom.sub(tanh(matmul(x, W)), y))), [x])[0],
  'what does not depend on the slices': (W) => () => tanh(W),
  'a scan over the slice': () => (x, y) =>
    scan({ carry: { s: y }, over: { v: x }, step: ({ s }, { v }) => ({ carry: { s: tanh(add(mul(s, v), y)) } }) }).carry.s, // prettier-ignore
  'a scan that stacks': (W) => (x, y) =>
    scan({ carry: { s: matmul(x, W) }, length: 3, step: ({ s }, _, t) => ({ carry: { s: sin(s) }, outputs: { o: mul(s, mul(y, add(t, 1))) } }) }).outputs.o, // prettier-ignore
  'a choice': (W) => (x, y) => cond(less(sum(x), 0), (): Tensor => matmul(sin(x), W), (): Tensor => mul(y, 2)), // prettier-ignore
  'a vmap inside': (W) => (x, y) => vmap((w: Tensor) => mul(sin(w), add(y, sum(x))) as never, W),
  'vmap of what is outside and of the slice': () => (x, y) => vmap((v: Tensor) => mul(v, y) as never, x),
  'a gradient of the user that reads a slice': () => (x, y) =>
    customGradient([x], (v) => sin(v), ({ cotangent }) => [mul(cotangent, sum(y))]), // prettier-ignore
  checkpoint: (W) => (x, y) => loom.checkpoint((v: Tensor): Tensor => tanh(matmul(sin(v), W)))(mul(x, sum(y))),
  convolution: (W) => (x, y) => loom.conv1d(loom.reshape(x, [1, 3, 1]), loom.reshape(mul(y, sum(W)), [2, 1, 1])),
}

describe('vmap is the function of each slice', () => {
  it.each(Object.keys(FUNCTIONS))('%s', (name) => {
    const body =
      (map: Map): Body =>
      ({ x, y, W }) => {
        const z = map(FUNCTIONS[name]!(W!), x!, y!)
        const zeros = { disconnected: 'zeros' } as const
        const first = grad(sum(square(z)), [x!, y!, W!], zeros)
        const second = grad(
          first.map((g) => sum(square(g))).reduce((a, b) => add(a, b)),
          [x!, y!, W!],
          zeros,
        )
        const outputs = Object.fromEntries([...first, ...second].map((g, i) => [`g${i}`, g]))
        return { outputs: { z, ...outputs } }
      }
    const expected = build(INPUTS, body(byHand), VARIANTS.fast).run(feedsFor(1))
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const results = build(INPUTS, body(mapped), options).run(feedsFor(1))
      for (const [key, values] of Object.entries(expected))
        expectNear(`${options.target} ${key}`, results[key]!, values)
    }
  })

  it('inside the step of a scan', () => {
    const body =
      (map: Map): Body =>
      ({ x, W }) => {
        const step = ({ s }: { s: Tensor }, { v }: { v: Tensor }) => ({ carry: { s: map((w) => tanh(add(mul(w, sum(s)), sum(v))), s) } }) // prettier-ignore
        const { s } = scan({ carry: { s: W! }, over: { v: x! }, step }).carry
        return { outputs: { s, g: grad(sum(square(s)), [W!])[0] } }
      }
    const expected = build(INPUTS, body(byHand), VARIANTS.fast).run(feedsFor(2))
    const results = build(INPUTS, body(mapped), VARIANTS.wasm).run(feedsFor(2))
    for (const [key, values] of Object.entries(expected)) expectNear(key, results[key]!, values)
  })

  it('draws anew for each slice, as a loop does', () => {
    const body =
      (map: Map): Body =>
      ({ x }) => ({ outputs: { z: map((v) => add(v, uniform([3], { dtype: 'float64' } as never)), x!) } })
    const [a, b] = [mapped, inTurns].map((map) => build(INPUTS, body(map), { seed: 3 }).run(feedsFor(1))['z']!)
    expect([...a!]).toEqual([...b!])
    const drawn = [...a!].map((v, i) => v - feedsFor(1)['x']![i]!)
    expect(new Set(drawn.map((v) => v.toFixed(9))).size).toBe(12)
  })
})

const typed = makeInput('x', { shape: [4, 3], dtype: 'float64' })
describe('what vmap gives and refuses', () => {
  it('lists and objects come back as they are', () => {
    const list = vmap((v: Tensor<readonly [3], 'float64'>) => [sin(v), sum(v)] as const, typed as never)
    expect([list[0].shape, list[1].shape]).toEqual([[4, 3], [4]])
    const { a } = vmap((v: Tensor) => ({ a: sum(v) }), typed as never)
    expect(a.shape).toEqual([4])
  })

  const other = makeInput('z', { shape: [5], dtype: 'float64' })
  it.each<[string, () => unknown, string[]]>([
    ['a scalar', () => vmap((v) => v, constant(1)), ['scalar', 'no slices']],
    ['other extents', () => mapped(add, typed, other), ['"x"', '4 slices', '"z"', '5']],
    ['no tensors', () => vmap(() => constant(1)), ['over which']],
    ['no function', () => vmap(1 as never, typed), ['function']],
    ['no tensor given', () => vmap((() => 1) as never, typed), ['gave number']],
    [
      'an empty batch',
      () => mapped((v) => v, makeInput('e', { shape: [0, 2], dtype: 'float32' })),
      ['"e"', 'no slices'],
    ],
  ])('refuses %s', (_, run, words) => expectFault(run, GraphError, ...words))
})

it('a slice is of no use outside', () => {
  let slice: Tensor | undefined
  const body: Body = ({ x }) => {
    mapped((v) => (slice = v), x!)
    return { outputs: { y: sin(slice!) } }
  }
  expectFault(() => build(INPUTS, body), GraphError, '"x"', 'exists only inside', 'vmap')
})

it('indices that are computed are checked, also in a loop over the slices', () => {
  const step = (t: Tensor) => ({ s }: { s: Tensor }, { v }: { v: Tensor }) => ({ carry: { s: add(s, loom.gather(t, loom.cast(add(v, s), 'int32'))) } }) // prettier-ignore
  const bodies: Body[] = [
    ({ x, t }) => ({ outputs: { y: mapped((v) => loom.gather(t!, loom.cast(mul(v, 2), 'int32')), x!) } }),
    ({ x, t }) => ({ outputs: { y: mapped((v) => scan({ carry: { s: loom.fill([], 0, { dtype: 'float64' }) }, over: { v }, step: step(t!) }).carry.s, x!) } }), // prettier-ignore
  ]
  for (const body of bodies) {
    const { run } = build({ x: { shape: [2, 2], dtype: 'float64' }, t: { shape: [4], dtype: 'float64' } }, body)
    expect([...run({ x: [0, 1, 1, 0], t: [0, 0, 0, 0] })['y']!].every((v) => v === 0)).toBe(true)
    expectFault(() => run({ x: [0, 1, 7, 0], t: [0, 0, 0, 0] }), FeedError, 'out of range', '1 case')
  }
})

describe('perExampleGrad', () => {
  const layers = (W: Tensor, V: Tensor) => (x: Tensor, y: Tensor) =>
    loom.meanSquaredError(matmul(relu(matmul(x, W)), V), y)
  const inputs: Inputs = { ...INPUTS, W: { shape: [3, 5], dtype: 'float64' }, V: { shape: [5, 2], dtype: 'float64' } }
  const random = randomNumbers(4)
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, sample({ shape, domain: 'any' }, random)])) // prettier-ignore

  it('is the gradient of each example, without a loop', () => {
    const body: Body = ({ x, y, W, V }) => {
      const g = perExampleGrad(layers(W!, V!), [W!, V!], [x!, y!])
      const rows = [0, 1, 2, 3].map((i) => grad(layers(W!, V!)(rowOf(x!, i), rowOf(y!, i)), [W!, V!]))
      const [W4, V4] = [0, 1].map((k) => loom.stack(rows.map((r) => r[k]!)))
      return { outputs: { W: g[0], V: g[1], W4: W4!, V4: V4! } }
    }
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const ran = build(inputs, body, options)
      const { W, V, W4, V4 } = ran.run(feeds)
      expectNear('W', W!, W4!)
      expectNear('V', V!, V4!)
      const { outputs } = ran.traced.roots
      const order = withBodies(toposort([outputs.get('W')!, outputs.get('V')!]))
      expect(order.filter((t) => t.op.name === 'scan')).toEqual([])
      expect(outputs.get('W')!.shape).toEqual([4, 3, 5])
    }
  })

  it('refuses a loss that is no scalar, and a batch as target', () => {
    const w = variable('w', [3], 0, { dtype: 'float64' })
    expectFault(() => perExampleGrad((x) => mul(x, w), [w], [typed]), GraphError, 'perExampleGrad', 'scalar') // prettier-ignore
    expectFault(() => perExampleGrad((x) => sum(mul(x, w)), [typed], [typed]), GraphError, '"x"', 'vmap of grad') // prettier-ignore
  })
})
