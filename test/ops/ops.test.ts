import { add, exp, grad, mul, sigmoid, sum, tanh, type Tensor, vjp } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { Traced } from '../../src/compile/trace-entry'
import { isFloat, sizeOf } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Feeds, type Inputs, type OpCase, type Ran, randomNumbers, sample, VARIANTS } from './cases'
import { evaluateGraph, roundFloat32, type Values } from './reference'

type Outputs = Record<string, Tensor>
type Floats = 'float32' | 'float64'

const names = Object.keys(CASES) as OpName[]
const isDifferentiable = (name: OpName): boolean => OPS[name].vjp !== null
/** Variants for each of the floats (fuzzing runs them all): `fast` first, since gradients are checked on its results. */
const TESTED = {
  float32: ['fast', 'plain unfused', 'wasm', 'wasm unfused'],
  float64: ['fast', 'unfused', 'wasm'],
} as const
/** Ops whose gradients of both orders met their finite differences. */
const checked = { first: new Set<OpName>(), second: new Set<OpName>() }

/**
 * The graph of a case: the op's result y; if it has a gradient, also the vector-Jacobian product g of a cotangent, its
 * projection q on a direction v, and the gradients h of q by the operands and by the cotangent.
 */
class Check {
  private readonly inputs: Record<string, Inputs[string]> = {}
  private readonly feeds: Record<string, number[]> = {}
  private readonly targets: readonly string[]
  private readonly random = randomNumbers(1)
  private readonly isSingle: boolean
  /** What g and h are the gradients of: numbers that only the reference computes. */
  private scalars: { readonly p: Tensor; readonly q: Tensor } | undefined

  private first: { readonly traced: Traced; readonly results: ReturnType<Ran['run']> } | undefined

  constructor(
    readonly name: OpName,
    readonly test: OpCase,
    readonly floats: Floats,
  ) {
    test.inputs.forEach((spec, i) => {
      const dtype = spec.dtype === 'float' ? floats : spec.dtype
      this.inputs[`x${i}`] = { shape: spec.shape, dtype }
      this.feeds[`x${i}`] = sample(spec, this.random, i)
    })
    const operands = Object.entries(this.inputs)
    const y = this.op(Object.fromEntries(operands.map(([x, t]) => [x, makeInput(x, t)])))
    const hasGradient = (isDifferentiable(name) || name === 'input') && isFloat(y.dtype)
    this.targets = hasGradient ? operands.filter(([, t]) => isFloat(t.dtype)).map(([x]) => x) : []
    if (this.targets.length > 0) this.declare('cotangent', y)
    for (const x of this.targets) this.declare(`v_${x}`, this.inputs[x]!)
    this.isSingle = [y, ...Object.values(this.inputs)].some((t) => t.dtype === 'float32')
  }

  private declare(name: string, { shape, dtype }: Inputs[string]): void {
    this.inputs[name] = { shape, dtype }
    this.feeds[name] = sample({ shape, domain: 'any' }, this.random)
  }

  private op(xs: Outputs): Tensor {
    return this.test.build(...this.test.inputs.map((_, i) => xs[`x${i}`]!))
  }

  private readonly body = (xs: Outputs): { outputs: Outputs } => {
    const y = this.op(xs)
    expect(y.op.name).toBe(this.name)
    const { targets } = this
    if (targets.length === 0) return { outputs: { y } }
    const zeros = { disconnected: 'zeros' } as const
    const by = targets.map((x) => xs[x]!)
    const g = vjp([y], [xs['cotangent']!], by, zeros)
    const q = g.map((d, i) => sum(mul(d, xs[`v_${targets[i]}`]!))).reduce((a, b) => add(a, b))
    const h = grad(q, [...by, xs['cotangent']!], zeros)
    this.scalars ??= { p: sum(mul(y, xs['cotangent']!)), q }
    const gradients = targets.flatMap((x, i) => [[`g_${x}`, g[i]!] as const, [`h_${x}`, h[i]!] as const])
    return { outputs: { y, ...Object.fromEntries(gradients), h_cotangent: h.at(-1)! } }
  }

