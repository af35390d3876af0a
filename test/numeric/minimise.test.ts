import {
  add,
  compile,
  type CompileOptions,
  entry,
  FeedError,
  flatView,
  hessian,
  lbfgs,
  log,
  mul,
  newton,
  pow,
  slice,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
  valueAndGrad,
  variable,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { lineSearch } from '../../src/numeric/line-search'
import { solvePositive } from '../../src/numeric/cholesky'
import { expectFault } from '../fault'
import { randomNumbers, VARIANTS } from '../ops/cases'

const N = 12
/** A program that gives the loss of one variable, its gradient and its Hessian. */
function objective(
  lossOf: (x: Tensor<[typeof N], 'float64'>) => Tensor,
  first: readonly number[],
  options: CompileOptions = {},
) {
  const x = variable('x', [N], [...first], { dtype: 'float64' })
  const net = compile(
    {
      value: entry({}, () => {
        const { value, gradients } = valueAndGrad(lossOf(x), [x])
        return { outputs: { loss: value, gradient: flatView(gradients).vector } }
      }),
      curved: entry({}, () => {
        const { value, gradients } = valueAndGrad(lossOf(x), [x])
        return { outputs: { loss: value, gradient: gradients[0], hessian: hessian(lossOf(x), x) } }
      }),
    },
    { target: 'js', ...options },
  )
  return { x, net }
}

/** Rosenbrock's valley in N dimensions; its minimum, 0, is where all are 1. */
const rosenbrock = (x: Tensor<[typeof N], 'float64'>): Tensor => {
  const [a, b] = [slice(x, [{ end: -1 }]), slice(x, [{ start: 1 }])]
  return sum(add(square(sub(1, a)), mul(100, square(sub(b, square(a))))))
}
const valley = Array.from({ length: N }, (_, i) => (i % 2 === 0 ? -1.2 : 1))

describe.each([VARIANTS.fast, VARIANTS.wasm])('to a known minimum, $target', (options) => {
  it('lbfgs', () => {
    const { x, net } = objective(rosenbrock, valley, options)
    const seen: number[] = []
    const found = lbfgs(net.value, net, { variables: [x], feeds: {}, gradientTolerance: 1e-9, onIteration: ({ loss }) => seen.push(loss) }) // prettier-ignore
    expect(found).toMatchObject({ converged: true, reason: 'gradient', iterations: seen.length })
    expect(found.gradientNorm).toBeLessThanOrEqual(1e-9)
    for (const v of net.state.get(x)) expect(v).toBeCloseTo(1, 9)
    expect(net.value({}).loss).toBe(found.loss)
    // Each iteration is lower than the one before, and few evaluations go into a line search.
    expect(seen).toEqual([...seen].sort((a, b) => b - a))
    expect(found.evaluations).toBeLessThan(2 * found.iterations)
  })

  it('newton, from where the Hessian is not positive definite too', () => {
    // Further out there is another minimum.
    const { x, net } = objective(rosenbrock, valley.map((v) => v / 2 + 0.7), options) // prettier-ignore
    const found = newton(net.curved, net, { variables: [x], feeds: {}, gradientTolerance: 1e-9 })
    expect(found).toMatchObject({ converged: true, reason: 'gradient' })
    for (const v of net.state.get(x)) expect(v).toBeCloseTo(1, 9)

    const waves = objective((t) => sum(add(square(t), mul(0.1, pow(sub(t, 1), 4)))), valley, options)
    expect(newton(waves.net.curved, waves.net, { variables: [waves.x], feeds: {} }).converged).toBe(true)

    // x⁴ - x²: concave at the start, minima at ± sqrt(1/2).
    const wells = objective((t) => sum(sub(pow(t, 4), square(t))), valley.map((v) => v / 10), options) // prettier-ignore
    expect(newton(wells.net.curved, wells.net, { variables: [wells.x], feeds: {} }).reason).toBe('gradient')
    wells.net.state.get(wells.x).forEach((v, i) => expect(v).toBeCloseTo(Math.sign(valley[i]!) * Math.SQRT1_2, 5))
  })
})

it('newton takes one step on a quadratic', () => {
  const { x, net } = objective((t) => sum(mul(square(sub(t, 3)), 7)), valley)
  expect(newton(net.curved, net, { variables: [x], feeds: {} })).toMatchObject({ iterations: 1, evaluations: 2 })
})

it('several variables of both shapes and dtypes are one vector', () => {
  const W = variable('W', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
  const b = variable('b', [], 2)
  const net = compile(
    entry({ t: tensor([2, 3]) }, ({ t }) => {
      const { value, gradients } = valueAndGrad(add(sum(square(sub(W, t))), square(sub(b, 5))), [b, W])
      return { outputs: { loss: value, gradient: flatView(gradients).vector } }
    }),
  )
  const found = lbfgs(net, net, { variables: [b, W], feeds: { t: [[6, 5, 4], [3, 2, 1]] } }) // prettier-ignore
  expect(found.converged).toBe(true)
  expect([...net.state.get(W)].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([6, 5, 4, 3, 2, 1])
  expect(net.state.get(b)).toBeCloseTo(5, 4)
})

describe('how it ended is said', () => {
  const options = { feeds: {} }
  it.each<[string, () => { reason: string; converged: boolean }, string, boolean]>([
    ['iterations', () => { const { x, net } = objective(rosenbrock, valley); return lbfgs(net.value, net, { ...options, variables: [x], maxIterations: 3 }) }, 'iterations', false], // prettier-ignore
    ['a loss that no longer falls', () => { const { x, net } = objective(rosenbrock, valley); return lbfgs(net.value, net, { ...options, variables: [x], gradientTolerance: 0, lossTolerance: 1e-3 }) }, 'loss', true], // prettier-ignore
    ['no number at the start', () => { const { x, net } = objective((t) => sum(log(t)), valley); return lbfgs(net.value, net, { ...options, variables: [x] }) }, 'not finite', false], // prettier-ignore
    ['a loss without a minimum', () => { const { x, net } = objective((t) => sum(mul(t, -1)), valley); return lbfgs(net.value, net, { ...options, variables: [x], maxIterations: 5 }) }, 'iterations', false], // prettier-ignore
  ])('%s', (_, run, reason, converged) => expect(run()).toMatchObject({ reason, converged }))

  it('a history that is none', () => {
    const { x, net } = objective(rosenbrock, valley)
    for (const history of [0, -1, 2.5, NaN])
      expect(() => lbfgs(net.value, net, { ...options, variables: [x], history })).toThrow(/history must be a whole number from 1/) // prettier-ignore
    expect([...net.state.get(x)]).toEqual(valley)
  })

  it('a gradient that is wrong', () => {
    const { x, net } = objective(rosenbrock, valley)
    const wrong = () => {
      const { loss, gradient } = net.value({})
      return { loss, gradient: gradient.map((v) => -v) }
    }
    const before = net.value({}).loss
    expect(lbfgs(wrong, net, { ...options, variables: [x] })).toMatchObject({ reason: 'line search', loss: before })
    expect([...net.state.get(x)]).toEqual(valley)
  })

  it('a wall of infinities is not walked into', () => {
    // -log is a barrier at 0; the minimum of t - log(t) is at 1.
    const { x, net } = objective((t) => sum(sub(t, log(t))), valley.map((v) => v + 1.3)) // prettier-ignore
    expect(lbfgs(net.value, net, { ...options, variables: [x], gradientTolerance: 1e-9 }).reason).toBe('gradient')
    for (const v of net.state.get(x)) expect(v).toBeCloseTo(1, 8)
  })
})

describe('what is refused', () => {
  const { x, net } = objective(rosenbrock, valley)
  const other = variable('other', [N], 0, { dtype: 'float64' })
  it.each<[string, () => unknown, string[]]>([
    ['a loss of another rank', () => lbfgs(() => ({ loss: [1], gradient: [1] }), net, { variables: [x], feeds: {} }), ['lbfgs', '"loss" of rank 0']], // prettier-ignore
    ['a gradient of another size', () => lbfgs(() => ({ loss: 1, gradient: [1, 2] }), net, { variables: [x], feeds: {} }), [`the ${N} elements`, 'gives 2']], // prettier-ignore
    ['no Hessian', () => newton(() => ({ loss: 1, gradient: new Float64Array(N).fill(1), hessian: undefined }), net, { variables: [x], feeds: {} }), ['newton', `${N} by ${N}`, 'none']], // prettier-ignore
    ['a variable of another program', () => lbfgs(net.value, net, { variables: [other], feeds: {} }), ['not part of this program']], // prettier-ignore
  ])('%s', (_, run, words) => expectFault(run, FeedError, ...words))
})

describe('a line search', () => {
  const random = randomNumbers(9)
  const functions = Array.from({ length: 200 }, () => {
    const [a, b, c, d] = [random() * 3, random() * 4, 1 + 6 * random(), 0.02 + random()] as const
    const f = (t: number): number =>
      -d * t + 0.05 * t * t + 0.2 * a * (Math.cos(c * t + b) - Math.cos(b)) * (t / (1 + t))
    const slope = (t: number): number => (f(t + 1e-6) - f(t - 1e-6)) / 2e-6
    return { f, slope }
  })

  it('ends where the strong Wolfe conditions hold', () => {
    let bent = 0
    for (const { f, slope } of functions)
      for (const first of [1e-3, 1, 50]) {
        const start = { step: 0, loss: f(0), slope: slope(0) }
        if (start.slope >= 0) continue
        const found = lineSearch((step) => ({ step, loss: f(step), slope: slope(step) }), start, first)!
        expect(found.loss).toBeLessThanOrEqual(start.loss + 1e-4 * found.step * start.slope)
        expect(Math.abs(found.slope)).toBeLessThanOrEqual(0.9 * Math.abs(start.slope))
        if (found.step !== first) bent++
      }
    expect(bent).toBeGreaterThan(100)
  })

  it('gives up where nothing is lower', () => {
    expect(lineSearch((step) => ({ step, loss: step, slope: 1 }), { step: 0, loss: 0, slope: -1 }, 1)).toBeUndefined()
    const nothing = (step: number) => ({ step, loss: NaN, slope: NaN })
    expect(lineSearch(nothing, { step: 0, loss: 0, slope: -1 }, 1)).toBeUndefined()
  })
})

describe('solving by Cholesky', () => {
  const times = (a: Float64Array, x: Float64Array): number[] =>
    Array.from(x, (_, i) => x.reduce((sum, v, k) => sum + a[i * x.length + k]! * v, 0))

  it('solves what is positive definite', () => {
    const random = randomNumbers(2)
    for (const n of [1, 2, 5, 30]) {
      const b = Float64Array.from({ length: n * n }, () => random() - 0.5)
      const a = new Float64Array(n * n)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) a[i * n + j]! += b[i * n + k]! * b[j * n + k]! + (k === i && i === j ? 0.1 : 0) // prettier-ignore
      const right = Float64Array.from({ length: n }, random)
      const x = right.slice()
      solvePositive(a, x)
      times(a, x).forEach((v, i) => expect(v).toBeCloseTo(right[i]!, 9))
    }
  })

  it('gives a direction of descent for anything else', () => {
    for (const a of [
      [0, 0, 0, 0],
      [0, 1, 1, 0],
      [-1, 0, 0, 2],
      [1, 5, 5, 1],
      [NaN, 0, 0, 1],
      [-1e300, 0, 0, 1e-300],
    ]) {
      // prettier-ignore
      const x = Float64Array.of(-3, 2)
      solvePositive(Float64Array.from(a), x)
      expect(-3 * x[0]! + 2 * x[1]!, String(a)).toBeGreaterThan(0)
    }
  })
})
