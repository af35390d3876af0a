import { describe, expect, it } from 'vitest'
import { MEASURED, MEASURED_NAMES, worst } from './accuracy'
import { ran, wanted } from './examples'
import { measure, numericsDocument, ROUNDING } from './numerics'
import { kept } from './text'

/** Zeros of the other sign that are known; the document names those that are there. */
const KNOWN = ['tanh(-0) is 0 instead of -0', 'logSigmoid(Infinity) is 0 instead of -0']

const measured = measure()

it('docs/numerics.md holds what is measured', async () => {
  const { found, wanted: text } = await kept('numerics.md', numericsDocument(measured))
  expect(found, 'run: npm run docs').toBe(text)
})

it.each(MEASURED_NAMES)('%s errs by at most 4 ulp', (name) => {
  const error = measured.errors.get(name)!
  expect(error, `at ${worst(MEASURED[name]).at.join(', ')}`).toBeLessThanOrEqual(4)
})

it('special values are those of Math', () => {
  expect(measured.differing.filter((line) => !KNOWN.includes(line))).toEqual([])
})

it('sums are accumulated wide', () => {
  expect(measured.sums.sum).toBeLessThanOrEqual(1e-6)
  expect(measured.sums.contraction).toBeLessThanOrEqual(1e-6)
})

describe('rounding', () => {
  it.each(ROUNDING.map((example) => ({ label: example.text, example })))('$label', ({ example }) =>
    expect(ran(example)).toBe(wanted(example)),
  )
})
