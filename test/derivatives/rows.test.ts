import {
  jacobian,
  matmul,
  mul,
  rowGrad,
  scan,
  sigmoid,
  sin,
  slice,
  softmax,
  sub,
  sum,
  tanh,
  type Tensor,
} from 'gradloom'
import { GraphError, mean, batchNorm, reshape, exp, transpose } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { followRows } from '../../src/batching/rows'
import { indexAt, isFloat, sizeOf } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { expectFault } from '../fault'
import { build, CASES, type Inputs, type OpCase, randomNumbers, sample, VARIANTS } from '../ops/cases'
import { expectNear } from './near'

const rowsOf = (test: OpCase, inputs: Inputs) => {
  const xs = Object.entries(inputs).map(([name, type]) => makeInput(name, type))
  const y = test.build(...xs)
  const found = followRows([y], new Map([[xs[0]!, 0]]))
  return { y, axis: 'axes' in found ? found.axes[0] : undefined }
}
const inputsOf = (test: OpCase): Inputs =>
  Object.fromEntries(test.inputs.map(({ shape, dtype }, i) => [`x${i}`, { shape, dtype: dtype === 'float' ? 'float64' : dtype }])) // prettier-ignore

/** Cases whose first operand has rows, with the axis along which they are said to lie in the result. */
const KEPT = (Object.keys(CASES) as OpName[]).flatMap((name) =>
  CASES[name].flatMap((test, i) => {
    const [first] = test.inputs
    if (OPS[name].vjp === null || first?.dtype !== 'float' || !((first.shape[0] ?? 0) > 1) || sizeOf(first.shape) > 60) return [] // prettier-ignore
    const { y, axis } = rowsOf(test, inputsOf(test))
    return axis === undefined || !isFloat(y.dtype) ? [] : [{ label: `${name} ${i}`, name, test, axis }]
  }),
)

describe('where rows are said to be kept apart, the Jacobian says so too', () => {
  it('of many ops', () => {
    expect(new Set(KEPT.map((row) => row.name)).size).toBeGreaterThan(90)
    for (const name of ['contract', 'softmax', 'layerNorm', 'transpose', 'reshape', 'concat', 'sum', 'gather'] as const)
      expect(
        KEPT.some((row) => row.name === name),
        name,
      ).toBe(true)
  })

  it.each(KEPT)('$label', ({ test, axis }) => {
    const inputs = inputsOf(test)
    const random = randomNumbers(11)
    const feeds = Object.fromEntries(test.inputs.map((spec, i) => [`x${i}`, sample(spec, random, i)]))
    const ran = build(inputs, (xs) => {
      const y = test.build(...test.inputs.map((_, i) => xs[`x${i}`]!))
      return { outputs: { y, J: jacobian(y, xs['x0']!, { disconnected: 'zeros' }) } }
    })
    const { J } = ran.run(feeds)
    const shape = ran.traced.roots.outputs.get('y')!.shape
    const columns = inputs['x0']!.shape
    J!.forEach((v, at) => {
      const row = indexAt(shape, Math.floor(at / sizeOf(columns)))[axis]
      const column = indexAt(columns, at % sizeOf(columns))[0]
      if (row !== column && v !== 0) expect.fail(`J[${at}] is ${v}, of row ${row} by row ${column}`)
    })
  })
})

const N = 7
const points = Array.from({ length: 2 * N }, (_, i) => Math.sin(3 * i))

describe('rowGrad', () => {
  it('gives derivatives of each row, of the second order too', () => {
    for (const options of [VARIANTS.fast, VARIANTS.wasm]) {
      const { run } = build({ x: { shape: [N, 2], dtype: 'float64' } }, ({ x }) => {
        const [a, b] = [slice(x!, [{}, { end: 1 }]), slice(x!, [{}, { start: 1 }])]
        const u = mul(sin(mul(2, a)), exp(b))
        const du = rowGrad(u, x!)
        const dda = rowGrad(slice(du, [{}, { end: 1 }]), x!)
        return { outputs: { du, dda } }
      }, options) // prettier-ignore
      const { du, dda } = run({ x: points })
      const exact = (f: (a: number, b: number) => number[]): number[] =>
        Array.from({ length: N }, (_, i) => f(points[2 * i]!, points[2 * i + 1]!)).flat()
      expectNear('first', du!, exact((a, b) => [2 * Math.cos(2 * a) * Math.exp(b), Math.sin(2 * a) * Math.exp(b)])) // prettier-ignore
      expectNear('second', dda!, exact((a, b) => [-4 * Math.sin(2 * a) * Math.exp(b), 2 * Math.cos(2 * a) * Math.exp(b)])) // prettier-ignore
    }
  })

  it('takes y without a second dimension, and rows of any shape', () => {
    const { run } = build({ x: { shape: [N, 2], dtype: 'float64' } }, ({ x }) => {
      const cubes = reshape(x!, [N, 1, 2])
      const y = sum(mul(cubes, mul(cubes, cubes)), { axis: [1, 2] })
      return { outputs: { y: rowGrad(y, cubes) } }
    })
    expectNear('gradient', run({ x: points })['y']!, points.map((v) => 3 * v * v)) // prettier-ignore
  })

  const [x, W] = [
    makeInput('x', { shape: [4, 2], dtype: 'float64' }),
    makeInput('W', { shape: [2, 1], dtype: 'float64' }),
  ]
  const y: Tensor = tanh(matmul(x, W))
  it.each<[string, () => unknown, string[]]>([
    ['no row for each', () => rowGrad(slice(y, [{ end: 3 }]), x), ['"x"', '4 rows']],
    ['several numbers a row', () => rowGrad(sigmoid(x), x), ['2 numbers a row', 'slice']],
    ['a scalar', () => rowGrad(y, mean(x)), ['no rows']],
    ['a sum over rows', () => rowGrad(sub(y, mean(y, { axis: 0 })), x), ['may mix in', 'mean']],
    ['a softmax over rows', () => rowGrad(softmax(y, { axis: 0 }), x), ['may mix in', 'softmax', 'check: false']],
    ['rows against rows', () => rowGrad(matmul(matmul(x, transpose(x)), y), x), ['may mix in', 'contract']],
    ['statistics of the batch', () => rowGrad(batchNorm(y, { track: false }).output, x), ['may mix in', 'batchNorm']],
    ['another tensor', () => rowGrad(y, makeInput('z', x)), ['"z"', 'not used']],
  ])('refuses %s', (_, build, words) => expectFault(build, GraphError, ...words))

  it('believes what it is told', () => {
    const once = (t: Tensor): Tensor => scan({ carry: { s: t }, length: 1, step: ({ s }) => ({ carry: { s: sin(s) } }) }).carry.s // prettier-ignore
    expectFault(() => rowGrad(once(y), x), GraphError, 'may mix')
    expect(rowGrad(once(y), x, { check: false }).shape).toEqual([4, 2])
  })
})
