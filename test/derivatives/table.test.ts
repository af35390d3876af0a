import { hessian, hvp, jacobian, jvp, mul, sum, type Tensor, vjp } from 'gradloom'
import { describe, it } from 'vitest'
import { isFloat, sizeOf } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Feeds, type Inputs, type OpCase, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

const zeros = { disconnected: 'zeros' } as const
/** Largest output whose Jacobian is built. */
const MOST = 40

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((total, v, i) => total + v * b[i]!, 0)

/** A case with a tangent for each float operand, a cotangent for the result, and what is differentiated. */
function setUp(test: OpCase) {
  const random = randomNumbers(3)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  const declare = (name: string, shape: readonly number[], dtype: Inputs[string]['dtype'], values: number[]): void => {
    inputs[name] = { shape, dtype }
    feeds[name] = values
  }
  test.inputs.forEach((spec, i) => {
    declare(`x${i}`, spec.shape, spec.dtype === 'float' ? 'float64' : spec.dtype, sample(spec, random, i))
  })
  const operands = Object.entries(inputs)
  const by = operands.flatMap(([name, { dtype }]) => (isFloat(dtype) ? [name] : []))
  const y = test.build(...operands.map(([name, type]) => makeInput(name, type)))
  for (const x of by) declare(`v_${x}`, inputs[x]!.shape, inputs[x]!.dtype, sample({ shape: inputs[x]!.shape, domain: 'any' }, random)) // prettier-ignore
  declare('u', y.shape, y.dtype, sample({ shape: y.shape, domain: 'any' }, random))
  return { inputs, feeds, by, y }
}

/** Jv and uᵀJ, the Jacobian by rows and by columns, and the Hessian of a sum of squares with its product. */
const bodyOf = (test: OpCase, by: readonly string[], isSmall: boolean) => (xs: Record<string, Tensor>) => {
  const y = test.build(...test.inputs.map((_, i) => xs[`x${i}`]!))
  const targets = by.map((x) => xs[x]!)
  const vectors = by.map((x) => xs[`v_${x}`]!)
  const outputs: Record<string, Tensor> = { forward: jvp([y], targets, vectors, zeros)[0] }
  const add = (letter: string, tensors: readonly Tensor[]): void =>
    tensors.forEach((t, i) => (outputs[`${letter}_${by[i]}`] = t))
  add('back', vjp([y], [xs['u']!], targets, zeros))
  if (!isSmall) return { outputs }
  add('rows', jacobian(y, targets, { ...zeros, mode: 'reverse' }))
  add('columns', jacobian(y, targets, { ...zeros, mode: 'forward' }))
  const loss = sum(mul(y, y))
  add('hvp', hvp(loss, targets, vectors, zeros))
  hessian(loss, targets, zeros).forEach((row, i) => add(`h_${by[i]}`, row))
  return { outputs }
}

/** What each output must be, from others: products by hand. */
function checkSmall(label: string, r: Record<string, ArrayLike<number>>, feeds: Feeds, by: readonly string[]): void {
  const size = feeds['u']!.length
  const jv = new Array<number>(size).fill(0)
  for (const x of by) {
    const n = feeds[x]!.length
    const row = (m: ArrayLike<number>, i: number): number[] => Array.from(m).slice(i * n, (i + 1) * n)
    const rows = r[`rows_${x}`]!
    jv.forEach((_, i) => (jv[i]! += dot(row(rows, i), feeds[`v_${x}`]!)))
    expectNear(`${label} columns of ${x}`, r[`columns_${x}`]!, rows)
    const back = Array.from({ length: n }, (_, k) => dot(jv.map((_, i) => rows[i * n + k]!), feeds['u']!)) // prettier-ignore
    expectNear(`${label} uᵀJ of ${x}`, r[`back_${x}`]!, back)
    const product = Array.from({ length: n }, (_, k) =>
      by.reduce((total, z) => {
        const m = feeds[z]!.length
        return total + dot(Array.from(r[`h_${x}_${z}`]!).slice(k * m, (k + 1) * m), feeds[`v_${z}`]!)
      }, 0),
    )
    expectNear(`${label} Hv of ${x}`, r[`hvp_${x}`]!, product)
    for (const z of by) {
      const m = feeds[z]!.length
      const transposed = Array.from({ length: n * m }, (_, i) => r[`h_${z}_${x}`]![(i % m) * n + Math.floor(i / m)]!)
      expectNear(`${label} H of ${x} and ${z}`, r[`h_${x}_${z}`]!, transposed)
    }
  }
  expectNear(`${label} Jv`, r['forward']!, jv)
}

const DIFFERENTIABLE = (Object.keys(CASES) as OpName[]).filter(
  (name) => OPS[name].vjp !== null && CASES[name].some(({ inputs }) => inputs.some((x) => x.dtype === 'float')),
)
describe.each(DIFFERENTIABLE)('%s', (name) => {
  const cases = CASES[name].flatMap((test, i) => {
    if (!test.inputs.some((x) => x.dtype === 'float')) return []
    return [{ label: `${i}: ${test.inputs.map((x) => `${x.dtype}[${x.shape.join()}]`).join(' ')}`, test }]
  })
  it.each(cases)('$label', ({ test }) => {
    const { inputs, feeds, by, y } = setUp(test)
    const extents = by.map((x) => sizeOf(inputs[x]!.shape))
    // The mean of no elements is NaN, and there is nothing to differentiate.
    if (extents.includes(0)) return
    const isSmall = [sizeOf(y.shape), ...extents].every((n) => n <= MOST)
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const results = build(inputs, bodyOf(test, by, isSmall), options).run(feeds)
      const terms = by.map((x) => dot(results[`back_${x}`]!, feeds[`v_${x}`]!))
      const back = terms.reduce((a, b) => a + b, 0)
      const dtype = y.dtype
      expectNear(`${options.target} u·Jv`, [dot(results['forward']!, feeds['u']!)], [back], dtype)
      if (isSmall) checkSmall(options.target, results, feeds, by)
    }
  })
})
