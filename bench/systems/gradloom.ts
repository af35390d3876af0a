import {
  add,
  compile,
  type CompileOptions,
  entry,
  grad,
  matmul,
  meanSquaredError,
  mul,
  relu,
  sgd,
  sigmoid,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { CHAIN, chainData, classifierData, type LayerData, matrixData, tinyData } from '../data'
import { type Classifier, MLP } from '../workloads'
import type { Contender } from './contender'
import { classifying } from './gradloom-classifier'
import { cnn } from './gradloom-cnn'
import { gathering } from './gradloom-gather'
import { COMPILED } from './gradloom-graphs'
import { lstm } from './gradloom-lstm'
import { compileOptions } from './gradloom-options'
import { built, type Library, type Prepared } from './system'

const weightsOf = (name: string, { inputs, units, weights, bias }: LayerData) => ({
  w: variable(`${name}/w`, [inputs, units], weights),
  b: variable(`${name}/b`, [units], bias),
})
type Weights = ReturnType<typeof weightsOf>
const dense = (x: Tensor, { w, b }: Weights): Tensor => add(matmul(x, w), b)

function logits(x: Tensor, layers: readonly Weights[]): Tensor {
  return layers.reduce((h, layer, i) => (i === 0 ? dense(h, layer) : dense(relu(h), layer)), x)
}

function classifier(options: CompileOptions, workload: Classifier, phase: 'train' | 'infer'): Prepared {
  const { batch, widths } = MLP[workload]
  const { features, classes, x, y, layers } = classifierData(batch, widths)
  const examples = { x, y, xs: tensor([batch, features]), ys: tensor([batch, classes]) }
  return classifying(options, phase, examples, () => {
    const weights = layers.map((layer, i) => weightsOf(`dense${i}`, layer))
    return { variables: weights.flatMap(({ w, b }) => [w, b]), logits: (h) => logits(h, weights) }
  })
}

function chain(options: CompileOptions, phase: 'forward' | 'gradient'): Prepared {
  const { size, scale, shift, gate, curve } = CHAIN
  const values = chainData()
  const build = () => {
    const body = entry({ x: tensor([size]) }, ({ x }) => {
      const y = sub(mul(tanh(add(mul(x, scale), shift)), sigmoid(mul(x, gate))), mul(square(x), curve))
      return { outputs: { y: phase === 'forward' ? y : grad(sum(y), [x])[0] } }
    })
    return compile(body, options)
  }
  return built(build, (run) => run({ x: values }).y[0]!)
}

function product(options: CompileOptions, n: number): Prepared {
  const feeds = matrixData(n)
  const matrix = tensor([n, n])
  const body = () => entry({ a: matrix, b: matrix }, ({ a, b }) => ({ outputs: { c: matmul(a, b) } }))
  const build = () => compile(body(), options)
  return built(build, (run) => run(feeds).c[0]!)
}

function tiny(options: CompileOptions): Prepared {
  const { x, y, hidden, output } = tinyData()
  const build = () => {
    const first = weightsOf('hidden', hidden)
    const second = weightsOf('output', output)
    const train = entry({ x: tensor([1, 2]), y: tensor([1, 1]) }, (feeds) => {
      const guess = sigmoid(dense(tanh(dense(feeds.x, first)), second))
      const loss = meanSquaredError(guess, feeds.y)
      return { outputs: { loss }, updates: sgd(loss, [first.w, first.b, second.w, second.b], { learningRate: 0.01 }) }
    })
    return compile(train, options)
  }
  return built(build, (run) => run({ x, y }).loss)
}

export function gradloom(contender: Contender): Library {
  const options = compileOptions(contender)
  return {
    classifier: (workload, phase) => classifier(options, workload, phase),
    chain: (phase) => chain(options, phase),
    product: (n) => product(options, n),
    tiny: () => tiny(options),
    cnn: (phase) => cnn(options, phase),
    lstm: (phase) => lstm(options, phase),
    gather: (phase) => gathering(options, phase),
    graph: (size) => COMPILED[size]!(options),
  }
}
