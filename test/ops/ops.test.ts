import { exp, grad, sigmoid, sum, tanh, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, randomNumbers, VARIANTS } from './cases'
import { Check, type Floats, type Outputs } from './check'

const names = Object.keys(CASES) as OpName[]
const isDifferentiable = (name: OpName): boolean => OPS[name].vjp !== null
/** Ops whose gradients of both orders met their finite differences. */
const checked = { first: new Set<OpName>(), second: new Set<OpName>() }

describe.each(names)('%s', (name) => {
  const subject = {
    differentiable: isDifferentiable(name) || name === 'input',
    root: name,
    onGradient: (order: 'first' | 'second') => void checked[order].add(name),
  }
  const cases = CASES[name].flatMap((test, i) => {
    const isGeneric = test.inputs.some((x) => x.dtype === 'float')
    const floats: Floats[] = isGeneric ? ['float32', 'float64'] : ['float64']
    const shapes = test.inputs.map((x) => `${x.dtype}[${x.shape.join()}]`).join(' ')
    return floats.map((f) => ({ label: `${i}: ${shapes} in ${f}`, check: () => new Check(subject, test, f) }))
  })
  it.each(cases)('$label', ({ check }) => {
    const made = check()
    made.values()
    made.gradients()
  })
})

/** Units in the last place of a float32 by which a value misses the exact one. */
function ulps(value: number, exact: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126)
  return Math.abs(value - exact) / 2 ** (exponent - 23)
}

describe('tails', () => {
  const exact = {
    exp: [Math.exp, Math.exp],
    tanh: [Math.tanh, (x: number) => (2 / (Math.exp(x) + Math.exp(-x))) ** 2],
    sigmoid: [(x: number) => 1 / (1 + Math.exp(-x)), (x: number) => 1 / ((1 + Math.exp(-x)) * (1 + Math.exp(x)))],
  } as const
  const random = randomNumbers(7)
  const uniform = Array.from({ length: 20_000 }, () => Math.fround(176 * random() - 88))
  const small = Array.from({ length: 4_000 }, () => Math.fround((random() < 0.5 ? -1 : 1) * 2 ** (-149 * random())))
  const x = [...uniform, ...small, 0, 88, -88]
  const body = (op: Unary) => (xs: Outputs) => ({
    outputs: { y: op(xs['x']!), g: grad(sum(op(xs['x']!)), [xs['x']!])[0] },
  })
  type Unary = (x: Tensor) => Tensor

  it.each(Object.keys(exact) as (keyof typeof exact)[])('of %s keep their relative accuracy', (name) => {
    const [value, slope] = exact[name]
    for (const options of [VARIANTS.fast, VARIANTS['plain unfused']]) {
      const single = build({ x: { shape: [x.length], dtype: 'float32' } }, body({ exp, sigmoid, tanh }[name]), options)
      const worst = Array.from(single.run({ x })['y']!, (y, i) => ulps(y, value(x[i]!)))
      expect(Math.max(...worst)).toBeLessThan(4)
      const near = x.filter((v) => Math.abs(v) <= 8)
      const double = build(
        { x: { shape: [near.length], dtype: 'float64' } },
        body({ exp, sigmoid, tanh }[name]),
        options,
      )
      const misses = Array.from(double.run({ x: near })['g']!, (g, i) => Math.abs(g / slope(near[i]!) - 1))
      expect(Math.max(...misses)).toBeLessThan(1e-9)
    }
  })
})

it('covers every differentiable op to second order', () => {
  const differentiable = names.filter(isDifferentiable)
  console.info(`${names.length} ops, ${differentiable.length} differentiable, ${checked.second.size} to second order`)
  expect([...names].sort()).toEqual(Object.keys(OPS).sort())
  expect(differentiable.filter((name) => !checked.first.has(name))).toEqual([])
  expect(differentiable.filter((name) => !checked.second.has(name))).toEqual([])
})
