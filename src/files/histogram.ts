const BUCKETS = 30

/**
 * How many values lie in 30 buckets of equal width: rows of left edge, right edge and count, one after the other. Where all are
 * equal the last bucket has them; those that are not finite are left out. Source: the histogram summary of TensorBoard.
 */
export function histogram(values: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(BUCKETS * 3)
  const finite = Array.from(values).filter(Number.isFinite)
  if (finite.length === 0) return rows
  const least = finite.reduce((a, b) => Math.min(a, b))
  const most = finite.reduce((a, b) => Math.max(a, b))
  const width = (most - least) / BUCKETS
  for (let i = 0; i < BUCKETS; i++) {
    rows[i * 3] = width === 0 ? most : least + i * width
    rows[i * 3 + 1] = width === 0 || i === BUCKETS - 1 ? most : least + (i + 1) * width
  }
  for (const value of finite) {
    const bucket = width === 0 ? BUCKETS - 1 : Math.min(BUCKETS - 1, Math.floor((value - least) / width))
    rows[bucket * 3 + 2]!++
  }
  return rows
}
