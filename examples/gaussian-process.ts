/**
 * A Gaussian process fits a curve through noisy points. How smooth it is, how large and how noisy, it learns from the points:
 * the logarithm of their likelihood has a gradient through the Cholesky factor of their covariance.
 * Source: Rasmussen & Williams, Gaussian Processes for Machine Learning, algorithm 2.1 and equation 5.8.
 *
 *   npx tsx examples/gaussian-process.ts            about a second
 *   npx tsx examples/gaussian-process.ts --short    60 points instead of 200
 */
import {
  add,
  cholesky,
  choleskySolve,
  compile,
  diagonal,
  div,
  entry,
  exp,
  expandDims,
  eye,
  flatView,
  grad,
  lbfgs,
  log,
  matmul,
  mul,
  named,
  sqrt,
  square,
  squaredDifference,
  sub,
  sum,
  tensor,
  type Tensor,
  triangularSolve,
  variable,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'

export const NOISE = 0.1
export const curve = (x: number): number => Math.sin(3 * x) * Math.exp(-0.2 * x * x)

/** Points of the curve with noise, the same each time. */
export function points(count: number) {
  let state = 1
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  // Box and Muller's transform.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const x = Float64Array.from({ length: count }, () => 6 * random() - 3)
  return { x, y: x.map((v) => curve(v) + NOISE * normal()) }
}

/** The covariance of points, from the logarithms of length scale, amplitude and noise, and what follows from it. */
export function program() {
  const kept = (name: string, first: number) => variable(name, [], first, { dtype: 'float64' })
  const logs = [kept('length', 0), kept('amplitude', 0), kept('noise', -1)] as const
  const [length, amplitude, noise] = logs
  const squareOf = (log: Tensor<[], 'float64'>) => exp(mul(2, log))
  const between = (a: Tensor, b: Tensor) => {
    const distance = squaredDifference(expandDims(a, 1), expandDims(b, 0))
    return mul(squareOf(amplitude), exp(div(mul(-0.5, distance), squareOf(length))))
  }
  const factor = (x: Tensor) =>
    cholesky(add(between(x, x), mul(squareOf(noise), eye(x.shape[0]!, { dtype: 'float64' }))))
  const known = { x: tensor(['N'], 'float64'), y: tensor(['N'], 'float64') }
  const net = compile({
    // Minus the logarithm of the likelihood of y, one draw from a normal distribution of many dimensions.
    objective: entry(known, ({ x, y }) => {
      const l = factor(x)
      const fit = mul(0.5, sum(mul(y, choleskySolve(l, y))))
      const volume = add(sum(log(diagonal(l))), 0.5 * x.shape[0] * Math.log(2 * Math.PI))
      const loss = named('loss', add(fit, volume))
      return { outputs: { loss, gradient: flatView(grad(loss, logs)).vector } }
    }),
    predict: entry({ ...known, at: tensor(['M'], 'float64') }, ({ x, y, at }) => {
      const l = factor(x)
      const across = between(x, at)
      const spread = triangularSolve(l, across)
      const variance = sub(squareOf(amplitude), sum(square(spread), { axis: 0 }))
      return { outputs: { mean: matmul(choleskySolve(l, y), across), deviation: sqrt(variance) } }
    }),
  })
  return { net, logs }
}

/** The same loss without a graph: by elimination, whose pivots multiply to the determinant. */
export function plainLoss([scale, size, noise]: readonly number[], { x, y }: ReturnType<typeof points>): number {
  const rows = Array.from(x, (a, i) => [
    ...Array.from(x, (b, j) => {
      const near = Math.exp(2 * size!) * Math.exp((-0.5 * (a - b) ** 2) / Math.exp(2 * scale!))
      return near + (i === j ? Math.exp(2 * noise!) : 0)
    }),
    y[i]!,
  ])
  let loss = 0.5 * x.length * Math.log(2 * Math.PI)
  rows.forEach((row, k) => {
    loss += 0.5 * Math.log(row[k]!) + (0.5 * row.at(-1)! ** 2) / row[k]!
    for (const other of rows.slice(k + 1)) {
      const by = other[k]! / row[k]!
      for (let j = k; j < other.length; j++) other[j]! -= by * row[j]!
    }
  })
  return loss
}

export interface Options {
  readonly count: number
  readonly print: (line: string) => void
}

export function run({ count, print }: Options) {
  const data = points(count)
  const { net, logs } = program()
  const found = lbfgs(net.objective, net, { variables: logs, feeds: data, gradientTolerance: 1e-6 })
  const learnt = logs.map((v) => net.state.get(v))
  const [scale, size, noise] = learnt.map(Math.exp) as [number, number, number]
  print(`${count} points, ${found.iterations} steps: minus log likelihood ${found.loss.toFixed(6)}`)
  print(`length scale ${scale.toFixed(3)}, amplitude ${size.toFixed(3)}, noise ${noise.toFixed(3)} (it is ${NOISE})`)
  const at = Float64Array.from({ length: 101 }, (_, i) => -2.5 + i / 20)
  const { mean, deviation } = net.predict({ ...data, at }) as Record<'mean' | 'deviation', Float64Array>
  const errors = Array.from(at, (x, i) => Math.abs(mean[i]! - curve(x)))
  const error = Math.max(...errors)
  const within = errors.filter((e, i) => e <= 2 * deviation[i]!).length / errors.length
  print(`largest error from -2.5 to 2.5: ${error.toFixed(4)}; within two deviations ${(100 * within).toFixed(0)} %`)
  const plain = plainLoss(learnt, data)
  const slopes = [0, 1, 2].map((i) => {
    const moved = (by: number): number =>
      plainLoss(
        learnt.map((v, k) => (k === i ? v + by : v)),
        data,
      )
    return (moved(1e-4) - moved(-1e-4)) / 2e-4
  })
  print(`without a graph: ${plain.toFixed(6)}, largest slope ${Math.max(...slopes.map(Math.abs)).toExponential(1)}`)
  return { found, noise, error, within, plain, slopes }
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  const { found, noise, error, plain } = run({ count: short ? 60 : 200, print: console.log })
  if (Math.abs(found.loss - plain) > 1e-8 || error > 0.15 || Math.abs(noise - NOISE) > 0.03)
    throw new Error('the curve or its noise was not found')
})
