import {
  abs,
  add,
  cast,
  customGradient,
  dropout,
  exp,
  gather,
  gradientCheck,
  GraphError,
  gru,
  matmul,
  meanSquaredError,
  mul,
  pow,
  sin,
  softmax,
  stopGradient,
  sum,
  tanh,
  type Tensor,
  variable,
} from 'gradloom'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

const x = [[0.3, -1.2, 0.7], [1.1, 0.2, -0.4]] // prettier-ignore
const W = [[0.5, -0.1], [0.9, 0.4], [-0.7, 1.3]] // prettier-ignore

/** x³ whose gradient is a factor off, or right but of a wrong gradient. */
const cube = (t: Tensor<readonly number[], 'float64'>, first: number, second: number): Tensor =>
  customGradient([t], (v): Tensor => mul(v, mul(v, v)), ({ operands: [v], cotangent }) => {
    const slope = customGradient([v], (u): Tensor => mul(3 * first, mul(u, u)), ({ operands: [u], cotangent: g }) => [mul(g, mul(6 * second, u))]) // prettier-ignore
    return [mul(cotangent, slope)]
  }) // prettier-ignore

describe('gradientCheck', () => {
  it('calls what is no number the worst, wherever it stands', () => {
    // The second derivative of |y|^1.5 at 0 is no number that differences find.
    const f = ({ y, x }: { y: Tensor; x: Tensor }): Tensor => add(pow(abs(y), 1.5), mul(x, x))
    for (const at of [
      { y: 0, x: 1 },
      { x: 1, y: 0 },
    ]) {
      const { ok, worst, secondOrder } = gradientCheck(f as never, at)
      expect(ok).toBe(false)
      expect(worst).toMatchObject({ target: 'y' })
      if (Number.isNaN(secondOrder['y'])) expect(worst.error).toBeNaN()
    }
  })

  it.each(['js', 'wasm'] as const)('finds nothing wrong with what is right, %s', (target) => {
    const options = { compile: { target } } as const
    const found = gradientCheck(({ x, W }) => tanh(matmul(softmax(x), W)), { x, W }, options)
    expect(found).toMatchObject({ ok: true })
    expect(Object.keys(found.firstOrder)).toEqual(['x', 'W'])
    expect(found.worst.error).toBeLessThan(1e-8)
    expect(gradientCheck(({ x, W }) => meanSquaredError(sin(matmul(x, W)), matmul(exp(x), W)), { x, W }, options).ok).toBe(true) // prettier-ignore
  })

  it('takes indices, variables, numbers of any size, and what draws at random', () => {
    const table = variable('table', [3, 2], W, { dtype: 'float64' })
    const at = { rows: Int32Array.of(2, 0, 2), scale: 1e-4, far: [1e5, 2e5] } as const
    const found = gradientCheck(
      ({ rows, scale, far }) => add(sin(mul(gather(table, rows), exp(scale))), sum(mul(sin(mul(far, 1e-5)), scale))),
      at,
      { variables: [table] },
    )
    expect(found).toMatchObject({ ok: true })
    expect(Object.keys(found.secondOrder)).toEqual(['scale', 'far', 'table'])
    expect(gradientCheck(({ x }) => dropout(sin(x), 0.5), { x }).ok).toBe(true)
    const cell = { x: [[[0.1, 0.2], [0.3, -0.5]]], kernel: [[1, 0.2, -0.3], [0.4, 0.9, 0.1]], recurrentKernel: [[0.3, -0.8, 0.2]] } // prettier-ignore
    expect(gradientCheck(({ x, ...weights }) => gru(x as never, weights as never).last, cell).ok).toBe(true)
  })

  it('names the target and the order of what is wrong', () => {
    const at = { x: [1, -2, 0.5], y: [0.1, 0.2, 0.4] }
    const first = gradientCheck(({ x, y }) => add(cube(x, 1.01, 1.01), sin(y)), at)
    expect(first).toMatchObject({ ok: false, worst: { target: 'x', order: 1 } })
    expect(first.firstOrder['x']).toBeGreaterThan(1e-3)
    expect(first.firstOrder['y']).toBeLessThan(1e-8)
    const second = gradientCheck(({ x, y }) => add(cube(x, 1, 1.01), sin(y)), at)
    expect(second).toMatchObject({ ok: false, worst: { target: 'x', order: 2 } })
    expect(second.firstOrder['x']).toBeLessThan(1e-8)
    expect(gradientCheck(({ x, y }) => add(cube(x, 1, 1), sin(y)), at).ok).toBe(true)
    // No gradient where there should be one.
    expect(gradientCheck(({ x }) => stopGradient(sin(x)), { x: at.x }).worst.error).toBeCloseTo(1, 2)
    expect(gradientCheck(({ x }) => mul(x, NaN), { x: at.x })).toMatchObject({ ok: false, worst: { error: NaN } })
  })

  it.each<[string, () => unknown, string[]]>([
    ['nothing to differentiate by', () => gradientCheck(() => sin(1 as never), { n: Int32Array.of(1) }), ['no floats']],
    ['a result of float32', () => gradientCheck(({ x }) => cast(x, 'float32'), { x }), ['must be float64', 'cast']],
    ['a variable of float32', () => gradientCheck(({ x }) => sin(x), { x }, { variables: [variable('f', [2], 0) as never] }), ['"f" float32']], // prettier-ignore
    ['uneven arrays', () => gradientCheck(({ x }) => sin(x), { x: [[1], [1, 2]] }), ['"x"', 'uneven']],
    ['no tensor', () => gradientCheck(() => 1 as never, { x }), ['expected a tensor']],
  ])('refuses %s', (_, run, words) => expectFault(run, GraphError, ...words))
})
