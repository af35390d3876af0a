/** A loop axis, compared by identity; the name is a wish that printing makes unique. */
export interface Axis {
  readonly name: string
  readonly extent: number
  /** `time` is the turn of a loop around the kernel, which the kernel is told. */
  readonly kind: 'space' | 'reduce' | 'time'
}

/** base + sum of coefficient * axis: every index of the compiler has this form, so no division ever appears. */
export interface Affine {
  readonly base: number
  readonly terms: ReadonlyMap<Axis, number>
}

const NO_TERMS: ReadonlyMap<Axis, number> = new Map()
export const constIndex = (base: number): Affine => ({ base, terms: NO_TERMS })
export const axisIndex = (axis: Axis): Affine => ({ base: 0, terms: new Map([[axis, 1]]) })

/** a + scale * b */
export function addScaled(a: Affine, b: Affine, scale: number): Affine {
  if (scale === 0 || (b.terms.size === 0 && b.base === 0)) return a
  if (scale === 1 && a.terms.size === 0 && a.base === 0) return b
  const terms = new Map(a.terms)
  for (const [axis, k] of b.terms) {
    const sum = (terms.get(axis) ?? 0) + scale * k
    if (sum === 0) terms.delete(axis)
    else terms.set(axis, sum)
  }
  return { base: a.base + scale * b.base, terms }
}

export type AxisMap = ReadonlyMap<Axis, Affine>

/** Replaces axes by affine expressions; axes that the map does not name stay. */
export function substitute(a: Affine, map: AxisMap): Affine {
  let touched = false
  a.terms.forEach((_, axis) => (touched ||= map.has(axis)))
  if (!touched) return a
  let out = constIndex(a.base)
  a.terms.forEach((k, axis) => (out = addScaled(out, map.get(axis) ?? axisIndex(axis), k)))
  return out
}

/** How far a point moves along axes. */
export type Shift = ReadonlyMap<Axis, number>

/** The index at a point moved along axes. */
export function shiftIndex(a: Affine, by: Shift): Affine {
  let { base } = a
  by.forEach((distance, axis) => (base += distance * (a.terms.get(axis) ?? 0)))
  return base === a.base ? a : { base, terms: a.terms }
}

export const isAxis = (a: Affine, axis: Axis): boolean => a.base === 0 && a.terms.size === 1 && a.terms.get(axis) === 1
export const coefficient = (a: Affine, axis: Axis): number => a.terms.get(axis) ?? 0

export function sameAffine(a: Affine, b: Affine): boolean {
  if (a.base !== b.base || a.terms.size !== b.terms.size) return false
  for (const [axis, k] of a.terms) if (b.terms.get(axis) !== k) return false
  return true
}

/** Sum of stride * index: the row-major position of a point. */
export const flatten = (index: readonly Affine[], strides: readonly number[]): Affine =>
  index.reduce((sum, a, i) => addScaled(sum, a, strides[i]!), constIndex(0))

/** The smallest and largest value over all points, for bounds checks. An empty axis counts as if it had one point. */
export function rangeOf(a: Affine): readonly [low: number, high: number] {
  let low = a.base
  let high = a.base
  for (const [axis, k] of a.terms) {
    const reach = k * Math.max(0, axis.extent - 1)
    if (reach < 0) low += reach
    else high += reach
  }
  return [low, high]
}
