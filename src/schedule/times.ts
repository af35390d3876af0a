import type { Affine, Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import { type Scalar, walk } from '../ir/scalar'

/** The loops around a kernel whose place it uses, in order of appearance. */
export function timesIn(body: readonly Stmt[]): Axis[] {
  const found = new Set<Axis>()
  const note = (axis: Axis): void => void (axis.kind === 'time' && found.add(axis))
  const index = ({ terms }: Affine): void => terms.forEach((_, axis) => note(axis))
  const scalar = (root: Scalar): void => {
    for (const s of walk([root])) {
      if (s.kind === 'axis') note(s.axis)
      else if (s.kind === 'element') index(s.at.index)
    }
  }
  const visit = (s: Stmt): void => {
    if (s.kind === 'note') return
    if (s.kind === 'for') {
      s.inductions.forEach((p) => index(p.from))
      s.body.forEach(visit)
    } else if (s.kind === 'if' || s.kind === 'while') {
      scalar(s.condition)
      s.body.forEach(visit)
    } else {
      scalar(s.value)
      if (s.kind !== 'store') return
      index(s.at.index)
      if (s.at.offset) scalar(s.at.offset)
    }
  }
  body.forEach(visit)
  return [...found]
}
