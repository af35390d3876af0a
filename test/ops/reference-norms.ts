import type { NORM_CASES } from './cases-norms'
import { at, pointsOf, type Reference, tabulate, total, type Values, within } from './values'

const mean = (v: readonly number[]): number => v.reduce((sum, x) => sum + x, 0) / v.length
const variance = (v: readonly number[]): number => mean(v.map((x) => (x - mean(v)) ** 2))
/** To mean 0 and variance 1. */
const standard =
  (epsilon: number) =>
  (row: readonly number[]): ((v: number) => number) => {
    const [m, s] = [mean(row), Math.sqrt(variance(row) + epsilon)]
    return (v) => (v - m) / s
  }

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
}
