import { grad, mul, sum, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { isFloat, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { DIVIDED } from '../cases/modes'
import { build, CASES, type Inputs, type OpCase, randomNumbers, sample } from '../ops/cases'

const names = Object.keys(CASES) as OpName[]
const pointsOf = ({ inputs }: OpCase): number => inputs.reduce((n, x) => n + sizeOf(x.shape), 0)
/** Ops of which a kernel was divided. */
const divided = new Set<OpName>()

/** Their kernels call functions of the host, which other threads do not have. */
const HOST = 'sin cos tan floorDiv'
/** No kernel, or a single result. */
const SINGLE = 'variable constant any all countNonZero squeeze'

/** The result of an op over its largest shapes, and its gradients where it has some. */
function graphOf(test: OpCase, name: OpName, floats: 'float32' | 'float64') {
  const random = randomNumbers(3)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  test.inputs.forEach((spec, i) => {
    inputs[`x${i}`] = { shape: spec.shape, dtype: spec.dtype === 'float' ? floats : spec.dtype }
    feeds[`x${i}`] = sample(spec, random, i)
  })
  const body = (xs: Record<string, Tensor>) => {
    const y = test.build(...test.inputs.map((_, i) => xs[`x${i}`]!))
    const by = Object.values(xs).filter((x) => isFloat(x.dtype))
    if (OPS[name].vjp === null || !isFloat(y.dtype) || by.length === 0) return { outputs: { y } }
    const gradients = grad(sum(mul(y, y)), by, { disconnected: 'zeros' })
    return { outputs: { y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) } }
  }
  return { inputs, feeds, body }
}

describe('every op on two threads gives the numbers of one, bit for bit', () => {
  it.each(names)('%s', async (name) => {
    const test = CASES[name].reduce((a, b) => (pointsOf(b) > pointsOf(a) ? b : a))
    for (const floats of ['float32', 'float64'] as const) {
      const { inputs, feeds, body } = graphOf(test, name, floats)
      const one = build(inputs, body, { target: 'wasm', threads: 1 })
      const two = build(inputs, body, { target: 'wasm', threads: DIVIDED })
      await two.ready
      expect(two.run(feeds)).toEqual(one.run(feeds))
      if (two.splits() > 0) divided.add(name)
      two.dispose()
    }
  })
})

it('whatever has results side by side was divided', () => {
  const whole = names.filter((name) => !divided.has(name))
  expect(whole.sort()).toEqual(`${HOST} ${SINGLE}`.split(/\s+/).sort())
})
