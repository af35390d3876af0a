import { describe, expect, it } from 'vitest'
import { MEASURED, MEASURED_NAMES, special, ulps, worst } from './accuracy'
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
      if (target === 'js') expect(y, `at ${at.join(', ')}`).toBe(exact)
      else expect(ulps(y, exact), `at ${at.join(', ')}`).toBeLessThanOrEqual(4)
    }
  })

  it('sums are accurate', () => {
    for (const error of Object.values(measured.sums[target])) expect(error).toBeLessThanOrEqual(1e-6)
  })
})

describe('rounding', () => {
  it.each(ROUNDING.map((example) => ({ label: example.text, example })))('$label', ({ example }) =>
    expect(ran(example)).toBe(wanted(example)),
  )
})
