import {
  adam,
  adaptiveAveragePool,
  adaptiveMaxPool,
  add,
  argMax,
  cast,
  compile,
  constant,
  crop,
  type Dim,
  div,
  type DType,
  entry,
  exp,
  fill,
  glorotUniform,
  grad,
  log,
  matmul,
  max,
  mean,
  meanSquaredError,
  mul,
  type Name,
  neg,
  oneHot,
  relu,
  reshape,
  resize,
  type Run,
  sgd,
  sigmoid,
  softmax,
  sparseSoftmaxCrossEntropy,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  transpose,
  update,
  upSampling2d,
  valueAndGrad,
  variable,
  where,
  zeros,
} from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
type T = Name<'T'>
type F<S extends readonly number[]> = Tensor<S, 'float32'>
const init = glorotUniform()
const W1 = variable('W1', [784, 256], init)
const b1 = variable('b1', [256], zeros())
const W2 = variable('W2', [256, 10], init)
const b2 = variable('b2', [10], zeros())
const count = variable('count', [], 0, { dtype: 'int32' })
const logits = (x: F<[B, 784]>) => add(matmul(relu(add(matmul(x, W1), b1)), W2), b2)
const _classifier = () =>
  compile({
    train: entry({ x: tensor(['B', 784]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
      const loss = mean(sparseSoftmaxCrossEntropy(logits(x), y))
      const updates = [...adam(loss, [W1, b1, W2, b2]), update(count, add(count, 1))]
      return { outputs: { loss }, updates }
    }),
    predict: entry({ x: tensor(['B', 784]) }, ({ x }) => ({
      outputs: { p: softmax(logits(x)), label: argMax(logits(x)) },
    })),
  })
declare const net: ReturnType<typeof _classifier>
declare const x: F<[B, 784]>
declare const y: Tensor<[B], 'int32'>
declare const f64: Tensor<[B, 784], 'float64'>
const pixels = new Float32Array(784)

describe('legal programs', () => {
  test('a classifier with a named batch', () => {
    const { loss } = net.train({ x: pixels, y: [3] })
    expectTypeOf(loss).toEqualTypeOf<number>()
    const { p, label } = net.predict({ x: [[0, 1]] })
    expectTypeOf(p.shape).toEqualTypeOf<[B, 10]>()
    expectTypeOf(p.shape).toExtend<readonly [number, 10]>()
    expectTypeOf(p).toExtend<Float32Array>()
    expectTypeOf(label).toExtend<Int32Array>()
    expectTypeOf(label.shape).toEqualTypeOf<[B]>()
  })

  test('state is typed by name and by variable', () => {
    expectTypeOf(net.state.get('W2').shape).toEqualTypeOf<[256, 10]>()
    expectTypeOf(net.state.get(b1).shape).toEqualTypeOf<[256]>()
    expectTypeOf(net.state.get('count')).toEqualTypeOf<number>()
    net.state.set('count', 7)
    net.state.set('W1', new Float32Array(784 * 256))
    net.state.set(b2, new Float32Array(10))
    // Slots and hyper-parameters are known by name only, or by its end.
    net.state.set('learningRate', 0.01)
    expectTypeOf(net.state.get('learningRate')).toExtend<number | { readonly shape: readonly number[] }>()
  })

  test('two entries that train against each other', () => {
    const G = variable('G', [64, 784], init)
    const D = variable('D', [784, 1], init)
    const fake = (z: F<[B, 64]>) => sigmoid(matmul(z, G))
    const judge = (image: F<[B, 784]>) => sigmoid(matmul(image, D))
    const gan = compile({
      critic: entry({ real: tensor(['B', 784]), z: tensor(['B', 64]) }, ({ real, z }) => {
        const loss = neg(mean(add(log(judge(real)), log(sub(1, judge(fake(z)))))))
        return { outputs: { loss }, updates: sgd(loss, [D], { learningRate: 0.1 }) }
      }),
      forger: entry({ z: tensor(['B', 64]) }, ({ z }) => {
        const loss = neg(mean(log(judge(fake(z)))))
        return { outputs: { loss, image: fake(z) }, updates: sgd(loss, [G], { learningRate: 0.1 }) }
      }),
    })
    const { image } = gan.forger({ z: pixels })
    expectTypeOf(gan.critic({ real: image, z: pixels }).loss).toEqualTypeOf<number>()
    expectTypeOf(gan.state.get('G').shape).toEqualTypeOf<[64, 784]>()
    expectTypeOf(gan.state.get('D').shape).toEqualTypeOf<[784, 1]>()
  })

  test('helpers over any shape, over known ones, and generic ones', () => {
    const plain = (h: Tensor) => relu(add(h, 1))
    const half = (h: F<[Dim, 784]>) => mean(matmul(h, W1), { axis: 1 })
    const generic = <R extends Dim, I extends number, O extends number>(h: F<[R, I]>, W: F<[I, O]>) =>
      matmul(h as Tensor, W as Tensor) as F<[R, O]>
    entry({ x: tensor(['B', 784]) }, ({ x }) => {
      expectTypeOf(plain(x)).toExtend<Tensor>()
      expectTypeOf(half(x)).toEqualTypeOf<F<[number]>>()
      expectTypeOf(generic(x, W1)).toEqualTypeOf<F<[B, 256]>>()
      return { outputs: { h: plain(x) } }
    })
  })

  test('an array of layers', () => {
    const sizes = [784, 128, 10]
    const layers = sizes.slice(1).map((n, i) => ({
      W: variable(`W${i}`, [sizes[i]!, n], init),
      b: variable(`b${i}`, [n], zeros()),
    }))
    const run = compile(
      entry({ x: tensor(['B', 784]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
        let h: Tensor = x
        for (const { W, b } of layers) h = relu(add(matmul(h, W), b))
        const loss = mean(sparseSoftmaxCrossEntropy(h, y))
        const weights = layers.flatMap(({ W, b }) => [W, b])
        return { outputs: { loss }, updates: sgd(loss, weights) }
      }),
    )
    expectTypeOf(run({ x: pixels, y: [1] }).loss).toEqualTypeOf<number>()
    const chained = layers.reduce<Tensor>((h, { W }) => matmul(h, W), x)
    expectTypeOf(chained).toEqualTypeOf<Tensor>()
  })

  test('reshape by name', () => {
    entry({ image: tensor(['B', 28, 28]) }, ({ image }) => {
      expectTypeOf(reshape(image, ['B', 784])).toEqualTypeOf<F<[B, 784]>>()
      expectTypeOf(reshape(image, ['B', -1])).toEqualTypeOf<F<[B, number]>>()
      expectTypeOf(reshape(image, [image.shape[0], 784])).toEqualTypeOf<F<[B, 784]>>()
      return { outputs: {} }
    })
  })

  test('attention with batched products', () => {
    const Wq = variable('Wq', [64, 64], init)
    const heads = (t: F<[B, T, 64]>) => transpose(reshape(t, ['B', 'T', 8, 8]), [0, 2, 1, 3])
    const attend = entry({ x: tensor(['B', 'T', 64]) }, ({ x }) => {
      const q = heads(matmul(x, Wq))
      expectTypeOf(q).toEqualTypeOf<F<[B, 8, T, 8]>>()
      const scores = div(matmul(q, transpose(q, [0, 1, 3, 2])), Math.sqrt(8))
      expectTypeOf(scores).toEqualTypeOf<F<[B, 8, T, T]>>()
      const e = exp(sub(scores, max(scores, { axis: -1, keepDims: true })))
      const a = div(e, sum(e, { axis: -1, keepDims: true }))
      const out = add(x, reshape(transpose(matmul(a, q), [0, 2, 1, 3]), ['B', 'T', 64]))
      expectTypeOf(out).toEqualTypeOf<F<[B, T, 64]>>()
      return { outputs: { out } }
    })
    expectTypeOf(compile(attend)({ x: pixels }).out.shape).toEqualTypeOf<[B, T, 64]>()
  })

  test('no inputs, updates on a condition, updates from a helper', () => {
    const tick = compile({ tick: entry({}, () => ({ outputs: { count }, updates: [update(count, add(count, 1))] })) })
    expectTypeOf(tick.tick({}).count).toEqualTypeOf<number>()
    const step = (loss: F<[]>) => sgd(loss, [W1], { learningRate: 1, momentum: 0.9 })
    const build = (train: boolean) =>
      compile(
        entry({ x: tensor(['B', 784]) }, ({ x }) => {
          const loss = mean(square(matmul(x, W1)))
          return train ? { outputs: { loss }, updates: [...step(loss), update(b1, 0)] } : { outputs: { loss } }
        }),
      )
    expectTypeOf(build(true)({ x: pixels }).loss).toEqualTypeOf<number>()
  })

  test('gradients have the type of what they belong to', () => {
    const loss = meanSquaredError(matmul(x, W1), fill([1, 256], 0))
    expectTypeOf(loss).toEqualTypeOf<F<[]>>()
    const [dx, dW] = grad(loss, [x, W1])
    expectTypeOf(dx).toEqualTypeOf<F<[B, 784]>>()
    expectTypeOf(dW).toEqualTypeOf<F<[784, 256]>>()
    expectTypeOf(valueAndGrad(loss, [b1]).gradients).toEqualTypeOf<[F<[256]>]>()
  })

  test('dtypes promote, numbers are weak', () => {
    expectTypeOf(add(y, 1).dtype).toEqualTypeOf<'int32'>()
    expectTypeOf(div(y, 2).dtype).toEqualTypeOf<'float32'>()
    expectTypeOf(mul(x, y.shape.length)).toEqualTypeOf<F<[B, 784]>>()
    expectTypeOf(cast(f64, 'float32')).toEqualTypeOf<F<[B, 784]>>()
    expectTypeOf(where(constant([1, 0], { shape: [2], dtype: 'bool' }), 1, 0)).toEqualTypeOf<F<[2]>>()
    expectTypeOf(oneHot(y, 10)).toEqualTypeOf<F<[B, 10]>>()
    expectTypeOf(sum(constant([1], { shape: [1], dtype: 'bool' })).dtype).toEqualTypeOf<'int32'>()
  })

  test('images keep their rank, and their dtype where elements only move', () => {
    const x = fill([2, 8, 8, 3], 1)
    const n = fill([8, 8, 3], 1, { dtype: 'uint8' })
    type Image<D extends DType> = Tensor<[number, number, number], D>
    expectTypeOf(resize(x, [4, 4])).toEqualTypeOf<F<[number, number, number, number]>>()
    expectTypeOf(resize(n, [4, 4])).toEqualTypeOf<Image<'float32'>>()
    expectTypeOf(resize(n, [4, 4], { interpolation: 'nearest' })).toEqualTypeOf<Image<'uint8'>>()
    expectTypeOf(upSampling2d(n, 2)).toEqualTypeOf<Image<'uint8'>>()
    expectTypeOf(crop(n, [1, [0, 2]])).toEqualTypeOf<Image<'uint8'>>()
    expectTypeOf(adaptiveAveragePool(n, [2, 2])).toEqualTypeOf<Image<'float32'>>()
    expectTypeOf(adaptiveMaxPool(n, [2, 2])).toEqualTypeOf<Image<'uint8'>>()
  })

  test('one entry used twice, programs in a list, a function over any program', () => {
    const inputs = { x: tensor(['B', 4] as const), n: tensor([], 'int32') }
    const e = entry(inputs, ({ x, n }) => ({ outputs: { m: mean(x), n } }))
    const both = compile({ a: e, b: e })
    expectTypeOf(both.a({ x: [[1]], n: 3 }).m).toEqualTypeOf<number>()
    const sized = [2, 3].map((n) => compile(entry({ x: tensor(['B', n]) }, ({ x }) => ({ outputs: { m: mean(x) } }))))
    expectTypeOf(sized[0]!({ x: [[1]] }).m).toEqualTypeOf<number>()
    const lossOf = (run: Run<{ x: ReturnType<typeof tensor<[4]>> }, { loss: F<[]> }>) => run({ x: [1, 2, 3, 4] }).loss
    expectTypeOf(lossOf).returns.toEqualTypeOf<number>()
  })

  test('shapes that only the run time knows', () => {
    const build = (name: string, shape: readonly number[], hidden: number) => {
      const V = variable('V', [4, hidden], init)
      return compile(
        entry({ x: tensor([name, 4]), w: tensor(shape) }, ({ x, w }) => ({
          outputs: { h: tanh(matmul(x, V)), s: add(w, x), total: sum(w) },
        })),
      )
    }
    const results = build('N', [1], 3)({ x: [[1]], w: [1] })
    expectTypeOf(results.h.shape).toEqualTypeOf<[number, number]>()
    expectTypeOf(results.total).toEqualTypeOf<number>()
  })
})
