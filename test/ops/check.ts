import { add, grad, mul, sum, type Tensor, vjp } from 'gradloom'
import { expect } from 'vitest'
import type { Traced } from '../../src/compile/trace-entry'
import { isFloat, showType, sizeOf } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { build, type Feeds, type Inputs, type OpCase, type Ran, randomNumbers, sample, VARIANTS } from './cases'
import { evaluateGraph, roundFloat32, type Values } from './reference'

export type Outputs = Record<string, Tensor>
export type Floats = 'float32' | 'float64'

/** What the cases of an op or of a function made of ops have in common. */
export interface Subject {
  readonly differentiable: boolean
  /** The name of the op that the result must be. */
  readonly root?: string
  /** Told that the gradient of an order met its finite difference. */
  readonly onGradient?: (order: 'first' | 'second') => void
}
/** A case whose values are also known without its graph. */
export interface CheckedCase extends OpCase {
  readonly reference?: (...operands: Values[]) => Values
}

/** Variants for each of the floats (fuzzing runs them all): `fast` first, since gradients are checked on its results. */
const TESTED = {
  float32: ['fast', 'plain unfused', 'wasm', 'wasm unfused'],
  float64: ['fast', 'unfused', 'wasm'],
} as const
/**
 * The graph of a case: the result y; if it has a gradient, also the vector-Jacobian product g of a cotangent, its
 * projection q on a direction v, and the gradients h of q by the operands and by the cotangent.
 */
export class Check {
  private readonly inputs: Record<string, Inputs[string]> = {}
  private readonly feeds: Record<string, number[]> = {}
  private readonly targets: readonly string[]
  private readonly random = randomNumbers(1)
  private readonly isSingle: boolean
  /** What g and h are the gradients of: numbers that only the reference computes. */
  private scalars: { readonly p: Tensor; readonly q: Tensor } | undefined

  private first: { readonly traced: Traced; readonly results: ReturnType<Ran['run']> } | undefined

  constructor(
    readonly subject: Subject,
    readonly test: CheckedCase,
    readonly floats: Floats,
  ) {
    test.inputs.forEach((spec, i) => {
      const dtype = spec.dtype === 'float' ? floats : spec.dtype
      this.inputs[`x${i}`] = { shape: spec.shape, dtype }
      this.feeds[`x${i}`] = sample(spec, this.random, i)
    })
    const operands = Object.entries(this.inputs)
    const y = this.op(Object.fromEntries(operands.map(([x, t]) => [x, makeInput(x, t)])))
    const isSmooth = test.inputs.every((spec) => spec.domain !== 'special')
    const hasGradient = subject.differentiable && isSmooth && isFloat(y.dtype)
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
    if (this.subject.root !== undefined) expect(y.op.name).toBe(this.subject.root)
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
      expected ??= this.expected(ran.traced)
      this.first ??= { traced: ran.traced, results }
      for (const [name, values] of expected) {
        const extent = Math.max(1, ...Object.values(this.inputs).map((x) => sizeOf(x.shape)))
        const relative = !isFloat(values.dtype) ? 0 : this.isSingle ? 1e-6 * (1 + Math.log2(extent)) : 1e-12
        expectClose(results[name]!, values, relative, `${variant} ${this.floats} ${name}`)
      }
    }
  }

  /** What the graph means; for the result what its case says beside it. */
  private expected(traced: Traced): Map<string, Expected> {
    const { reference, inputs } = this.test
    if (!reference) return expectedOf(traced, this.feeds)
    const operands = inputs.map((_, i) => ({ ...this.inputs[`x${i}`]!, data: Float64Array.from(this.feeds[`x${i}`]!) }))
    const y = reference(...operands)
    expect(showType(traced.roots.outputs.get('y')!), 'type of the result').toBe(showType(y))
    // What is whole is exact, and its graph may hold loops, which the references of ops do not know.
    if (!isFloat(y.dtype)) return new Map([['y', { ...y, noise: 0 }]])
    const found = expectedOf(traced, this.feeds)
    return found.set('y', { ...y, noise: found.get('y')!.noise })
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
    this.subject.onGradient?.('first')
    expect(differs(this.scalars!.q, 'h', [...targets, 'cotangent']), 'second gradient').toBeLessThan(relative)
    this.subject.onGradient?.('second')
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
