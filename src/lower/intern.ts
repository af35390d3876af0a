import type { Affine, Axis } from '../ir/affine'
import { mapScalars, type Scalar } from '../ir/scalar'

/**
 * Makes equal scalars identical, so that what a kernel uses twice is known by identity. Pass the same interner for
 * everything that lies in one kernel.
 */
export function scalarInterner(): (s: Scalar) => Scalar {
  const ids = new Map<object, number>()
  const seen = new Map<string, Scalar>()
  const id = (x: object): number => {
    const known = ids.get(x)
    if (known !== undefined) return known
    ids.set(x, ids.size)
    return ids.size - 1
  }
  const affine = (a: Affine): string =>
    `${a.base}${[...a.terms]
      .map(([axis, k]: readonly [Axis, number]) => `+${k}*${id(axis)}`)
      .sort()
      .join('')}`
  const keyOf = (s: Scalar): string => {
    switch (s.kind) {
      case 'const':
        return `c${s.dtype}${Object.is(s.value, -0) ? '-0' : s.value}`
      case 'axis':
        return `x${id(s.axis)}`
      case 'load':
        return `l${id(s.from)}${s.flat}[${s.index.map(affine).join()}]`
      case 'call':
        return `${s.fn}${s.dtype}(${s.args.map(id).join()})`
      case 'acc':
        return `a${id(s.of)}`
      case 'local':
        return `v${id(s.local)}`
      case 'element':
        return `e${id(s.from)}x${s.lanes}[${affine(s.at.index)}${s.at.pointer ? `@${id(s.at.pointer)}` : ''}]`
    }
  }
  return (s) => {
    const key = keyOf(s)
    const found = seen.get(key)
    if (found) return found
    seen.set(key, s)
    return s
  }
}

export function internScalars(roots: readonly Scalar[], intern = scalarInterner()): Scalar[] {
  return mapScalars(roots, intern)
}
