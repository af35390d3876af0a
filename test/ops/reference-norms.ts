import type { NORM_CASES } from './cases-norms'
import { at, type Reference, tabulate, within } from './values'

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
}
