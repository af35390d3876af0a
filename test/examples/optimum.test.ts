import { expect, test } from 'vitest'
import * as process from '../../examples/gaussian-process'
import * as rain from '../../examples/newton-logistic'
import * as pinn from '../../examples/pinn'

test('newton-logistic --short finds the weights of reweighted least squares', () => {
  const lines: string[] = []
  const { byNewton, byLbfgs, difference } = rain.run({ days: 365, print: (line) => lines.push(line) })
  expect(byNewton).toMatchObject({ converged: true, reason: 'gradient' })
  expect(byNewton.gradientNorm).toBeLessThan(1e-10)
  expect(byNewton.iterations).toBeLessThan(8)
  expect(difference).toBeLessThan(1e-10)
  expect(byLbfgs.loss).toBeCloseTo(byNewton.loss, 12)
  expect(lines[0]).toBe('365 days, after 123 of which it rained')
})

test('pinn --short comes close to the known solution', () => {
  const lines: string[] = []
  const { error, loss } = pinn.run({ side: 10, iterations: 100, print: (line) => lines.push(line) })
  expect(error).toBeLessThan(5e-3)
  expect(loss).toBeLessThan(0.05)
  expect(lines.at(-2)).toMatch(/^100 steps, \d+ evaluations in .* \(ended by: iterations\)$/)
})

test('gaussian-process --short finds the curve, its noise and the likelihood that plain elimination gives', () => {
  const lines: string[] = []
  const { found, noise, error, plain, slopes } = process.run({ count: 60, print: (line) => lines.push(line) })
  expect(found).toMatchObject({ converged: true, reason: 'gradient' })
  expect(found.loss).toBeCloseTo(plain, 9)
  for (const slope of slopes) expect(Math.abs(slope)).toBeLessThan(1e-5)
  expect(Math.abs(noise - process.NOISE)).toBeLessThan(0.02)
  expect(error).toBeLessThan(0.1)
  expect(lines).toHaveLength(4)
})
