import { grad, mul, sum, type Tensor } from 'gradloom'
import { isFloat, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { CASES, type Inputs, type OpCase, randomNumbers, sample } from './cases'

const pointsOf = ({ inputs }: OpCase): number => inputs.reduce((n, x) => n + sizeOf(x.shape), 0)

/** The result of an op over its largest shapes, and its gradients where it has some. */
export function largestGraph(name: OpName, floats: 'float32' | 'float64') {
  const test = CASES[name].reduce((a, b) => (pointsOf(b) > pointsOf(a) ? b : a))
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
