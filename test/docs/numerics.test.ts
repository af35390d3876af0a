import type { Data, Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, randomNumbers } from '../ops/cases'
import { MEASURED, MEASURED_NAMES, MEASURED_WIDE, special, ulps, worst } from './accuracy'
import { ran, wanted } from './examples'
import { measure, numericsDocument, ROUNDING } from './numerics'
import { kept } from './text'

const measured = measure()

it('docs/numerics.md holds what is measured', async () => {
  const { found, wanted: text } = await kept('numerics.md', numericsDocument(measured))
  expect(found, 'run: npm run docs').toBe(text)
})

describe.each(['js', 'wasm'] as const)('%s', (target) => {
  it.each(MEASURED_NAMES)('%s errs by at most 4 ulp', (name) => {
    const error = measured.errors[target].get(name)!
    expect(error, `at ${worst(MEASURED[name], target).at.join(', ')}`).toBeLessThanOrEqual(4)
  })

  it.each(MEASURED_NAMES)('%s has the special values of Math', (name) => {
    for (const { at, y, exact } of special(MEASURED[name], target)) {
      if (target === 'js' || exact === 0) expect(y, `at ${at.join(', ')}`).toBe(exact)
      else expect(ulps(y, exact), `at ${at.join(', ')}`).toBeLessThanOrEqual(4)
    }
  })

  it('sums are accurate', () => {
    for (const error of Object.values(measured.sums[target])) expect(error).toBeLessThanOrEqual(1e-6)
  })
})

describe('float64 on wasm', () => {
  it.each(MEASURED_WIDE)('%s is within 4 ulp of Math, and has its special values', (name, function_) => {
    expect(measured.wide.get(name)!, `at ${worst(function_, 'wasm', 'float64').at.join(', ')}`).toBeLessThanOrEqual(4)
    for (const { at, y, exact } of special(function_, 'wasm', 'float64')) {
      if (exact === 0) expect(y, `at ${at.join(', ')}`).toBe(exact)
      else expect(ulps(y, exact, 'float64'), `at ${at.join(', ')}`).toBeLessThanOrEqual(4)
    }
  })
})

describe('sin, cos and tan on wasm', () => {
  // Where a float32 comes closest to a multiple of pi / 2, and far from 0, alone and beside others that are near.
  const near = Array.from({ length: 8_140 }, (_, i) => Math.fround(((i + 1) * Math.PI) / 2))
  const far = [12_799, 12_801, 1e5, 3e7, -1e20, 3.4e38].flatMap((x) => [1, Math.fround(x), 2, 3, 4])
  it.each(['sin', 'cos', 'tan'] as const)('%s', (name) => {
    for (const xs of [near, far, [1e20], [-7]].map((list) => list.map(Math.fround)))
      for (const [i, y] of ran32(MEASURED[name].of, xs).entries())
        expect(ulps(y, MEASURED[name].exact(xs[i]!)), `at ${xs[i]}`).toBeLessThanOrEqual(4)
  })

  it('a point does not depend on its neighbours', () => {
    for (const name of ['sin', 'cos', 'tan'] as const) {
      const [y] = ran32(MEASURED[name].of, [7.3, 1, 2, 3].map(Math.fround))
      expect(ran32(MEASURED[name].of, [7.3, 1e20, 2, 3].map(Math.fround))[0]).toBe(y)
      expect(ran32(MEASURED[name].of, [Math.fround(7.3)])[0]).toBe(y)
    }
  })
})

it('pow on wasm is accurate where its exponents are large, and for bases below 0', () => {
  const random = randomNumbers(3)
  const bases = Array.from({ length: 8_000 }, (_, i) => {
    if (i % 4 === 0) return Math.fround(2 ** (298 * random() - 149))
    if (i % 4 === 1) return Math.fround(0.5 + 1.5 * random())
    return i % 4 === 2 ? Math.fround(1 + (random() - 0.5) * 2 ** (-20 * random())) : Math.fround(-10 * random())
  })
  const exponents = bases.map((b, i) =>
    Math.fround(i % 4 === 3 ? Math.floor(40 * random() - 20) : (277 * random() - 149) / (Math.log2(b) || 1)),
  )
  for (const [i, y] of ran32(MEASURED.pow.of, bases, exponents).entries())
    expect(ulps(y, bases[i]! ** exponents[i]!), `at ${bases[i]}, ${exponents[i]}`).toBeLessThanOrEqual(4)
})

function ran32(of: (...xs: Tensor[]) => Tensor, ...operands: (readonly number[])[]): Data {
  const names = operands.map((_, i) => `x${i}`)
  const inputs = Object.fromEntries(names.map((name, i) => [name, { shape: [operands[i]!.length], dtype: 'float32' as const }])) // prettier-ignore
  const { run } = build(inputs, (xs) => ({ outputs: { y: of(...names.map((name) => xs[name]!)) } }), { target: 'wasm' })
  return run(Object.fromEntries(names.map((name, i) => [name, [...operands[i]!]])))['y']!
}

describe('rounding', () => {
  it.each(ROUNDING.map((example) => ({ label: example.text, example })))('$label', ({ example }) =>
    expect(ran(example)).toBe(wanted(example)),
  )
})
