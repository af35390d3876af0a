import {
  add,
  batchNorm,
  compile,
  cond,
  constant,
  conv2d,
  entry,
  fill,
  glorotUniform,
  greater,
  lstm,
  matmul,
  maxPool2d,
  mean,
  meanSquaredError,
  mul,
  named,
  recordSites,
  relu,
  reshape,
  scan,
  scope,
  sgd,
  sigmoid,
  softmax,
  sparseSoftmaxCrossEntropy,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  variable,
} from 'gradloom'

// Lines of this file would change with it.
recordSites(false)

const W = variable('W', [5, 4], glorotUniform())
const b = variable('b', [4], 0)
const V = variable('V', [4, 3], glorotUniform())
const c = variable('c', [3], 0)

/** A training entry for each kind of model. */
export const MODELS = {
  mlp: entry({ x: tensor([2, 5]), y: tensor([2], 'int32') }, ({ x, y }) => {
    const z = named('z', add(matmul(x, W), b))
    const logits = named('logits', add(matmul(relu(z), V), c))
    const loss = mean(sparseSoftmaxCrossEntropy(logits, y))
    return { outputs: { loss }, updates: sgd(loss, [W, b, V, c]) }
  }),
  'nothing named': entry({ x: tensor([2, 5]), y: tensor([2, 3]) }, ({ x, y }) => {
    const loss = meanSquaredError(add(matmul(tanh(add(matmul(x, W), b)), V), c), y)
    return { outputs: { loss }, updates: sgd(loss, [W, b]) }
  }),
  cnn: entry({ x: tensor([2, 6, 6, 1]), y: tensor([2], 'int32') }, ({ x, y }) => {
    const K = variable('K', [3, 3, 1, 2], glorotUniform())
    const U = variable('U', [8, 3], glorotUniform())
    const h = named('h', relu(conv2d(x, K)))
    const p = named('p', maxPool2d(h))
    const loss = mean(sparseSoftmaxCrossEntropy(matmul(reshape(p, [2, 8]), U), y))
    return { outputs: { loss }, updates: sgd(loss, [K, U]) }
  }),
  attention: entry({ x: tensor([2, 3, 5]) }, ({ x }) => {
    const [q, k, v] = ['q', 'k', 'v'].map((n) => named(n, matmul(x, variable(`W_${n}`, [5, 4], glorotUniform()))))
    const a = named('a', softmax(mul(matmul(q!, transpose(k!, [0, 2, 1])), 0.5)))
    return { outputs: { loss: mean(square(named('o', matmul(a, v!)))) } }
  }),
  'batch norm': entry({ x: tensor([8, 4]) }, ({ x }) => {
    const [gamma, beta] = [variable('gamma', [4], 1), variable('beta', [4], 0)]
    const moving = { mean: variable('mean', [4], 0), variance: variable('variance', [4], 1) }
    const { output, updates } = batchNorm(x, { ...moving, gamma, beta })
    const loss = mean(square(named('y', output)))
    return { outputs: { loss }, updates: [...updates, ...sgd(loss, [gamma, beta])] }
  }),
  loop: entry({ xs: tensor([6, 2, 5]) }, ({ xs }) => {
    const U = variable('U', [4, 4], glorotUniform())
    const { carry } = scan({
      over: { x: xs },
      carry: { h: fill([2, 4], 0) },
      step: ({ h }, { x }) => ({ carry: { h: named('h_next', tanh(add(matmul(x, W), matmul(h, U)))) } }),
    })
    const loss = mean(square(carry.h))
    return { outputs: { loss }, updates: sgd(loss, [W, U]) }
  }),
  lstm: entry({ x: tensor([2, 6, 5]) }, ({ x }) => {
    const weights = {
      kernel: variable('kernel', [5, 8], glorotUniform()),
      recurrentKernel: variable('recurrent', [2, 8], glorotUniform()),
      bias: variable('bias', [8], 0),
    }
    return { outputs: { loss: mean(square(lstm(x, weights).outputs)) } }
  }),
  choice: entry({ x: tensor([4]), flag: tensor([], 'float32') }, ({ x, flag }) => {
    const y = named('y', cond(greater(flag, 0), () => mul(x, b), () => sub(x, b))) // prettier-ignore
    const loss = sum(square(y))
    return { outputs: { loss }, updates: sgd(loss, [b]) }
  }),
  'paths that join': entry({ x: tensor([2, 4]) }, ({ x }) => {
    const h = named('h', mul(x, b))
    const loss = sum(add(mul(tanh(h), sigmoid(h)), h))
    return { outputs: { loss }, updates: sgd(loss, [b]) }
  }),
  'a weight used twice': entry({ x: tensor([2, 5]) }, ({ x }) => {
    const code = named('code', matmul(x, W))
    const loss = named('loss', meanSquaredError(matmul(code, transpose(W)), x))
    return { outputs: { loss }, updates: sgd(loss, [W]) }
  }),
  residual: entry({ x: tensor([2, 4]) }, ({ x }) => {
    const [A, s] = [variable('A', [4, 4], glorotUniform()), variable('s', [4], 0)]
    const h = named('h', add(x, s))
    const loss = mean(square(add(h, relu(matmul(h, A)))))
    return { outputs: { loss }, updates: sgd(loss, [s]) }
  }),
  scopes: entry({ x: tensor([2, 5]) }, ({ x }) => {
    const h = scope('encoder', () => named('h', tanh(matmul(x, W))))
    return { outputs: { loss: sum(mul(h, constant(2))) } }
  }),
} as const

export type ModelName = keyof typeof MODELS
export const compiled = (name: ModelName) => compile(MODELS[name] as (typeof MODELS)['mlp'])
