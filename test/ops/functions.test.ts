import * as loom from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build } from './cases'
import { Check, type Floats } from './check'
import type { FunctionRow } from './function-case'
import { FUNCTIONS } from './functions'

const rows: readonly (readonly [string, FunctionRow])[] = Object.entries(FUNCTIONS)
/** Functions whose gradients of both orders met their finite differences. */
const checked = { first: new Set<string>(), second: new Set<string>() }

describe.each(rows)('%s', (name, { differentiable = true, cases }) => {
  const subject = { differentiable, onGradient: (order: 'first' | 'second') => void checked[order].add(name) }
  const runs = cases.flatMap((test, i) => {
    const isGeneric = test.inputs.some((x) => x.dtype === 'float')
    const floats: Floats[] = isGeneric ? ['float32', 'float64'] : ['float64']
    const shapes = test.inputs.map((x) => `${x.dtype}[${x.shape.join()}]`).join(' ')
    return floats.map((f) => ({ label: `${i}: ${shapes} in ${f}`, check: () => new Check(subject, test, f) }))
  })
  it.each(runs)('$label', ({ check }) => {
    const made = check()
    made.values()
    made.gradients()
  })
})

it('those that give floats of floats are checked to second order, or marked', () => {
  const isSmooth = ({ differentiable = true, cases }: FunctionRow): boolean =>
    differentiable &&
    cases.some(({ inputs, reference }) => {
      const operands = inputs.map(({ shape, dtype }) => {
        const size = shape.reduce((n, d) => n * d, 1)
        return { shape, dtype: dtype === 'float' ? ('float64' as const) : dtype, data: new Float64Array(size) }
      })
      return inputs.some((x) => x.dtype === 'float') && reference(...operands).dtype === 'float64'
    })
  const smooth = rows.flatMap(([name, row]) => (isSmooth(row) ? [name] : []))
  console.info(`${rows.length} functions, ${smooth.length} differentiable, ${checked.second.size} to second order`)
  expect(smooth.filter((name) => !checked.first.has(name))).toEqual([])
  expect(smooth.filter((name) => !checked.second.has(name))).toEqual([])
})

it('what nanToNum replaces has the gradient 0', () => {
  const type = { x: { shape: [4], dtype: 'float32' as const } }
  const { run } = build(type, ({ x }) => {
    const y = loom.nanToNum(x!)
    return { outputs: { g: loom.grad(loom.sum(loom.mul(y, y)), [x!])[0] } }
  })
  expect(Array.from(run({ x: [NaN, Infinity, -Infinity, 3] })['g']!)).toEqual([0, 0, 0, 6])
})

it.each<[loom.NanToNumOptions, 'float32' | 'float64']>([
  [{ nan: -Infinity, posInf: Infinity, negInf: NaN }, 'float32'],
  [{ nan: 1e39, posInf: 1e300, negInf: -1e300 }, 'float64'],
  [{ nan: 3.4028235e38, posInf: 1e-50, negInf: -1 }, 'float32'],
])('nanToNum takes %j in %s', (options, dtype) => {
  const { run } = build({ x: { shape: [3], dtype } }, ({ x }) => ({ outputs: { y: loom.nanToNum(x!, options) } }))
  const { nan, posInf, negInf } = options
  const stored = [nan!, posInf!, negInf!].map((v) => (dtype === 'float32' ? Math.fround(v) : v))
  expect(Array.from(run({ x: [NaN, Infinity, -Infinity] })['y']!)).toEqual(stored)
})

describe('an error names the function that was called', () => {
  const [a, b] = [loom.fill([2], 1), loom.fill([3], 1)]
  const pairs: Record<string, () => unknown> = {
    logAddExp2: () => loom.logAddExp2(a, b as never),
    lerp: () => loom.lerp(a, b, 0.5),
    ldexp: () => loom.ldexp(a, loom.cast(b, 'int32')),
    addN: () => loom.addN<loom.Tensor>([a, b]),
    copysign: () => loom.copysign(a, b as never),
    nextafter: () => loom.nextafter(a, b as never),
    fmax: () => loom.fmax(a, b as never),
    fmin: () => loom.fmin(a, b as never),
    divNoNan: () => loom.divNoNan(a, b as never),
    heaviside: () => loom.heaviside(a, b as never),
    isClose: () => loom.isClose(a, b),
    allClose: () => loom.allClose(a, b),
    select: () => loom.select([loom.less(a, 0)], [b]),
  }
  it.each(Object.entries(pairs))('%s', (name, call) => {
    expect(call).toThrow(new RegExp(`^${name}: shapes .*\\[2\\].*\\[3\\].* do not broadcast`))
  })
})
