import { largest } from './vectors'

/**
 * Solves (A + t I) x = b in place of b, for A n by n and symmetric, of which the lower half is read. t is 0 where A is positive
 * definite, otherwise the first of growing numbers that makes it so. What is not finite leaves b as it is.
 * Source: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithm 3.3.
 */
export function solvePositive(a: Float64Array, b: Float64Array): void {
  const n = b.length
  if (!a.every(Number.isFinite)) return
  const least = b.reduce((low, _, i) => Math.min(low, a[i * n + i]!), Infinity)
  const unit = 1e-3 * (largest(a) || 1)
  let shift = least > 0 ? 0 : unit - least
  let factor = factorOf(a, n, shift)
  while (!factor) {
    shift = Math.max(2 * shift, unit)
    factor = factorOf(a, n, shift)
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i]! -= factor[i * n + k]! * b[k]!
    b[i]! /= factor[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i]! -= factor[k * n + i]! * b[k]!
    b[i]! /= factor[i * n + i]!
  }
}

/** L with L Lᵀ = A + shift I, in the lower half; undefined where that is not positive definite. */
function factorOf(a: Float64Array, n: number, shift: number): Float64Array | undefined {
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]! + (i === j ? shift : 0)
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!
      if (i === j && !(sum > 0)) return undefined
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!
    }
  return l
}
