import { cast, mul, type Tensor, vjp, where } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { AnyOp } from '../../src/ir/op'
import { isFloat, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Inputs, type OpCase, randomNumbers, sample } from './cases'

/** A cotangent that was selected, beside one that was multiplied: where all is finite they are equal. */
function compared(test: OpCase): void {
  const random = randomNumbers(2)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  const declare = (name: string, spec: OpCase['inputs'][number], position: number): void => {
    inputs[name] = { shape: spec.shape, dtype: spec.dtype === 'float' ? 'float64' : spec.dtype }
    feeds[name] = sample(spec, random, position)
  }
  test.inputs.forEach((spec, i) => declare(`x${i}`, spec, i))
  const op = (xs: Record<string, Tensor>): Tensor => test.build(...test.inputs.map((_, i) => xs[`x${i}`]!))
  const targets = Object.keys(inputs).filter((name) => isFloat(inputs[name]!.dtype))
  const { shape } = build(inputs, (xs) => ({ outputs: { y: op(xs) } }), { target: 'js' }).traced.roots.outputs.get('y')!
  declare('taken', { shape, dtype: 'bool', domain: 'bool' }, 0)
  declare('given', { shape, dtype: 'float', domain: 'any' }, 0)
  const ran = build(
    inputs,
    (xs) => {
      const [taken, given] = [xs['taken']!, xs['given']!]
      const by = targets.map((name) => xs[name]!)
      const pulled = (y: Tensor): Tensor[] => vjp([y], [given], by, { disconnected: 'zeros' })
      const selected = pulled(where(taken, op(xs), 0))
      const multiplied = pulled(mul(op(xs), cast(taken, 'float64')))
      const all = targets.flatMap((_, i) => [[`selected${i}`, selected[i]!], [`multiplied${i}`, multiplied[i]!]] as const) // prettier-ignore
      return { outputs: Object.fromEntries(all) }
    },
    { target: 'js' },
  )
  const results = ran.run(feeds)
  targets.forEach((name, i) => {
    const [a, b] = [results[`selected${i}`]!, results[`multiplied${i}`]!]
    expect(a.length).toBe(sizeOf(inputs[name]!.shape))
    a.forEach((v, k) => expect(v, `${name}[${k}]`).toBeCloseTo(b[k]!, 10))
  })
}

describe('a gradient that only moves elements about gives what is masked its right place', () => {
  const moving = (Object.keys(OPS) as OpName[]).filter((name) => (OPS[name] as AnyOp).movesGradient)
  it.each(moving)('%s', (name) => {
    const rows = CASES[name].filter(({ inputs }) => inputs.some((x) => x.dtype === 'float'))
    expect(rows.length).toBeGreaterThan(0)
    rows.forEach(compared)
  })
})
