/**
 * Will it rain tomorrow? Logistic regression on the weather of today, trained to the last digit by Newton's method, beside
 * iteratively reweighted least squares written out in plain TypeScript: both must find the same weights.
 *
 *   npx tsx examples/newton-logistic.ts            less than a second
 *   npx tsx examples/newton-logistic.ts --short    one year of weather instead of four
 */
import {
  compile,
  entry,
  grad,
  hessian,
  lbfgs,
  matmul,
  mean,
  newton,
  sigmoidCrossEntropy,
  tensor,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'
import { loadSeries, QUANTITIES, scalingOf } from './lib/series'

const QUANTITY_COUNT = QUANTITIES.length
/** The quantities of a day and a 1, for the bias. */
const WIDTH = QUANTITY_COUNT + 1

export const program = () => {
  const weights = variable('weights', [WIDTH], zeros(), { dtype: 'float64' })
  const objective = entry({ x: tensor(['N', WIDTH], 'float64'), y: tensor(['N'], 'float64') }, ({ x, y }) => {
    const loss = mean(sigmoidCrossEntropy(matmul(x, weights), y))
    const [gradient] = grad(loss, [weights])
    return { outputs: { loss, gradient, hessian: hessian(loss, weights) } }
  })
  return { objective: compile(objective), weights }
}

export interface Rain {
  /** [days, WIDTH], each quantity with mean 0 and deviation 1, then a 1. */
  readonly x: Float64Array
  /** Whether it rained the day after. */
  readonly y: Float64Array
}

export function loadRain(days: number): Rain {
  const { values } = loadSeries()
  const { mean, deviation } = scalingOf(values)
  const count = Math.min(days, values.length / QUANTITY_COUNT - 1)
  const rain = QUANTITIES.indexOf('precipitation')
  const x = Float64Array.from({ length: count * WIDTH }, (_, i) => {
    const [day, q] = [Math.floor(i / WIDTH), i % WIDTH]
    return q === QUANTITY_COUNT ? 1 : (values[day * QUANTITY_COUNT + q]! - mean[q]!) / deviation[q]!
  })
  const y = Float64Array.from({ length: count }, (_, day) => Number(values[(day + 1) * QUANTITY_COUNT + rain]! > 0))
  return { x, y }
}

/**
 * The weights by iteratively reweighted least squares: each step solves Xᵀ S X w = Xᵀ (S X w + y - p), S holding p (1 - p).
 * Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., (4.26) to (4.28).
 */
export function reweighted({ x, y }: Rain, steps = 30): Float64Array {
  let weights = new Float64Array(WIDTH)
  for (let step = 0; step < steps; step++) {
    const rows = Array.from({ length: WIDTH }, () => new Float64Array(WIDTH + 1))
    y.forEach((label, day) => {
      const row = x.subarray(day * WIDTH, (day + 1) * WIDTH)
      const z = row.reduce((sum, v, k) => sum + v * weights[k]!, 0)
      const p = 1 / (1 + Math.exp(-z))
      const s = p * (1 - p)
      rows.forEach((target, i) => {
        row.forEach((v, k) => (target[k]! += s * row[i]! * v))
        target[WIDTH]! += row[i]! * (s * z + label - p)
      })
    })
    weights = eliminated(rows)
  }
  return weights
}

/** The solution of a system [A | b] by Gaussian elimination with row exchanges. */
function eliminated(rows: Float64Array[]): Float64Array<ArrayBuffer> {
  const n = rows.length
  for (let k = 0; k < n; k++) {
    const pivot = rows.reduce((best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? i : best), k)
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = rows[i]![k]! / rows[k]![k]!
      for (let j = k; j <= n; j++) rows[i]![j]! -= factor * rows[k]![j]!
    }
  }
  return Float64Array.from(rows, (row, k) => row[n]! / row[k]!)
}

export interface Options {
  readonly days: number
  readonly print: (line: string) => void
}

export function run({ days, print }: Options) {
  const data = loadRain(days)
  const { objective, weights } = program()
  const options = { variables: [weights], feeds: data }
  print(`${data.y.length} days, after ${data.y.reduce((a, b) => a + b)} of which it rained`)
  const byNewton = newton(objective, objective, {
    ...options,
    gradientTolerance: 1e-11,
    onIteration: ({ iteration, loss, gradientNorm }) =>
      print(`step ${iteration}  loss ${loss.toFixed(12)}  largest slope ${gradientNorm.toExponential(1)}`),
  })
  const found = objective.state.get(weights)
  const wanted = reweighted(data)
  const difference = found.reduce((most, v, k) => Math.max(most, Math.abs(v - wanted[k]!)), 0)
  print(`weights: ${[...QUANTITIES, 'bias'].map((name, k) => `${name} ${found[k]!.toFixed(4)}`).join(', ')}`)
  print(`largest difference from reweighted least squares: ${difference.toExponential(1)}`)
  objective.state.reset()
  const byLbfgs = lbfgs(objective, objective, { ...options, gradientTolerance: 1e-11, lossTolerance: 0 })
  print(`Newton's method took ${byNewton.iterations} steps, L-BFGS ${byLbfgs.iterations}`)
  return { byNewton, byLbfgs, difference }
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  const { byNewton, difference } = run({ days: short ? 365 : Infinity, print: console.log })
  if (!(byNewton.gradientNorm < 1e-10 && difference < 1e-9)) throw new Error('the weights are not those of the optimum')
})
