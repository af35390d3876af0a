/** mean - (1 - mean) cos(2 pi i / n) in n values; the divisor is n - 1 where the window is symmetric. */
export function cosineWindowOf(n: number, mean: number, periodic: boolean): Float64Array {
  const period = periodic ? n : n - 1
  return Float64Array.from({ length: n }, (_, i) =>
    n === 1 ? 1 : mean - (1 - mean) * Math.cos((2 * Math.PI * i) / period),
  )
}
