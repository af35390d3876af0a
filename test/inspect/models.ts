import {
  adam,
  add,
  argMax,
  compile,
  div,
  entry,
  exp,
  flip,
  glorotUniform,
  grad,
  greater,
  log,
  matmul,
  max,
  mean,
  mul,
  named,
  oneHot,
  recordSites,
  relu,
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
  variable,
  where,
  zeros,
} from 'gradloom'

// The tests are about what is printed, and lines of this file would change with it.
recordSites(false)

const init = glorotUniform()

/** Two layers with softmax cross-entropy, as the first example of the documentation. */
export function mlp(rule: 'sgd' | 'adam', batch: number | 'B' = 32) {
  const W1 = variable('W1', [784, 256], init)
  const b1 = variable('b1', [256], zeros())
  const W2 = variable('W2', [256, 10], init)
  const b2 = variable('b2', [10], zeros())
  const logits = (x: Tensor<[number, 784], 'float32'>) => {
    const h = named('h', relu(add(matmul(x, W1), b1)))
    return named('z', add(matmul(h, W2), b2))
  }
  return compile({
    train: entry({ x: tensor([batch, 784]), y: tensor([batch], 'int32') }, ({ x, y }) => {
      const loss = mean(sparseSoftmaxCrossEntropy(logits(x) as Tensor, y))
      const weights = [W1, b1, W2, b2]
      return { outputs: { loss }, updates: rule === 'sgd' ? sgd(loss, weights) : adam(loss, weights) }
    }),
    predict: entry({ x: tensor([batch, 784]) }, ({ x }) => ({ outputs: { p: softmax(logits(x)) } })),
  })
}

export function float64Model() {
  const W = variable('W', [5, 3], init, { dtype: 'float64' })
  return compile(
    entry({ x: tensor([4, 5], 'float64') }, ({ x }) => {
      const loss = mean(square(sigmoid(matmul(x, W))))
      return { outputs: { loss }, updates: adam(loss, [W], { amsgrad: true }) }
    }),
  )
}

/** Names so long that the headers and calls of some kernels do not fit on a line. */
export function longNames() {
  const W = variable('encoder/query', [5, 3], init)
  const b = variable('encoder/bias', [3], 0)
  return compile(
    entry({ pixels_of_the_image: tensor([4, 5]) }, ({ pixels_of_the_image: x }) => {
      const h = named('block_activations', tanh(add(matmul(x, W), b)))
      const loss = mean(square(h))
      const outputs = { mean_squared_activation: loss, probability_of_each_class: softmax(h) }
      return { outputs, updates: adam(loss, [W, b], { name: 'optimizer_of_the_encoder' }) }
    }),
  )
}

/** Every name as long as the given one, in a model whose expressions are long in themselves, float64 for digits. */
export function namesOfLength(name: string, rule: 'adam' | 'sgd' = 'adam') {
  const W = variable(`${name}/weights`, [5, 3], init, { dtype: 'float64' })
  const b = variable(`${name}_bias`, [3], 0, { dtype: 'float64' })
  return compile(
    entry({ [name]: tensor([4, 5], 'float64'), [`${name}_target`]: tensor([4, 3], 'float64') }, (feeds) => {
      const [x, y] = Object.values(feeds) as unknown as [Tensor, Tensor]
      const h = named(`${name}/activations`, tanh(add(matmul(x, W), b)))
      const q = named(`${name}/quotient`, div(mul(sub(h, y), exp(mul(y, -0.123456789012345))), add(1, square(h))))
      const top = max(q, { axis: 1, keepDims: true })
      const loss = mean(square(where(greater(q, top), q, mul(add(q, top), sigmoid(sub(q, y))))))
      const outputs = { [`${name}_loss`]: loss, [`${name}_place`]: argMax(named(`${name}/q`, add(q, y))) }
      return { outputs, updates: rule === 'adam' ? adam(loss, [W, b], { amsgrad: true }) : sgd(loss, [W, b]) }
    }),
  )
}

export const elementwise = () =>
  compile(
    entry({ a: tensor([8, 6]), b: tensor([6]), c: tensor([8, 1]) }, ({ a, b, c }) => {
      const above = add(mul(sub(a, b), exp(mul(c, -0.5))), sigmoid(sub(mul(a, a), tanh(add(b, c)))))
      const below = add(1, square(add(mul(a, 2), log(add(1, square(sub(b, mul(a, c))))))))
      return { outputs: { y: div(above, below) } }
    }),
  )

export const reductions = () =>
  compile(
    entry({ a: tensor([8, 6, 5]) }, ({ a }) => ({
      outputs: {
        total: sum(a),
        rows: sum(a, { axis: -1 }),
        columns: mean(a, { axis: [0, 2] }),
        top: max(a, { axis: 1 }),
        place: argMax(a),
        large: greater(a, 0.5),
        count: sum(greater(a, 0)),
        hot: oneHot(argMax(a), 5),
        centred: sum(sub(a, mean(a, { axis: 1, keepDims: true })), { axis: 0 }),
      },
    })),
  )

export const views = () =>
  compile(
    entry({ a: tensor([8, 6]), b: tensor([6, 8]) }, ({ a, b }) => ({
      outputs: {
        turned: sum(mul(flip(a), transpose(b)), { axis: 0 }),
        copied: flip(transpose(a), 0),
        chosen: where(greater(a, 0), a, transpose(b)),
      },
    })),
  )

/** Two losses of one weight. */
export function twoLosses() {
  const W1 = variable('W1', [3, 2], init)
  const V = variable('V', [3, 2], init)
  return compile(
    entry({ x: tensor([4, 3]) }, ({ x }) => {
      const lossG = mean(square(matmul(x, W1)))
      const lossD = mean(tanh(matmul(x, mul(W1, V))))
      const [dG] = grad(lossG, [W1])
      const [dD, dV] = grad(lossD, [W1, V])
      return { outputs: { lossG, lossD, both: add(dG, mul(dD, dV)) } }
    }),
  )
}
