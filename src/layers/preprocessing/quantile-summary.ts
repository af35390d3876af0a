/** Values in order and how many each stands for. */
export interface Summary {
  readonly values: readonly number[]
  readonly weights: readonly number[]
}
export const EMPTY: Summary = { values: [], weights: [] }

const single = Math.fround

/** A summary of about 1 / epsilon values. Source: Keras, Discretization, in its float32. */
export function summarize(data: ArrayLike<number>, epsilon: number): Summary {
  const sorted = Float32Array.from(data).sort()
  const step = Math.max(sorted.length * epsilon, 1)
  const values: number[] = []
  for (let i = Math.floor(sorted.length * epsilon); i < sorted.length; i += Math.floor(step)) values.push(sorted[i]!)
  return { values, weights: values.map(() => single(step)) }
}

/** One summary of two sets of data. */
export function merge(a: Summary, b: Summary, epsilon: number): Summary {
  const pairs = [a, b].flatMap(({ values, weights }) => values.map((v, i) => [v, weights[i]!] as const))
  pairs.sort((p, q) => p[0] - q[0])
  return compress({ values: pairs.map((p) => p[0]), weights: pairs.map((p) => p[1]) }, epsilon)
}

/** Where so many bins of about equal counts meet. */
export const boundariesOf = (summary: Summary, bins: number): number[] =>
  compress(summary, 1 / bins).values.slice(0, -1)

/** Values at the parts epsilon, 2 epsilon ... of the total weight, and the weight between them. */
function compress(summary: Summary, epsilon: number): Summary {
  if (summary.values.length * epsilon < 1) return summary
  let sum = 0
  const cumulative = summary.weights.map((w) => (sum = single(sum + w)))
  const parts = cumulative.map((c) => single(c / sum))
  const wanted = Array.from({ length: Math.ceil(1 / epsilon) }, (_, i) => epsilon + i * epsilon)
  const counts = wanted.map((p) => interpolated(p, parts, cumulative))
  return {
    values: wanted.map((p) => single(interpolated(p, parts, summary.values))),
    weights: counts.map((c, i) => single(c - (counts[i - 1] ?? 0))),
  }
}

/** The broken line through the points (x, y) at a place; level beyond its ends. */
function interpolated(at: number, x: readonly number[], y: readonly number[]): number {
  const next = x.findIndex((v) => v > at)
  if (next === -1) return y.at(-1)!
  if (next === 0) return y[0]!
  const slope = (y[next]! - y[next - 1]!) / (x[next]! - x[next - 1]!)
  return slope * (at - x[next - 1]!) + y[next - 1]!
}
