import { type Affine, sameAffine } from '../ir/affine'
import { type Fn, mapScalars, type Scalar } from '../ir/scalar'
import type { DType } from '../ir/type'

// Identities are packed two to a number: a kernel has far fewer scalars than this.
const SHIFT = 2 ** 24

/**
 * Makes equal scalars identical, so that what a kernel uses twice is known by identity. Pass the same interner for
 * everything that lies in one kernel.
 */
export function scalarInterner(): (s: Scalar) => Scalar {
  const ids = new Map<object, number>()
  const id = (x: object): number => {
    const known = ids.get(x)
    if (known !== undefined) return known
    ids.set(x, ids.size)
    return ids.size - 1
  }
  const calls = new Map<Fn, Map<DType, Map<number | string, Scalar>>>()
  const positions = new Map<object, Scalar[]>()
  const leaves = new Map<string, Scalar>()

  const among = (key: object, s: Scalar, same: (other: Scalar) => boolean): Scalar => {
    const list = positions.get(key)
    if (!list) positions.set(key, [s])
    else {
      const found = list.find(same)
      if (found) return found
      list.push(s)
    }
    return s
  }
  const keep = <K>(map: Map<K, Scalar>, key: K, s: Scalar): Scalar => {
    const found = map.get(key)
    if (found) return found
    map.set(key, s)
    return s
  }
  return (s) => {
    switch (s.kind) {
      case 'call': {
        let byType = calls.get(s.fn)
        if (!byType) calls.set(s.fn, (byType = new Map()))
        let table = byType.get(s.dtype)
        if (!table) byType.set(s.dtype, (table = new Map()))
        const [a, b, c] = s.args
        const key = c ? s.args.map(id).join() : id(a!) * SHIFT + (b ? id(b) : SHIFT - 1)
        return keep(table, key, s)
      }
      case 'load':
        return among(
          s.from,
          s,
          (o) => o.kind === 'load' && o.flat === s.flat && o.offset === s.offset && sameIndex(o.index, s.index),
        )
      case 'element':
        return among(
          s.from,
          s,
          (o) =>
            o.kind === 'element' &&
            o.lanes === s.lanes &&
            o.at.pointer === s.at.pointer &&
            o.at.offset === s.at.offset &&
            sameAffine(o.at.index, s.at.index),
        )
      case 'const':
        return keep(leaves, `${s.dtype}${Object.is(s.value, -0) ? '-0' : s.value}`, s)
      case 'axis':
        return among(s.axis, s, (o) => o.kind === 'axis')
      case 'acc':
        return among(s.of, s, (o) => o.kind === 'acc')
      case 'local':
        return among(s.local, s, (o) => o.kind === 'local')
    }
  }
}

const sameIndex = (a: readonly Affine[], b: readonly Affine[]): boolean =>
  a === b || a.every((x, i) => x === b[i] || sameAffine(x, b[i]!))

export function internScalars(roots: readonly Scalar[], intern = scalarInterner()): Scalar[] {
  return mapScalars(roots, intern)
}
