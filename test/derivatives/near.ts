import { expect } from 'vitest'
import type { DType } from 'gradloom'

/** Equal up to rounding, relative to the largest of the values; infinities and NaN are in the same places. */
export function expectNear(
  label: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  dtype: DType = 'float64',
  relative = dtype === 'float32' ? 1e-6 : 1e-9,
): void {
  expect(actual.length, label).toBe(expected.length)
  const largest = Array.from(expected).reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1)
  const allowed = dtype.startsWith('float') ? relative * largest : 0
  Array.from(expected).forEach((b, i) => {
    const a = actual[i]!
    if (!(a === b || (a !== a && b !== b) || Math.abs(a - b) <= allowed))
      expect.fail(`${label}[${i}] is ${a} instead of ${b}`)
  })
}
