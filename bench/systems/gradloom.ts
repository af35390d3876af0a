import {
  add,
  compile,
  type CompileOptions,
  entry,
  grad,
  matmul,
  meanSquaredError,
  mul,
  sgd,
  sigmoid,
  square,
  sub,
  sum,
  tanh,
  tensor,
} from 'gradloom'
import { CHAIN, chainData, matrixData, tinyData } from '../data'
import type { Contender } from './contender'
import { classifying } from './gradloom-classifier'
import { cnnNetwork } from './gradloom-cnn'
import { gathering } from './gradloom-gather'
import { COMPILED } from './gradloom-graphs'
import { lstmNetwork } from './gradloom-lstm'
import { dense, mlpNetwork, weightsOf } from './gradloom-mlp'
import { compileOptions } from './gradloom-options'
import { built, type Library, type Prepared } from './system'

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
    classifier: (workload, phase) => classifying(options, phase, mlpNetwork(workload)),
    chain: (phase) => chain(options, phase),
    product: (n) => product(options, n),
    tiny: () => tiny(options),
    cnn: (phase) => classifying(options, phase, cnnNetwork()),
    lstm: (phase) => classifying(options, phase, lstmNetwork()),
    gather: (phase) => gathering(options, phase),
    graph: (size) => COMPILED[size]!(options),
  }
}
