import { add, grad, mul, sum, type Tensor, vjp } from 'gradloom'
import { expect } from 'vitest'
import { isFloat } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { build, type Inputs, type OpCase, randomNumbers, sample, VARIANTS } from './operands'
import { sizeOf, type Values } from './values'

/** A function that is made of ops, and what it means, written without them. */
export interface Composed extends OpCase {
  readonly reference: (...operands: readonly Values[]) => Values
  /** False where there is no gradient, or one that jumps. */
  readonly differentiable?: boolean
}

/** The derivative at 0 by a difference of fourth order. */
function difference(f: (step: number) => number): number {
  const h = 3e-4
  return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)
}
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a, (v, i) => v * b[i]!).reduce((s, v) => s + v, 0) // prettier-ignore

/**
 * Values in every variant and in both floats; the gradient against differences of the reference, and the gradient of its
 * projection against differences of that, in JavaScript and on WebAssembly.
 */
export function checkComposed({ inputs, build: of, reference, differentiable = true }: Composed): void {
  const isGeneric = inputs.some((x) => x.dtype === 'float')
  for (const floats of isGeneric ? (['float32', 'float64'] as const) : (['float64'] as const)) {
    const random = randomNumbers(7)
    const types = inputs.map(({ shape, dtype }) => ({ shape, dtype: dtype === 'float' ? floats : dtype }))
    const given = inputs.map((spec, i) => sample(spec, random, i))
    const operands = types.map((t, i): Values => ({ ...t, data: Float64Array.from(given[i]!) }))
    const wanted = reference(...operands)
    const named: Record<string, Inputs[string]> = Object.fromEntries(types.map((t, i) => [`x${i}`, t]))
    const feeds = Object.fromEntries(given.map((v, i) => [`x${i}`, v]))
    const y = of(...types.map((t, i) => makeInput(`x${i}`, t)))
    expect({ shape: y.shape, dtype: y.dtype }).toEqual({ shape: wanted.shape, dtype: wanted.dtype })
    const isDouble = y.dtype === 'float64' || !isFloat(y.dtype)
    for (const [variant, options] of Object.entries(VARIANTS)) {
      const ran = build(named, (xs) => ({ outputs: { y: of(...types.map((_, i) => xs[`x${i}`]!)) } }), options)
      const { y: found } = ran.run(feeds)
      expect(found!.length, variant).toBe(sizeOf(wanted.shape))
      wanted.data.forEach((v, i) => {
        const apart = Math.abs(found![i]! - v)
        const allowed = (isFloat(y.dtype) ? (isDouble ? 1e-12 : 2e-6) : 0) * Math.max(1, Math.abs(v))
        if (!(found![i] === v || apart <= allowed || (v !== v && found![i] !== found![i])))
          expect.fail(`${variant} ${floats} [${i}] is ${found![i]}, the reference ${v}`)
      })
    }
    const by = types.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []))
    if (differentiable && by.length > 0 && floats === 'float64' && isFloat(y.dtype))
      checkGradients(of, reference, operands, by, random)
  }
}

function checkGradients(
  of: OpCase['build'],
  reference: Composed['reference'],
  operands: readonly Values[],
  by: readonly number[],
  random: () => number,
): void {
  const drawn = (shape: readonly number[]): number[] => sample({ shape, domain: 'any' }, random)
  const cotangent = drawn(reference(...operands).shape)
  const directions = by.map((i) => drawn(operands[i]!.shape))
  const weights = by.map((i) => drawn(operands[i]!.shape))
  const moved = (step: number): Values[] =>
    operands.map((x, i) => {
      const d = directions[by.indexOf(i)]
      return d ? { ...x, data: x.data.map((v, k) => v + step * d[k]!) } : x
    })
  const inputs: Record<string, Inputs[string]> = { c: { shape: reference(...operands).shape, dtype: 'float64' } }
  operands.forEach(({ shape, dtype }, i) => (inputs[`x${i}`] = { shape, dtype }))
  by.forEach((i, k) => (inputs[`w${k}`] = inputs[`x${i}`]!))
  for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
    const ran = build(
      inputs,
      (xs) => {
        const targets = by.map((i) => xs[`x${i}`]!)
        const y = of(...operands.map((_, i) => xs[`x${i}`]!))
        const zeros = { disconnected: 'zeros' } as const
        const g: readonly Tensor[] = vjp([y], [xs['c']!], targets, zeros)
        const q = g.map((d, k) => sum(mul(d, xs[`w${k}`]!))).reduce((a, b) => add(a, b))
        const h = grad(q, targets, zeros)
        return {
          outputs: { q, ...Object.fromEntries(by.flatMap((_, k) => [[`g${k}`, g[k]!], [`h${k}`, h[k]!]])) }, // prettier-ignore
        }
      },
      options,
    )
    const at = (xs: readonly Values[]) =>
      ran.run({
        c: cotangent,
        ...Object.fromEntries(xs.map((x, i) => [`x${i}`, Array.from(x.data)])),
        ...Object.fromEntries(weights.map((w, k) => [`w${k}`, w])),
      })
    const here = at(operands)
    const compare = (order: 'g' | 'h', f: (step: number) => number): void => {
      const terms = by.flatMap((_, k) => Array.from(here[`${order}${k}`]!, (v, i) => v * directions[k]![i]!))
      const size = terms.reduce((s, v) => s + Math.abs(v), 1e-2)
      const apart = Math.abs(terms.reduce((s, v) => s + v, 0) - difference(f)) / size
      expect(apart, `${options.target}: gradient ${order}`).toBeLessThan(1e-8)
    }
    compare('g', (step) => dot(reference(...moved(step)).data, cotangent))
    compare('h', (step) => at(moved(step))['q']![0]!)
  }
}
