import type { Affine, Axis } from './affine'
import type { Local, Param, Stmt } from './loop'
import { call, literal, type Scalar } from './scalar'

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

/** A local that changes as statements run. */
export interface Changing extends Named {
  to(value: Scalar): Stmt
}
export function changing(hint: string, first: Scalar): Changing {
  const local: Local = { hint, dtype: first.dtype, lanes: 1 }
  return {
    local,
    value: { kind: 'local', dtype: first.dtype, local },
    set: { kind: 'var', local, value: first },
    to: (value) => ({ kind: 'set', local, value }),
  }
}

export const when = (condition: Scalar, body: readonly Stmt[]): Stmt => ({ kind: 'if', condition, body })
export const whilst = (condition: Scalar, body: readonly Stmt[]): Stmt => ({ kind: 'while', condition, body })

/** A loop from one number up to another, which it does not reach; both may be computed. */
export function countUp(hint: string, from: Scalar, to: Scalar, body: (i: Named) => readonly Stmt[]): Stmt[] {
  const i = changing(hint, from)
  return [i.set, whilst(call('lt', i.value, to), [...body(i), i.to(call('add', i.value, literal(1, 'int32')))])]
}

/** A loop from one number down to another, both included. */
export function countDown(hint: string, from: Scalar, to: Scalar, body: (i: Named) => readonly Stmt[]): Stmt[] {
  const i = changing(hint, from)
  return [i.set, whilst(call('le', to, i.value), [...body(i), i.to(call('sub', i.value, literal(1, 'int32')))])]
}
