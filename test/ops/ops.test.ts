import { grad, mul, sum, type Tensor, vjp } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { isFloat, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Feeds, type Inputs, type OpCase, randomNumbers, sample, VARIANTS } from './cases'
import { evaluateGraph } from './reference'

type Outputs = Record<string, Tensor>
type Floats = 'float32' | 'float64'

const names = Object.keys(CASES) as OpName[]
const isDifferentiable = (name: OpName): boolean => OPS[name].vjp !== null
/** Ops whose gradients of both orders met their finite differences. */
const checked = { first: new Set<OpName>(), second: new Set<OpName>() }

/**
 * The graph of a case: the op's result y; if it has a gradient, also the vector-Jacobian product g of a cotangent, its
 * projection q on a direction v, and the gradients h of q by the operands and by the cotangent.
 */
class Check {
  readonly inputs: Record<string, Inputs[string]> = {}
  readonly feeds: Record<string, number[]> = {}
  private readonly targets: readonly string[]
  private readonly random = randomNumbers(1)

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
    const shapes = build(this.inputs, (xs) => ({ outputs: { y: this.op(xs) } })).traced.roots.outputs
    const y = shapes.get('y')!
    const hasGradient = isDifferentiable(name) || name === 'input'
    this.targets = hasGradient && isFloat(y.dtype) ? operands.filter(([, t]) => isFloat(t.dtype)).map(([x]) => x) : []
    if (this.targets.length > 0) this.declare('cotangent', y)
    for (const x of this.targets) this.declare(`v_${x}`, this.inputs[x]!)
  }

  private declare(name: string, { shape, dtype }: Inputs[string]): void {
    this.inputs[name] = { shape, dtype }
    this.feeds[name] = sample({ shape, domain: 'any' }, this.random)
  }

  private op(xs: Outputs): Tensor {
    return this.test.build(...this.test.inputs.map((_, i) => xs[`x${i}`]!))
  }

  readonly body = (xs: Outputs): { outputs: Outputs } => {
    const y = this.op(xs)
    const { targets } = this
    if (targets.length === 0) return { outputs: { y } }
    const zeros = { disconnected: 'zeros' } as const
    const by = targets.map((x) => xs[x]!)
    const g = vjp([y], [xs['cotangent']!], by, zeros)
    const q = g.map((d, i) => sum(mul(d, xs[`v_${targets[i]}`]!))).reduce((a, b) => a)
    const h = grad(q, [...by, xs['cotangent']!], zeros)
    const p = sum(mul(y, xs['cotangent']!))
    const gradients = [...targets.map((x, i) => [`g_${x}`, g[i]!]), ...targets.map((x, i) => [`h_${x}`, h[i]!])]
    return { outputs: { y, p, q, ...Object.fromEntries(gradients), h_cotangent: h.at(-1)! } }
  }

  /** Compiled outputs are the reference's, in every variant. */
  values(): void {
    for (const [variant, options] of Object.entries(VARIANTS)) {
      const { traced, run } = build(this.inputs, this.body, options)
      const { outputs } = traced.roots
      expect(outputs.get('y')!.op.name).toBe(this.name)
      const results = run(this.feeds)
      const expected = this.reference(traced, this.feeds)
      for (const [name, t] of outputs) {
        const rounded = Object.values(this.inputs).some((x) => x.dtype === 'float32') || t.dtype === 'float32'
        const extent = Math.max(1, ...Object.values(this.inputs).map((x) => sizeOf(x.shape)))
        const relative = !isFloat(t.dtype) ? 0 : rounded ? 1e-6 * (1 + Math.log2(extent)) : 1e-12
        expectClose(results[name]!, expected[name]!, relative, `${variant} ${this.floats} ${name}`)
      }
    }
  }

  private reference(traced: ReturnType<typeof build>['traced'], feeds: Feeds): Record<string, Float64Array> {
    const bound = new Map([...traced.inputs].map(([name, t]) => [t, feeds[name]!]))
    const names = [...traced.roots.outputs.keys()]
    const values = evaluateGraph([...traced.roots.outputs.values()], bound)
    return Object.fromEntries(values.map((v, i) => [names[i]!, v.data]))
  }

  /** Gradients are the central differences of what they are gradients of, along a random direction. */
  gradients(): void {
    const { targets, feeds } = this
    if (targets.length === 0 || this.floats !== 'float64') return
    const { traced, run } = build(this.inputs, this.body)
    const results = run(feeds)
    const order = (of: 'p' | 'q', gradient: 'g' | 'h', by: readonly string[]): void => {
      const direction = Object.fromEntries(
        by.map((x) => [x, sample({ ...this.inputs[x]!, domain: 'any' }, this.random)]),
      )
      const along = (step: number): number => {
        const moved = by.map((x) => [x, feeds[x]!.map((v, i) => v + step * direction[x]![i]!)])
        return this.reference(traced, { ...feeds, ...Object.fromEntries(moved) })[of]![0]!
      }
      const terms = by.flatMap((x) => direction[x]!.map((d, i) => d * results[`${gradient}_${x}`]![i]!))
      const actual = terms.reduce((total, term) => total + term, 0)
      const size = terms.reduce((total, term) => total + Math.abs(term), 1e-3)
      const single = Object.values(this.inputs).some((x) => x.dtype === 'float32')
      expect(Math.abs(actual - difference(along)) / size, `gradient of ${of}`).toBeLessThan(single ? 1e-5 : 1e-8)
    }
    order('p', 'g', targets)
    checked.first.add(this.name)
    order('q', 'h', [...targets, 'cotangent'])
    checked.second.add(this.name)
  }
}

/** The derivative at 0 by a difference of fourth order. */
function difference(f: (step: number) => number): number {
  const h = 1e-3
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}

/** Equal up to a relative error, where elements far below the largest one count as if they were a twentieth of it. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, relative: number, label: string): void {
  expect(actual.length, label).toBe(expected.length)
  const finite = Array.from(expected, Math.abs).filter(Number.isFinite)
  const floor = finite.reduce((m, v) => Math.max(m, v), 0) / 20
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!]
    const isClose = a === b || (a !== a && b !== b) || Math.abs(a - b) <= relative * Math.max(Math.abs(b), floor)
    if (!isClose) expect.fail(`${label}[${i}] is ${a}, the reference ${b}`)
  }
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

it('covers every differentiable op to second order', () => {
  const differentiable = names.filter(isDifferentiable)
  console.info(`${names.length} ops, ${differentiable.length} differentiable, ${checked.second.size} to second order`)
  expect([...names].sort()).toEqual(Object.keys(OPS).sort())
  expect(differentiable.filter((name) => !checked.first.has(name))).toEqual([])
  expect(differentiable.filter((name) => !checked.second.has(name))).toEqual([])
})
