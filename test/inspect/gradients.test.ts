import {
  adam,
  add,
  batchNorm,
  compile,
  constantInit,
  dropout,
  entry,
  fill,
  glorotUniform,
  grad,
  GraphError,
  matmul,
  mean,
  mul,
  ones,
  scan,
  sgd,
  sparseSoftmaxCrossEntropy,
  square,
  tanh,
  tensor,
  variable,
  zeros,
} from 'gradloom'
import { gradients, source } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { layers, sequential } from 'gradloom/nn'

const TARGETS = ['js', 'wasm'] as const
const X = Float32Array.from({ length: 4 * 6 }, (_, i) => Math.sin(3 * i + 1))
const Y = Int32Array.of(0, 2, 1, 0)

/** Two layers over a batch of any size, trained by Adam. */
function net(target: (typeof TARGETS)[number]) {
  const W1 = variable('first/W', [6, 5], glorotUniform())
  const b1 = variable('first/b', [5], zeros())
  const W2 = variable('W2', [5, 3], glorotUniform())
  return compile(
    {
      train: entry({ x: tensor(['B', 6]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
        const loss = mean(sparseSoftmaxCrossEntropy(matmul(tanh(add(matmul(x, W1), b1)), W2), y))
        return { outputs: { loss }, updates: adam(loss, [W1, b1, W2]) }
      }),
    },
    { target, seed: 3 },
  )
}

const stateOf = ({ state }: { state: { names: readonly string[]; get(name: string): unknown } }) =>
  state.names.map((name) => [name, state.get(name)])

describe.each(TARGETS)('gradients on %s', (target) => {
  it('are central differences, on the state as it is, which stays', () => {
    const { train, state } = net(target)
    const look = gradients(train)
    for (let step = 0; step < 3; step++) train({ x: X, y: Y })
    const before = stateOf({ state })
    const { gradients: found, outputs } = look({ x: X, y: Y })
    expect(stateOf({ state })).toEqual(before)
    expect(Object.keys(found)).toEqual(['first/W', 'first/b', 'W2'])
    for (const [name, gradient] of Object.entries(found) as [string, Float32Array & { shape: number[] }][]) {
      const value = state.get(name) as Float32Array & { shape: number[] }
      expect(gradient.shape).toEqual(value.shape)
      const step = 1e-2
      gradient.forEach((slope, i) => {
        const lossAt = (shift: number): number => {
          const moved = value.slice()
          moved[i]! += shift
          state.set(name, moved)
          return look({ x: X, y: Y }).outputs['loss'] as number
        }
        expect((lossAt(step) - lossAt(-step)) / (2 * step)).toBeCloseTo(slope, 3)
      })
      state.set(name, value)
    }
    expect(train({ x: X, y: Y }).loss).toBe(outputs['loss'])
  })

  it('are those that a step goes by, for batches of every size', () => {
    const W = variable('W', [6, 3], glorotUniform())
    const { train, state } = compile(
      {
        train: entry({ x: tensor(['B', 6]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
          const loss = mean(sparseSoftmaxCrossEntropy(matmul(x, W), y))
          return { outputs: { loss }, updates: sgd(loss, [W], { learningRate: 1 }) }
        }),
      },
      { target },
    )
    const look = gradients(train)
    for (const size of [1, 4, 2]) {
      const feeds = { x: X.slice(0, size * 6), y: Y.slice(0, size) }
      const gradient = look(feeds).gradients['W'] as Float32Array
      const before = state.get('W')
      train(feeds)
      state.get('W').forEach((after, i) => expect(before[i]! - after).toBeCloseTo(gradient[i]!, 5))
    }
  })

  it('leave random numbers and running statistics where they are', () => {
    const W = variable('W', [6, 3], glorotUniform())
    const [mean_, variance] = [variable('mean', [3], zeros()), variable('variance', [3], ones())]
    const { train, state } = compile(
      {
        train: entry({ x: tensor([4, 6]), y: tensor([4], 'int32') }, ({ x, y }) => {
          const { output, updates } = batchNorm(matmul(dropout(x, 0.5), W), { mean: mean_, variance })
          const loss = mean(sparseSoftmaxCrossEntropy(output, y))
          return { outputs: { loss }, updates: [...sgd(loss, [W]), ...updates] }
        }),
      },
      { target },
    )
    const before = stateOf({ state })
    const looked = gradients(train)({ x: X, y: Y })
    expect(Object.keys(looked.gradients)).toEqual(['W'])
    expect(stateOf({ state })).toEqual(before)
    // The same numbers are drawn.
    expect(train({ x: X, y: Y }).loss).toBe(looked.outputs['loss'])
  })
})

describe('gradients', () => {
  it('of variables that a loop reads are whole', () => {
    const w = variable('w', [], constantInit(0.5))
    const run = compile(
      entry({ x: tensor([3]) }, ({ x }) => {
        const { carry } = scan({
          over: { x },
          carry: { h: fill([], 1) },
          step: ({ h }, { x }) => ({ carry: { h: mul(mul(h, w), x) }, outputs: {} }),
        })
        return { outputs: { loss: carry.h }, updates: sgd(carry.h, [w]) }
      }),
    )
    // w³ x₁ x₂ x₃
    expect(gradients(run)({ x: [2, 3, 4] }).gradients['w']).toBeCloseTo(3 * 0.25 * 24, 5)
  })

  it('where a loss contains a gradient are those of the whole loss', () => {
    const w = variable('w', [], constantInit(2))
    const run = compile(
      entry({ x: tensor([]) }, ({ x }) => {
        const inner = mul(square(w), x)
        const [slope] = grad(inner, [w])
        const loss = add(inner, square(slope))
        return { outputs: { loss }, updates: sgd(loss, [w]) }
      }),
    )
    // w² x + (2 w x)²
    expect(gradients(run)({ x: 3 }).gradients['w']).toBeCloseTo(2 * 2 * 3 + 8 * 2 * 9, 4)
  })

  it('stand beside outputs of the same name', () => {
    const w = variable('w', [], constantInit(2))
    const run = compile(
      entry({ x: tensor([]) }, ({ x }) => {
        const loss = mul(w, x)
        return { outputs: { d_w: loss }, updates: sgd(loss, [w]) }
      }),
    )
    expect(gradients(run)({ x: 3 })).toEqual({ outputs: { d_w: 6 }, gradients: { w: 3 } })
  })

  it('of layers are found, and shown as code', () => {
    const model = sequential([layers.dense({ units: 3, inputShape: [6], activation: 'softmax' })])
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
    model.trainOnBatch(X, Y)
    const look = gradients(model.program.train!)
    expect(Object.keys(look({ [model.inputNames[0]!]: X, y: Y }).gradients)).toEqual(['dense/kernel', 'dense/bias'])
    const text = source(look)
    expect(text).toContain('d_dense_kernel')
    expect(text).not.toContain('in place')
  })

  it('are asked of an entry that has some', () => {
    const W = variable('W', [6, 3], zeros())
    const { predict } = compile({
      predict: entry({ x: tensor([4, 6]) }, ({ x }) => ({ outputs: { y: matmul(x, W) } })),
    })
    expect(() => gradients(predict)).toThrow(GraphError)
    expect(() => gradients(predict)).toThrow('gradients: entry "predict" has no gradient of a variable')
    expect(() => gradients({})).toThrow('gradients: expected a compiled entry such as net.train')
  })
})
