/**
 * Solves a differential equation by a network: u on the unit square with -(u_xx + u_yy) = f inside and u = 0 on the border, for
 * the f of which the solution is known to be sin(πx) sin(πy). The loss is what is left of the equation at points inside.
 *
 *   npx tsx examples/pinn.ts            a few seconds
 *   npx tsx examples/pinn.ts --short    fewer points and steps, to see that everything works
 */
import {
  add,
  compile,
  constant,
  entry,
  flatView,
  glorotNormal,
  lbfgs,
  matmul,
  mean,
  mul,
  named,
  rowGrad,
  sin,
  slice,
  square,
  sub,
  tanh,
  tensor,
  type Tensor,
  valueAndGrad,
  variable,
  zeros,
} from 'gradloom'
import { readOptions, runAsProgram } from './lib/command'

const UNITS = 20
const float64 = { dtype: 'float64' } as const

export const program = (seed: number) => {
  const W1 = variable('W1', [2, UNITS], glorotNormal(), float64)
  const b1 = variable('b1', [UNITS], zeros(), float64)
  const W2 = variable('W2', [UNITS, UNITS], glorotNormal(), float64)
  const b2 = variable('b2', [UNITS], zeros(), float64)
  const W3 = variable('W3', [UNITS, 1], glorotNormal(), float64)
  const variables = [W1, b1, W2, b2, W3]

  type Points = Tensor<[number, 2], 'float64'>
  type Column = Tensor<[number, 1], 'float64'>
  const first = (t: Points): Column => slice(t, [{}, { end: 1 }]) as Column
  const second = (t: Points): Column => slice(t, [{}, { start: 1 }]) as Column

  /** The network times x (1 - x) y (1 - y), so that it is 0 on the border whatever the weights are. */
  const solution = (points: Points): Column => {
    const h = tanh(add(matmul(tanh(add(matmul(points, W1), b1)), W2), b2))
    const [x, y] = [first(points), second(points)]
    const bubble = mul(mul(x, sub(1, x)), mul(y, sub(1, y)))
    return named<Column>('u', mul(bubble, matmul(h, W3)))
  }
  /** u_xx + u_yy at each point. */
  const laplacian = (u: Column, points: Points): Column => {
    const slope = rowGrad(u, points)
    return add(first(rowGrad(first(slope), points)), second(rowGrad(second(slope), points)))
  }
  const π = constant(Math.PI, float64)
  const exact = (points: Points): Column => mul(sin(mul(π, first(points))), sin(mul(π, second(points))))

  const points = tensor(['N', 2], 'float64')
  const net = compile(
    {
      objective: entry({ points }, ({ points }) => {
        const f = mul(2 * Math.PI ** 2, exact(points))
        const residual = named('residual', add(laplacian(solution(points), points), f))
        const { value, gradients } = valueAndGrad(mean(square(residual)), variables)
        return { outputs: { loss: value, gradient: flatView(gradients).vector } }
      }),
      error: entry({ points }, ({ points }) => ({ outputs: { e: sub(solution(points), exact(points)) } })),
    },
    { seed },
  )
  return { net, variables }
}

export interface Options {
  /** Points along each side, and how many steps of L-BFGS are taken at most. */
  readonly side: number
  readonly iterations: number
  readonly print: (line: string) => void
}

export interface Result {
  /** Mean square of what is left of the equation. */
  readonly loss: number
  /** The largest difference from the known solution, between the points too. */
  readonly error: number
}

export function run({ side, iterations, print }: Options): Result {
  const { net, variables } = program(1)
  const started = performance.now()
  const report = Math.ceil(iterations / 10)
  const { loss, reason, ...found } = lbfgs(net.objective, net, {
    variables,
    feeds: { points: grid(side) },
    maxIterations: iterations,
    gradientTolerance: 1e-7,
    onIteration: ({ iteration, loss }) => {
      if (iteration % report === 0) print(`step ${iteration}  mean squared residual ${loss.toExponential(2)}`)
    },
  })
  const { e } = net.error({ points: grid(3 * side) })
  const error = e.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
  const seconds = (performance.now() - started) / 1000
  print(`${found.iterations} steps, ${found.evaluations} evaluations in ${seconds.toFixed(1)} s (ended by: ${reason})`)
  print(`largest difference from sin(πx) sin(πy): ${error.toExponential(2)}`)
  net.dispose()
  return { loss, error }
}

/** Points in rows and columns at equal distances, the middles of squares. */
function grid(side: number): Float64Array {
  const at = (i: number): number => (i + 0.5) / side
  return Float64Array.from({ length: 2 * side * side }, (_, k) => {
    const point = k >> 1
    return k % 2 === 0 ? at(point % side) : at(Math.floor(point / side))
  })
}

runAsProgram(import.meta.url, (args) => {
  const { short } = readOptions(args, { short: { type: 'boolean', default: false } })
  const { error } = run({
    ...(short ? { side: 10, iterations: 100 } : { side: 20, iterations: 500 }),
    print: console.log,
  })
  if (!(error < (short ? 1e-2 : 1e-3))) throw new Error('the network is not close to the known solution')
})
