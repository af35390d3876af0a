import {
  add,
  cast,
  checkpoint,
  compile,
  concat,
  cond,
  entry,
  fill,
  grad,
  GraphError,
  greater,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  named,
  normal,
  scan,
  sigmoid,
  sin,
  softmax,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  vjp,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

type Graph = (a: Tensor, b: Tensor) => Tensor
/** Graphs of a tensor and of the same under a name. */
const GRAPHS: readonly (readonly [string, Graph])[] = [
  ['both in one op', (a, b) => mul(a, b)],
  ['the name first', (a, b) => mul(square(b), sin(a))],
  ['the name alone', (_, b) => square(b)],
  ['the tensor alone', (a) => square(a)],
  ['a name of the name', (a, b) => mul(square(named('c', b)), a)],
  ['what is made of both', (a, b) => mul(tanh(add(a, b)), sub(sin(a), square(b)))],
  ['both in a composite', (a, b) => square(softmax(concat([a, b])))],
  ['under one label each', (a, b) => named('y', mul(named('p', sin(a)), named('q', sin(b))))],
  ['the name in a choice', (a, b) => cond(greater(sum(a), 0), () => mul(a, square(b)), () => sin(b))], // prettier-ignore
  ['both in a loop', (a, b) => scan({ carry: { h: a }, length: 3, step: ({ h }) => ({ carry: { h: mul(sin(h), add(a, square(b))) } }) }).carry.h], // prettier-ignore
  ['the name in a checkpoint', (a, b) => mul(checkpoint((x: Tensor) => mul(sin(x), square(b)))(a), a)],
]

/** Operands that a name can be given to. */
const OPERANDS: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ['a product', (x) => mul(x, 3)],
  ['a contraction', (x) => matmul(x, fill([2, 2], 0.5, { dtype: 'float64' }))],
  ['a composite', (x) => softmax(x)],
  ['a name', (x) => named('z', sigmoid(x))],
  [
    'a part of a loop',
    (x) => scan({ carry: { h: x }, length: 2, step: ({ h }) => ({ carry: { h: tanh(h) } }) }).carry.h,
  ],
  ['a gradient', (x) => grad(sum(mul(square(x), x)), [x])[0]],
]

type Derivatives = (y: Tensor, by: Tensor) => Tensor
const zeros = { disconnected: 'zeros' } as const
const WAYS: readonly (readonly [string, Derivatives])[] = [
  ['grad', (y, by) => grad(sum(y), [by])[0]],
  ["grad with disconnected: 'zeros'", (y, by) => grad(sum(y), [by], zeros)[0]],
  ['grad of grad', (y, by) => grad(sum(square(grad(sum(y), [by])[0])), [by])[0]],
  ['vjp', (y, by) => vjp([y], [sin(y)], [by])[0]],
  ['jvp', (y, by) => jvp([y], [by], [add(by, 1)])[0]],
  ['jacobian by rows', (y, by) => jacobian(y, by, { mode: 'reverse' })],
  ['jacobian by columns', (y, by) => jacobian(y, by, { mode: 'forward' })],
  ['hessian', (y, by) => hessian(sum(y), by)],
  ['hvp', (y, by) => hvp(sum(y), [by], [add(by, 1)])[0]],
]

const numbers = (values: number | ArrayLike<number>): number[] => typeof values === 'number' ? [values] : Array.from(values) // prettier-ignore

/** The derivatives of a graph by a tensor and by its name, and those of the graph that knows one tensor alone. */
function derivatives(
  operand: (x: Tensor) => Tensor,
  graph: Graph,
  of: Derivatives,
): Record<'byTensor' | 'byName' | 'plain', number[]> {
  const net = compile(
    entry({ x: tensor([2], 'float64') }, ({ x }) => {
      const a = operand(x)
      const b = named('b', a)
      const alone = operand(x)
      const y = graph(a, b)
      return { outputs: { byTensor: of(y, a), byName: of(y, b), plain: of(graph(alone, alone), alone) } }
    }),
    { target: 'js' },
  )
  const { byTensor, byName, plain } = net({ x: [0.4, 0.9] })
  return { byTensor: numbers(byTensor), byName: numbers(byName), plain: numbers(plain) }
}

function checkOne(operand: (x: Tensor) => Tensor, graph: Graph, of: Derivatives): void {
  const { byTensor, byName, plain } = derivatives(operand, graph, of)
  expect(plain.some((v) => v !== 0)).toBe(true)
  plain.forEach((v, i) => {
    expect(byTensor[i]).toBeCloseTo(v, 10)
    expect(byName[i]).toBeCloseTo(v, 10)
  })
}

describe('a tensor and its name are one to derivatives', () => {
  describe.each(WAYS)('%s', (_, of) => {
    it.each(GRAPHS)('%s', (_, graph) => checkOne((x) => mul(x, 3), graph, of))
  })
  it.each(OPERANDS)('of %s', (_, operand) => checkOne(operand, (a, b) => mul(square(b), sin(a)), WAYS[0]![1]))
  it('by both at once', () => {
    const both = entry({ x: tensor([2]) }, ({ x }) => {
      const a = mul(x, 3)
      const b = named('b', a)
      const [p, q] = grad(sum(mul(a, b)), [a, b])
      return { outputs: { p, q } }
    })
    const { p, q } = compile(both, { target: 'js' })({ x: [2, 2] })
    expect([numbers(p), numbers(q)]).toEqual([[12, 12], [12, 12]]) // prettier-ignore
  })
  it('what is drawn is drawn once', () => {
    const draws = entry({}, () => {
      const a = mul(normal([8]), 2)
      const b = named('b', a)
      const noise = normal([8])
      const same = sub(noise, named('noise', noise))
      return { outputs: { g: sub(grad(sum(mul(a, b)), [a])[0], mul(a, 2)), same } }
    })
    const { g, same } = compile(draws, { target: 'js' })({})
    expect([numbers(g), numbers(same)]).toEqual([Array(8).fill(0), Array(8).fill(0)])
  })
  it('what is written twice is two', () => {
    const x = fill([2], 1)
    expectFault(() => grad(sum(sin(x)), [sin(x)]), GraphError, 'is not used')
  })
  it('of two gradients that are one value each is by itself', () => {
    const x = fill([2], 1)
    const y = fill([2], 2)
    const [p, q] = grad(sum(square(add(x, y))), [x, y])
    expectFault(() => grad(sum(sin(p)), [q]), GraphError, 'is not used')
  })
  it('where the way is broken the message says where', () => {
    const a = mul(fill([2], 1), 3)
    const b = named('b', a)
    expectFault(
      () => grad(sum(cast(greater(b, 1), 'float32')), [a]),
      GraphError,
      'only through',
      'is not differentiable',
    )
  })
})
