import { type Affine, type Axis, coefficient, constIndex } from '../ir/affine'
import type { Induction, Local, Param } from '../ir/loop'
import { mapScalars, type Scalar } from '../ir/scalar'
import { makeLocal } from './flat'

/**
 * Replaces positions that move with one axis by pointers that the loop over it carries along, so that the loop body does
 * not multiply. Positions that differ by a constant share a pointer.
 */
export function withPointers(
  roots: readonly Scalar[],
  axis: Axis,
): { readonly roots: Scalar[]; readonly inductions: readonly Induction[] } {
  const inductions = new Map<string, Induction>()
  const ids = new Map<object, number>()
  const id = (x: object): number => {
    if (!ids.has(x)) ids.set(x, ids.size)
    return ids.get(x)!
  }
  const pointerOf = (param: Param, index: Affine, step: number): Local => {
    const rest = [...index.terms].filter(([a]) => a !== axis)
    const key = `${id(param)}:${step}:${rest
      .map(([a, k]) => `${id(a)}*${k}`)
      .sort()
      .join()}`
    const known = inductions.get(key)
    if (known) return known.local
    const local = makeLocal(inductions.size === 0 ? 'p' : inductions.size === 1 ? 'q' : 'r', 'int32')
    inductions.set(key, { local, of: param, from: { base: 0, terms: new Map(rest) }, step })
    return local
  }
  const made = mapScalars(roots, (s) => {
    if (s.kind !== 'element' || s.at.pointer || s.partial) return undefined
    const step = coefficient(s.at.index, axis)
    if (step === 0 || (step === 1 && s.at.index.terms.size === 1)) return undefined
    return { ...s, at: { ...s.at, index: constIndex(s.at.index.base), pointer: pointerOf(s.from, s.at.index, step) } }
  })
  return { roots: made, inductions: [...inductions.values()] }
}
