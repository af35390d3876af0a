import { expect } from 'vitest'

/** Fails unless numbers agree to so much relative and absolute. */
export function expectClose(
  what: string,
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  relative: number,
  absolute: number,
): void {
  expect(got.length, `${what}: how many`).toBe(wanted.length)
  let worst = 0
  let at = 0
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(got[i]! - wanted[i]!) / (absolute + relative * Math.abs(wanted[i]!))
    if (!(off <= worst)) [worst, at] = [off, i]
  }
  expect(worst, `${what}[${at}] is ${got[at]}, not ${wanted[at]}`).toBeLessThanOrEqual(1)
}
