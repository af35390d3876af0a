import type { Affine, Axis } from './affine'
import type { Local, Param, Stmt } from './loop'
import type { Scalar } from './scalar'

// What an op that gives its loops itself writes them with.

/** A loop over an axis of its own; none where there is nothing to do. */
export function loopOver(name: string, extent: number, body: (axis: Axis) => readonly Stmt[]): Stmt[] {
  if (extent === 0) return []
  const axis: Axis = { name, extent, kind: 'space' }
  return [{ kind: 'for', axis, from: 0, to: extent, step: 1, loop: 'serial', inductions: [], body: body(axis) }]
}

/** A local that is set once, by its value. */
export interface Named {
  readonly local: Local
  readonly value: Scalar
  readonly set: Stmt
}
export function name(hint: string, value: Scalar): Named {
  const local: Local = { hint, dtype: value.dtype, lanes: 1 }
  return { local, value: { kind: 'local', dtype: value.dtype, local }, set: { kind: 'let', local, value } }
}

/** An element of a buffer; `offset` is an int32 that is added to the position, which must stay within the buffer. */
export const elementAt = (from: Param, index: Affine, offset?: Named): Scalar => ({
  kind: 'element',
  dtype: from.buffer.dtype,
  from,
  at: { index, ...(offset ? { offset: offset.value } : {}) },
  lanes: 1,
})

export const storeAt = (to: Param, index: Affine, value: Scalar, offset?: Named): Stmt => ({
  kind: 'store',
  to,
  at: { index, ...(offset ? { offset: offset.value } : {}) },
  value,
  lanes: 1,
})
