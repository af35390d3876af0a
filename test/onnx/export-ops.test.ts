import { constant, grad, mul, sum, type Tensor } from 'gradloom'
import { UnsupportedError, writeOnnx } from 'gradloom/onnx'
import { describe, expect, it } from 'vitest'
import { isFloat, newData, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { EXPORTS } from '../../src/onnx/export/table'
import { build, CASES, type Feeds, type Inputs, type OpCase, randomNumbers, type Ran, sample } from '../ops/cases'
import { expectClose, exported, fed } from './ort'

type Floats = 'float32' | 'float64'

/** What onnxruntime has no float64 kernel for. */
const SINGLE_ONLY: readonly OpName[] = [
  ...(['tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'asinh', 'acosh', 'atanh', 'atan2', 'erf', 'erfc'] as const),
  'gelu',
]
/** Ops that are made of one that there is nothing for in ONNX, and which. */
const MADE_OF: Readonly<Partial<Record<OpName, OpName>>> = {
  solve: 'luFactor',
  inverse: 'luFactor',
  determinant: 'luFactor',
  logDeterminant: 'luFactor',
  determinantSign: 'luFactor',
  leastSquares: 'orthonormal',
  luSolve: 'luFactor',
  permuteRows: 'permutation',
}
/** A product that does not fit into int32 wraps here, in onnxruntime it ends at the largest number. */
const overflows = (name: OpName, { inputs }: OpCase): boolean =>
  name === 'prod' && inputs.some(({ domain }) => domain === 'wide')

/** Cases of an op that are run, from all over its list: sessions take long to open. `ALL_CASES=1` runs them all. */
const MOST = process.env['ALL_CASES'] ? { float32: Infinity, float64: Infinity } : { float32: 6, float64: 2 }
function spread<T>(list: readonly T[], most: number): T[] {
  const apart = Math.max(1, list.length / most)
  return list.filter((_, i) => Math.floor(i / apart) > Math.floor((i - 1) / apart))
}

/** Cases of an op as one graph: results y0, y1, ... and gradients g0_0, ... of sums of them with random weights. */
function caseGraph(name: OpName, floats: Floats) {
  const random = randomNumbers(3)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  const fitting = CASES[name].filter((test) => {
    const isGeneric = test.inputs.some((x) => x.dtype === 'float')
    return !overflows(name, test) && (isGeneric || floats === 'float32')
  })
  const cases = spread(fitting, MOST[floats])
  cases.forEach((test, k) =>
    test.inputs.forEach((spec, i) => {
      inputs[`x${k}_${i}`] = { shape: spec.shape, dtype: spec.dtype === 'float' ? floats : spec.dtype }
      feeds[`x${k}_${i}`] = sample(spec, random, i)
    }),
  )
  const body = (xs: Record<string, Tensor>): { outputs: Record<string, Tensor> } => {
    const outputs: Record<string, Tensor> = {}
    cases.forEach((test, k) => {
      const own = test.inputs.map((_, i) => xs[`x${k}_${i}`]!)
      const y = test.build(...own)
      outputs[`y${k}`] = y
      const by = own.filter((x) => isFloat(x.dtype))
      const isSmooth = test.inputs.every(({ domain }) => domain !== 'special')
      if (!isSmooth || OPS[name].vjp === null || !isFloat(y.dtype) || by.length === 0) return
      const weights = newData(y.dtype, sizeOf(y.shape)).map(() => 2 * random() - 1) as Float32Array
      const loss = sum(mul(y, constant(weights, { shape: y.shape })))
      grad(loss, by, { disconnected: 'zeros' }).forEach((g, i) => (outputs[`g${k}_${i}`] = g))
    })
    return { outputs }
  }
  return { inputs, feeds, body, count: cases.length }
}

async function check(ran: Ran, feeds: Feeds): Promise<void> {
  const model = await exported(ran.net)
  const results = await model.run(fed(ran.net, model.inputs, feeds))
  const expected = ran.run(feeds)
  expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort())
  const isSingle = [...ran.traced.inputs.values()].some((x) => x.dtype === 'float32')
  for (const [name, t] of ran.traced.roots.outputs) {
    const relative = !isFloat(t.dtype) ? 0 : isSingle || t.dtype === 'float32' ? 1e-5 : 1e-9
    expectClose(results[name]!, expected[name]!, relative, name)
  }
  await model.release()
}

const names = Object.keys(CASES) as OpName[]
const without = (name: OpName): OpName | undefined => (EXPORTS[name] === null ? name : MADE_OF[name])

describe('every op, with its gradient, gives in onnxruntime what it gives here', () => {
  it.each(names.filter((name) => !without(name)))('%s', { timeout: 30_000 }, async (name) => {
    for (const floats of ['float32', 'float64'] as const) {
      const { inputs, feeds, body, count } = caseGraph(name, floats)
      if (count === 0) continue
      const ran = build(inputs, body, { target: 'js' })
      if (floats === 'float64' && SINGLE_ONLY.includes(name))
        await expect(exported(ran.net)).rejects.toThrow(/implementation|kernel/)
      else await check(ran, feeds)
      ran.dispose()
    }
  })
})

describe('what ONNX has nothing for is refused by name', () => {
  it.each(names.filter(without))('%s', (name) => {
    const { inputs, body } = caseGraph(name, 'float32')
    const { net, dispose } = build(inputs, body, { target: 'js' })
    const found = expect(() => writeOnnx(net))
    found.toThrow(UnsupportedError)
    found.toThrow(new RegExp(`^onnx: \\w+ has no form in ONNX: .* \\(cases-\\w+\\.ts:\\d+\\)`))
    dispose()
  })
})
