import { describe, expect, it } from 'vitest'
import { MEASURED, MEASURED_NAMES, special, worst } from './accuracy'
import { ran, wanted } from './examples'
import { measure, numericsDocument, ROUNDING } from './numerics'
import { kept } from './text'

const measured = measure()

it('docs/numerics.md holds what is measured', async () => {
  const { found, wanted: text } = await kept('numerics.md', numericsDocument(measured))
  expect(found, 'run: npm run docs').toBe(text)
})

it.each(MEASURED_NAMES)('%s errs by at most 4 ulp', (name) => {
  const error = measured.errors.get(name)!
  expect(error, `at ${worst(MEASURED[name]).at.join(', ')}`).toBeLessThanOrEqual(4)
})

it.each(MEASURED_NAMES)('%s has the special values of Math', (name) => {
  for (const { at, y, exact } of special(MEASURED[name])) expect(y, `at ${at.join(', ')}`).toBe(exact)
})

it('sums are accumulated wide', () => {
  expect(measured.sums.columns).toBeLessThanOrEqual(1e-6)
  expect(measured.sums.sum).toBeLessThanOrEqual(1e-6)
  expect(measured.sums.contraction).toBeLessThanOrEqual(1e-6)
})

describe('rounding', () => {
  it.each(ROUNDING.map((example) => ({ label: example.text, example })))('$label', ({ example }) =>
    expect(ran(example)).toBe(wanted(example)),
  )
})
