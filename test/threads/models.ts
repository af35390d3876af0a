import {
  add,
  compile,
  type CompileOptions,
  entry,
  glorotUniform,
  matmul,
  mean,
  meanSquaredError,
  relu,
  sgd,
  sigmoid,
  softmaxCrossEntropy,
  tanh,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'

/** A classifier of relu layers in batches of any size. */
export function classifier(widths: readonly number[], options: CompileOptions, batch: number | string = 'B') {
  const layers = widths.slice(1).map((units, i) => ({
    w: variable(`w${i}`, [widths[i]!, units], glorotUniform()),
    b: variable(`b${i}`, [units], 0),
  }))
  const logits = (x: Tensor): Tensor => layers.reduce((h, { w, b }, i) => add(matmul(i === 0 ? h : relu(h), w), b), x)
  const [features, classes] = [widths[0]!, widths.at(-1)!]
  const inputs = { x: tensor([batch, features]), y: tensor([batch, classes]) }
  const train = entry(inputs, ({ x, y }) => {
    const loss = mean(softmaxCrossEntropy(logits(x), y))
    const all = layers.flatMap(({ w, b }) => [w, b])
    return { outputs: { loss }, updates: sgd(loss, all, { learningRate: 0.1 }) }
  })
  const infer = entry({ x: tensor([batch, features]) }, ({ x }) => ({ outputs: { logits: logits(x) } }))
  const feeds = (size: number) => ({
    x: Float32Array.from({ length: size * features }, (_, i) => Math.sin(i)),
    y: Float32Array.from({ length: size * classes }, (_, i) =>
      Number(i % classes === Math.floor(i / classes) % classes),
    ),
  })
  return { net: compile({ train, infer }, { target: 'wasm', ...options }), feeds }
}

/** Two inputs, eight units: the smallest net that learns exclusive or. */
export function tiny(options: CompileOptions) {
  const [w, v] = [variable('w', [2, 8], glorotUniform()), variable('v', [8, 1], glorotUniform())]
  const [b, c] = [variable('b', [8], 0), variable('c', [1], 0)]
  const train = entry({ x: tensor([1, 2]), y: tensor([1, 1]) }, ({ x, y }) => {
    const guess = sigmoid(add(matmul(tanh(add(matmul(x, w), b)), v), c))
    const loss = meanSquaredError(guess, y)
    return { outputs: { loss }, updates: sgd(loss, [w, v, b, c], { learningRate: 0.1 }) }
  })
  return compile({ train }, { target: 'wasm', ...options })
}
