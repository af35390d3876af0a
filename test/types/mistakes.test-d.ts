import {
  adam,
  add,
  argMax,
  cast,
  compile,
  constant,
  type Entry,
  entry,
  exp,
  fill,
  glorotUniform,
  grad,
  matmul,
  mean,
  mul,
  type Name,
  reshape,
  sgd,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  sub,
  sum,
  tensor,
  type Tensor,
  transpose,
  update,
  variable,
  where,
} from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
type F<S extends readonly number[]> = Tensor<S, 'float32'>
const W = variable('W', [512, 10], glorotUniform())
const b = variable('b', [5], 0)
declare const x: F<[B, 784]>
declare const y: Tensor<[B], 'int32'>
declare const double: Tensor<[B, 784], 'float64'>
declare const other: F<[Name<'T'>, 784]>
const _program = () =>
  compile({
    train: entry({ x: tensor(['B', 512]), y: tensor(['B'], 'int32') }, ({ x }) => {
      const h = matmul(x, W)
      return { outputs: { loss: mean(h), h }, updates: sgd(mean(h), [W]) }
    }),
    scale: entry({ x: tensor(['B', 512]), k: tensor([]) }, ({ x, k }) => ({ outputs: { x: mul(x, k) } })),
  })
declare const net: ReturnType<typeof _program>
const row = new Float32Array(512)

describe('mistakes in a graph', () => {
  test('products and element-wise operations', () => {
    // @ts-expect-error: inner dimensions 784 and 512
    matmul(x, W)
    // @ts-expect-error: inner dimensions B and T
    matmul(transpose(x), other)
    // @ts-expect-error: a scalar has no rows
    matmul(mean(x), W)
    // @ts-expect-error: 784 against 10
    add(x, fill([10], 1))
    // @ts-expect-error: B against T
    sub(x, other)
    // @ts-expect-error: B against 32
    mul(x, fill([32, 784], 1))
    // @ts-expect-error: the branches do not broadcast
    where(y, x, fill([3], 1))
  })

  test('dtypes', () => {
    // @ts-expect-error: float32 with float64
    add(x, double)
    // @ts-expect-error: float32 with float64
    matmul(x, transpose(double))
    // @ts-expect-error: no such dtype
    cast(x, 'int64')
    // @ts-expect-error: no such dtype
    tensor(['B'], 'float16')
    // @ts-expect-error: labels are integers
    sparseSoftmaxCrossEntropy(x, fill(['B'], 0))
    // @ts-expect-error: an array is no tensor
    exp([1, 2])
  })

  test('axes, permutations, shapes', () => {
    // @ts-expect-error: axis 2 of [B, 784]
    sum(x, { axis: 2 })
    // @ts-expect-error: axis -3 of [B, 784]
    mean(x, { axis: [0, -3] })
    // @ts-expect-error: axis 1 twice
    sum(x, { axis: [1, -1] })
    // @ts-expect-error: axis 1 of [B]
    argMax(y, { axis: 1 })
    // @ts-expect-error: three positions for two dimensions
    transpose(x, [0, 2, 1])
    // @ts-expect-error: position 0 twice
    transpose(x, [0, 0])
    // @ts-expect-error: T is no dimension of x
    reshape(x, ['T', 784])
    // @ts-expect-error: a constant of a typed array needs a shape
    constant(new Float32Array(4))
  })

  test('losses and labels', () => {
    // @ts-expect-error: the labels have shape [B], not [T]
    sparseSoftmaxCrossEntropy(other, y)
    // @ts-expect-error: the labels have shape [B], not [B, 1]
    sparseSoftmaxCrossEntropy(x, reshape(y, ['B', 1]))
    // @ts-expect-error: class indices where a distribution is needed
    softmaxCrossEntropy(x, y)
    // @ts-expect-error: the loss is not a scalar
    grad(mean(x, { axis: 1 }), [x])
    // @ts-expect-error: the loss is not a scalar
    sgd(x, [W])
    // @ts-expect-error: the loss is not a scalar
    adam(sum(x, { axis: 0 }), [W])
    // @ts-expect-error: not a variable
    sgd(mean(x), [x])
  })

  test('variables', () => {
    // @ts-expect-error: the shape depends on a name
    variable('V', [x.shape[0], 10], 0)
    // @ts-expect-error: the shape has a name
    variable('V', ['B', 10], 0)
    // @ts-expect-error: not a variable
    update(x, x)
    // @ts-expect-error: no initial value
    variable('V', [3])
  })
})

