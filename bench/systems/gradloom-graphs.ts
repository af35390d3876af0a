import {
  add,
  compile,
  type CompileOptions,
  div,
  entry,
  matmul,
  maximum,
  mean,
  mul,
  relu,
  sgd,
  sigmoid,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  type Variable,
  variable,
} from 'gradloom'
import { normals } from '../data'
import { built, type Prepared } from './system'

/** h = tanh(h * v) over fresh vectors, the sum as loss, all vectors trained. */
function tanhChain(options: CompileOptions, length: number): Prepared {
  const width = 64
  const x = normals(width, 1, 5)
  const build = () => {
    const vectors = Array.from({ length }, (_, i) => variable(`v${i}`, [width], 1))
    const train = entry({ x: tensor([width]) }, (feeds) => {
      let h: Tensor = feeds.x
      for (const v of vectors) h = tanh(mul(h, v))
      const loss = sum(h)
      return { outputs: { loss }, updates: sgd(loss, vectors, { learningRate: 0.01 }) }
    })
    return compile(train, options)
  }
  return built(build, (run) => run({ x }).loss)
}

/** Residual blocks of 20 ops: two small products, a normalisation of rows, several activations and gains. */
const BLOCK = 20
const ROWS = 8
const WIDTH = 16

function block(h: Tensor, name: string, weights: Variable[]): Tensor {
  const made = <const S extends readonly number[]>(part: string, shape: S, deviation: number, seed: number) => {
    const size = shape.reduce((product, extent) => product * extent, 1)
    const v = variable(`${name}/${part}`, shape as readonly number[], normals(size, deviation, seed))
    weights.push(v)
    return v
  }
  const d = sub(h, mean(h, { axis: -1, keepDims: true })) // 2
  const deviation = sqrt(add(mean(square(d), { axis: -1, keepDims: true }), 1e-5)) // 6
  const n = add(mul(div(d, deviation), made('gain', [WIDTH], 1, 1)), made('shift', [WIDTH], 0.1, 2)) // 9
  const p = add(matmul(n, made('w1', [WIDTH, WIDTH], 0.25, 3)), made('b1', [WIDTH], 0.1, 4)) // 11
  const q = mul(tanh(p), sigmoid(p)) // 14
  const r = add(matmul(maximum(q, relu(n)), made('w2', [WIDTH, WIDTH], 0.25, 5)), made('b2', [WIDTH], 0.1, 6)) // 18
  return add(h, mul(r, 0.1)) // 20
}

/** `ops` calls of the graph functions before the gradient, which about triples them. */
function mixed(options: CompileOptions, ops: number): Prepared {
  const x = normals(ROWS * WIDTH, 1, 5)
  const build = () => {
    const train = entry({ x: tensor([ROWS, WIDTH]) }, (feeds) => {
      const weights: Variable[] = []
      let h: Tensor = feeds.x
      for (let i = 0; i < ops / BLOCK; i++) h = block(h, `block${i}`, weights)
      const loss = mean(square(h))
      return { outputs: { loss }, updates: sgd(loss, weights, { learningRate: 0.001 }) }
    })
    return compile(train, options)
  }
  return built(build, (run) => run({ x }).loss)
}

/** Graphs that are built, compiled and run once, by size. */
export const COMPILED: Readonly<Record<string, (options: CompileOptions) => Prepared>> = {
  'tanh-2000': (options) => tanhChain(options, 2000),
  'mixed-5000': (options) => mixed(options, 5000),
}