  /** Compiled outputs are the reference's, in every variant. */
  values(): void {
    let expected: Map<string, Expected> | undefined
    for (const variant of TESTED[this.floats]) {
      const ran = build(this.inputs, this.body, VARIANTS[variant])
      const results = ran.run(this.feeds)
      expected ??= expectedOf(ran.traced, this.feeds)
      this.first ??= { traced: ran.traced, results }
      for (const [name, values] of expected) {
        const extent = Math.max(1, ...Object.values(this.inputs).map((x) => sizeOf(x.shape)))
        const relative = !isFloat(values.dtype) ? 0 : this.isSingle ? 1e-6 * (1 + Math.log2(extent)) : 1e-12
        expectClose(results[name]!, values, relative, `${variant} ${this.floats} ${name}`)
      }
    }
  }

  /** Gradients are the central differences of what they are gradients of, along a random direction. */
  gradients(): void {
    const { targets, feeds, inputs } = this
    if (targets.length === 0 || this.floats !== 'float64') return
    const { traced, results } = this.first!
    const differs = (of: Tensor, gradient: 'g' | 'h', by: readonly string[]): number => {
      const direction = new Map(by.map((x) => [x, sample({ ...inputs[x]!, domain: 'any' }, this.random)]))
      const along = (step: number): number => {
        const moved = by.map((x) => [x, feeds[x]!.map((v, i) => v + step * direction.get(x)![i]!)])
        const bound = bind(traced, { ...feeds, ...Object.fromEntries(moved) })
        return evaluateGraph([of], bound)[0]!.data[0]!
      }
      const terms = by.flatMap((x) => direction.get(x)!.map((d, i) => d * results[`${gradient}_${x}`]![i]!))
      const actual = terms.reduce((total, term) => total + term, 0)
      const size = terms.reduce((total, term) => total + Math.abs(term), 1e-3)
      return Math.abs(actual - difference(along)) / size
    }
    // The mean of no elements is NaN, and there is nothing to differentiate.
    if (Number.isNaN(evaluateGraph([this.scalars!.p], bind(traced, feeds))[0]!.data[0])) return
    const relative = this.isSingle ? 1e-5 : 1e-8
    expect(differs(this.scalars!.p, 'g', targets), 'first gradient').toBeLessThan(relative)
    checked.first.add(this.name)
    expect(differs(this.scalars!.q, 'h', [...targets, 'cotangent']), 'second gradient').toBeLessThan(relative)
    checked.second.add(this.name)
  }
}

/** The derivative at 0 by a difference of fourth order. */
function difference(f: (step: number) => number): number {
  const h = 3e-4
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}

const bind = ({ inputs }: Traced, feeds: Feeds): Map<Tensor, readonly number[]> =>
  new Map([...inputs].map(([name, t]) => [t, feeds[name]!]))

interface Expected extends Values {
  /** How much rounding to float32 after each op changes the values: errors below that say nothing. */
  readonly noise: number
}

function expectedOf(traced: Traced, feeds: Feeds): Map<string, Expected> {
  const { outputs } = traced.roots
  const exact = evaluateGraph([...outputs.values()], bind(traced, feeds))
  const rounded = evaluateGraph([...outputs.values()], bind(traced, feeds), { round: roundFloat32 })
  return new Map(
    [...outputs.keys()].map((name, k) => {
      const apart = Array.from(exact[k]!.data, (v, i) => Math.abs(v - rounded[k]!.data[i]!)).filter(Number.isFinite)
      return [name, { ...exact[k]!, noise: apart.reduce((m, v) => Math.max(m, v), 0) }]
    }),
  )
}

/** Equal up to a relative error and a few times the noise. */
function expectClose(actual: ArrayLike<number>, { data, noise }: Expected, relative: number, label: string): void {
  expect(actual.length, label).toBe(data.length)
  const top = data.reduce((m, v) => (Math.abs(v) > m && Number.isFinite(v) ? Math.abs(v) : m), 0)
  data.forEach((b, i) => {
    const a = actual[i]!
    const allowed = relative * Math.max(Math.abs(b), top / 20) + 4 * noise
    if (!(a === b || (a !== a && b !== b) || Math.abs(a - b) <= allowed))
      expect.fail(`${label}[${i}] is ${a}, the reference ${b}`)
  })
}

describe.each(names)('%s', (name) => {
  const cases = CASES[name].flatMap((test, i) => {
    const isGeneric = test.inputs.some((x) => x.dtype === 'float')
    const floats: Floats[] = isGeneric ? ['float32', 'float64'] : ['float64']
    const shapes = test.inputs.map((x) => `${x.dtype}[${x.shape.join()}]`).join(' ')
    return floats.map((f) => ({ label: `${i}: ${shapes} in ${f}`, check: () => new Check(name, test, f) }))
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
