// Attention written out: scores, a causal mask, weights, and what they gather. Each part is a scope of the graph.
import { adam, add, compile, entry, fill, glorotUniform, greater, matmul, mean, mul, named, scope } from 'gradloom'
import { softmax, square, sub, tensor, type Tensor, transpose, tril, variable, where } from 'gradloom'

const [T, D] = [16, 32]
const project = (name: string) => variable(name, [D, D], glorotUniform())
const [Wq, Wk, Wv, Wo] = [project('Wq'), project('Wk'), project('Wv'), project('Wo')]

function attend(x: Tensor<[number, 16, 32]>) {
  const [q, k, v] = [named('q', matmul(x, Wq)), named('k', matmul(x, Wk)), named('v', matmul(x, Wv))]
  const weights = scope('weights', () => {
    const scores = mul(matmul(q, transpose(k, [0, 2, 1])), 1 / Math.sqrt(D))
    const allowed = greater(tril(fill([T, T], 1)), 0)
    return named('weights', softmax(where(allowed, scores, -1e9)))
  })
  return scope('gather', () => named('mixed', matmul(matmul(weights, v), Wo)))
}

export const block = compile({
  train: entry({ x: tensor(['B', 16, 32]), target: tensor(['B', 16, 32]) }, ({ x, target }) => {
    const loss = mean(square(sub(add(x, attend(x)), target)))
    return { outputs: { loss }, updates: adam(loss, [Wq, Wk, Wv, Wo]) }
  }),
})