describe('mistakes in an entry', () => {
  const spec = { x: tensor(['B', 784]) }
  test('inputs and results', () => {
    // @ts-expect-error: there is no input z
    entry(spec, ({ z }) => ({ outputs: { z } }))
    // @ts-expect-error: a tensor is not a record of outputs
    entry(spec, ({ x }) => ({ outputs: x }))
    // @ts-expect-error: outputs misspelt
    entry(spec, ({ x }) => ({ output: { x } }))
    // @ts-expect-error: update beside outputs
    entry(spec, ({ x }) => ({ outputs: { x }, update: [] }))
    // @ts-expect-error: a number is no tensor
    entry(spec, () => ({ outputs: { one: 1 } }))
    // @ts-expect-error: an optimiser gives a list already
    entry(spec, ({ x }) => ({ outputs: {}, updates: [sgd(mean(x), [b])] }))
    // @ts-expect-error: an input without tensor()
    entry({ x: ['B', 784] }, () => ({ outputs: {} }))
  })

  test('programs', () => {
    // @ts-expect-error: an entry may not be named state
    compile({ state: entry({}, () => ({ outputs: {} })) })
    // @ts-expect-error: an entry may not be named ready
    compile({ ready: entry({}, () => ({ outputs: {} })) })
    // @ts-expect-error: a function is no entry
    compile({ train: () => 1 })
    // @ts-expect-error: no such option
    compile({}, { sched: 'fast' })
    // @ts-expect-error: no such schedule
    compile({}, { schedule: 'slow' })
    // @ts-expect-error: no such pass
    compile({}, { passes: { fuse: false } })
  })
})

describe('mistakes in a call', () => {
  test('feeds', () => {
    // @ts-expect-error: y is missing
    net.train({ x: row })
    // @ts-expect-error: x misspelt
    net.train({ X: row, y: [1] })
    // @ts-expect-error: there is no z
    net.train({ x: row, y: [1], z: row })
    // @ts-expect-error: labels in a Float32Array
    net.train({ x: row, y: row })
    // @ts-expect-error: a Float64Array for float32
    net.train({ x: new Float64Array(512), y: [1] })
    // @ts-expect-error: rank 1 for rank 2
    net.train({ x: [1, 2], y: [1] })
    // @ts-expect-error: an array for a scalar
    net.scale({ x: row, k: [1] })
    // @ts-expect-error: a string
    net.scale({ x: row, k: '1' })
    // @ts-expect-error: the entry misspelt
    void net.trian
  })

  test('results and state', () => {
    const { loss, h } = net.train({ x: row, y: [1] })
    // @ts-expect-error: the output misspelt
    void net.train({ x: row, y: [1] }).los
    // @ts-expect-error: a number
    void loss.shape
    // @ts-expect-error: rank 2
    void h.shape[2]
    // @ts-expect-error: rank 2
    void net.state.get('W').shape[2]
    // @ts-expect-error: a number for a matrix
    net.state.set('W', 1)
    // @ts-expect-error: a string
    net.state.set(b, 'x')
    // @ts-expect-error: int32 for float32
    net.state.set(W, new Int32Array(5120))
  })
})

test('the message is the type of the parameter at fault', () => {
  type Second<F extends (...args: never[]) => unknown> = Parameters<F>[1]
  expectTypeOf<
    Second<typeof matmul<F<[32, 784]>, F<[512, 10]>>>
  >().toEqualTypeOf<'matmul: inner dimensions 784 and 512 differ'>()
  expectTypeOf<
    Second<typeof add<F<[B, 784]>, F<[10]>>>
  >().toEqualTypeOf<'add: shapes [B, 784] and [10] do not broadcast (784 against 10)'>()
  expectTypeOf<
    Second<typeof mul<F<[2]>, Tensor<[2], 'float64'>>>
  >().toEqualTypeOf<'mul: float32 and float64 do not mix; cast one of them'>()
  expectTypeOf<
    Second<typeof sparseSoftmaxCrossEntropy<F<[B, 10]>, Tensor<[7], 'int32'>>>
  >().toEqualTypeOf<'sparseSoftmaxCrossEntropy: for logits [B, 10] the labels must have shape [B], they have shape [7]'>()
  expectTypeOf<
    Parameters<typeof grad<F<[32]>, [F<[32]>]>>[0]
  >().toEqualTypeOf<'grad: the loss must be a scalar, it has shape [32]'>()
  expectTypeOf<NonNullable<Parameters<typeof sum<F<[B, 784]>, 2>>[1]>['axis']>().toEqualTypeOf<
    'sum: axis 2 is out of range for shape [B, 784]' | undefined
  >()
  expectTypeOf<
    Parameters<typeof compile<{ state: Entry }>>[0]['state']
  >().toEqualTypeOf<'compile: an entry may not be named state'>()
})
