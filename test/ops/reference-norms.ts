import type { NORM_CASES } from './cases-norms'
import { at, pointsOf, type Reference, rowOf, tabulate, total, type Values, within } from './values'

const mean = (v: readonly number[]): number => v.reduce((sum, x) => sum + x, 0) / v.length
const variance = (v: readonly number[]): number => mean(v.map((x) => (x - mean(v)) ** 2))
/** To mean 0 and variance 1. */
const standard =
  (epsilon: number) =>
  (row: readonly number[]): ((v: number) => number) => {
    const [m, s] = [mean(row), Math.sqrt(variance(row) + epsilon)]
    return (v) => (v - m) / s
  }

/** Softmax of what is allowed; zeros where nothing is. */
function softmaxOf(row: readonly number[], allowed: (i: number) => boolean): number[] {
  const kept = row.filter((_, i) => allowed(i))
  const e = row.map((v, i) => (allowed(i) ? Math.exp(v - Math.max(...kept)) : 0))
  return e.map((v) => (kept.length === 0 ? 0 : v / total(e)))
}
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

export const NORM_REFERENCE: { readonly [N in keyof typeof NORM_CASES]: Reference<N> } = {
  layerNorm: ([x], { axes, epsilon }) => within(x!, axes, standard(epsilon)),
  batchNorm: ([x, ...given], { axis, epsilon, parts }) => {
    const others = x!.shape.flatMap((_, i) => (i === axis ? [] : [i]))
    const normal = parts.includes('mean') ? x! : within(x!, others, standard(epsilon))
    return tabulate(x!.shape, x!.dtype, (p) => {
      const part = (name: (typeof parts)[number], otherwise: number): number =>
        parts.includes(name) ? at(given[parts.indexOf(name)]!, [p[axis]!]) : otherwise
      const v = at(normal, p)
      const y = parts.includes('mean') ? (v - part('mean', 0)) / Math.sqrt(part('variance', 1) + epsilon) : v
      return y * part('gamma', 1) + part('beta', 0)
    })
  },
  groupNorm: ([x, ...given], { axis, groups, epsilon, parts }) => {
    const each = x!.shape[axis]! / groups
    const group = (p: readonly number[]): string => `${p[0]} ${Math.floor(p[axis]! / each)}`
    const rows = new Map<string, number[]>()
    for (const p of pointsOf(x!.shape)) rows.set(group(p), [...(rows.get(group(p)) ?? []), at(x!, p)])
    return tabulate(x!.shape, x!.dtype, (p) => {
      const part = (name: (typeof parts)[number], otherwise: number): number =>
        parts.includes(name) ? at(given[parts.indexOf(name)]!, [p[axis]!]) : otherwise
      return standard(epsilon)(rows.get(group(p))!)(at(x!, p)) * part('gamma', 1) + part('beta', 0)
    })
  },
  rmsNorm: ([x], { axes, epsilon }) =>
    within(x!, axes, (row) => (v) => v / Math.sqrt(mean(row.map((e) => e * e)) + epsilon)),
  localResponseNorm: ([x], { axis, depthRadius, bias, alpha, beta }) =>
    tabulate(x!.shape, x!.dtype, (p) => {
      const near = Array.from({ length: x!.shape[axis]! }, (_, c) => c).filter((c) => Math.abs(c - p[axis]!) <= depthRadius) // prettier-ignore
      const sum = total(near.map((c) => at(x!, p.with(axis, c)) ** 2))
      return at(x!, p) / (bias + alpha * sum) ** beta
    }),
  weightNorm: ([v, g], { axis }) => {
    const others = v!.shape.flatMap((_, i) => (i === axis ? [] : [i]))
    const unit: Values = within(v!, others, (row) => (e) => e / Math.hypot(...row))
    return tabulate(v!.shape, v!.dtype, (p) => at(unit, p) * at(g!, [p[axis]!]))
  },
  iota: (_, { extent }) => tabulate([extent], 'int32', ([i]) => i!),
  maskedSoftmax: ([z, mask], { axis }) =>
    tabulate(z!.shape, z!.dtype, (p) => {
      const row = rowOf(z!, axis, p)
      return softmaxOf(row, (i) => !mask || at(mask, p.with(axis, i)) !== 0)[p[axis]!]!
    }),
  scaledDotProductAttention: ([q, k, v, mask], { isCausal, scale }) => {
    const [T, S, d, e] = [q!.shape.at(-2)!, k!.shape.at(-2)!, q!.shape.at(-1)!, v!.shape.at(-1)!]
    const lead = q!.shape.slice(0, -2)
    const weights = new Map<string, number[]>()
    /** The head of k and v that a head of q looks at. */
    const shared = (p: readonly number[]): number[] =>
      p.map((i, axis) => (axis === p.length - 1 ? Math.floor((i * k!.shape.at(-3)!) / q!.shape.at(-3)!) : i))
    for (const p of pointsOf([...lead, T])) {
      const [head, t] = [p.slice(0, -1), p.at(-1)!]
      const z = range(S).map((s) => {
        const product = total(range(d).map((i) => at(q!, [...head, t, i]) * at(k!, [...shared(head), s, i])))
        return product * scale + (mask && mask.dtype !== 'bool' ? at(mask, [...head, t, s]) : 0)
      })
      const isAllowed = (s: number): boolean =>
        (!isCausal || s <= t) && (mask?.dtype !== 'bool' || at(mask, [...head, t, s]) !== 0)
      weights.set(p.join(), softmaxOf(z, isAllowed))
    }
    return tabulate([...lead, T, e], q!.dtype, (p) => {
      const row = weights.get(p.slice(0, -1).join())!
      return total(row.map((w, s) => w * at(v!, [...shared(p.slice(0, -2)), s, p.at(-1)!])))
    })
  },
  rotaryEmbedding: ([x, cos, sin], { interleaved }) => {
    const half = x!.shape.at(-1)! / 2
    return tabulate(x!.shape, x!.dtype, (p) => {
      const i = p.at(-1)!
      const [pair, isSecond] = interleaved ? [Math.floor(i / 2), i % 2 === 1] : [i % half, i >= half]
      const [c, s] = [cos, sin].map((table) => at(table!, p.with(-1, pair))) as [number, number]
      const [a, b] = (interleaved ? [2 * pair, 2 * pair + 1] : [pair, pair + half]).map((k) => at(x!, p.with(-1, k))) as [number, number] // prettier-ignore
      return isSecond ? b * c + a * s : a * c - b * s
    })
  },
}
