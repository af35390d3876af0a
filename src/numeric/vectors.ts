/** The largest absolute value. */
export const largest = (v: Float64Array): number => v.reduce((most, x) => Math.max(most, Math.abs(x)), 0)

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
