import { compile, entry, GraphError, mul, tensor, type Tensor } from 'gradloom'
import { type AnyLayer, defineLayer, forward, input, layers, model, sequential } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

const x = input({ shape: [2] })
const dense = () => layers.dense({ units: 2, name: 'inner' })
/** What a function may call, by what a message says of it. */
const CALLED: Record<string, () => AnyLayer> = {
  '"inner" (Dense)': dense,
  '"stack" (Sequential)': () => sequential([dense()], { name: 'stack' }),
  '"graph" (Functional)': () => model({ inputs: x, outputs: dense()(x), name: 'graph' }),
  '"inner" (BatchNormalization)': () => layers.batchNormalization({ name: 'inner' }),
  '"both" (TimeDistributed)': () => layers.timeDistributed({ layer: dense(), name: 'both' }),
}
const shaped = (title: string) => input({ shape: title.includes('TimeDistributed') ? [3, 2] : [2] })
const lambdaOf = (inner: (x: Tensor) => unknown) =>
  layers.lambda({ function: (t) => inner(t) as Tensor, name: 'outer' })

describe('weights that no model would have', () => {
  it.each(Object.entries(CALLED))('are refused in a lambda: %s', (title, make) => {
    const inner = make()
    const outer = lambdaOf((t) => inner(t))
    expectFault(() => outer(shaped(title)), GraphError, 'layer "outer" (Lambda)', title, 'outside of it', 'defineLayer')
  })

  it.each(Object.entries(CALLED))('are refused in a layer of one’s own of which it is no part: %s', (title, make) => {
    const inner = make()
    const Own = defineLayer({ className: 'Own', name: 'own', options: {}, call: ([t]) => inner(t!) as Tensor })
    expectFault(() => Own()(shaped(title)), GraphError, 'layer "own" (Own)', title, 'parts')
    const By = defineLayer({ className: 'By', name: 'by', options: {}, call: ([t], _, at) => at.layer(inner, t!) })
    expectFault(() => By()(shaped(title)), GraphError, 'layer "by" (By)', title, 'parts')
  })

  it('are refused wherever the call is under way', () => {
    const inner = dense()
    const trained = lambdaOf((t) => forward({ training: true }, () => inner(t)).result)
    expectFault(() => trained(x), GraphError, 'layer "outer" (Lambda): its function calls layer "inner"')
    const deep = lambdaOf((t) => layers.lambda({ function: (u) => inner(u), name: 'deep' })(t))
    expectFault(() => deep(x), GraphError, 'layer "deep" (Lambda): its function calls layer "inner"')
    const stack = sequential([lambdaOf((t) => inner(t))])
    expectFault(
      () => stack.predictOnBatch([[1, 2]]),
      GraphError,
      'layer "outer" (Lambda): its function calls layer "inner"',
    )
    const bare = entry({ x: tensor([1, 2]) }, ({ x }) => ({ outputs: { y: lambdaOf((t) => inner(t))(x) } }))
    expectFault(() => compile(bare), GraphError, 'layer "outer" (Lambda): its function calls layer "inner"')
    expect(inner.weights).toEqual([])
  })
})

describe('layers in a function that are fine', () => {
  it('has layers without weights', async () => {
    const net = sequential([lambdaOf((t) => layers.dropout({ rate: 0.5 })(layers.reLU()(t)))])
    expect([...(await net.predict([[-1, 2]]))]).toEqual([0, 2])
  })

  it('has its parts, and models with theirs', async () => {
    const Twice = defineLayer({
      className: 'Twice',
      name: 'twice',
      options: {},
      parts: () => ({ stack: sequential([lambdaOf((t) => mul(t, 2)), layers.dense({ units: 1 })]) }),
      call: ([t], _, at) => at.layer(at.parts['stack']!, t!)[0]!,
    })
    const net = sequential([Twice({ inputShape: [2] })])
    net.setWeights([[1, 1], [0]])
    expect([...(await net.predict([[1, 2]]))]).toEqual([6])
  })
})
