import { type Affine, type Axis, constIndex } from './affine'
import type { Induction, Local, Param, Stmt } from './loop'
import { call, int, type Position, type Scalar } from './scalar'

// What an op that gives its loops itself writes them with.

/** A loop over an axis of its own; none where there is nothing to do. */
export function loopOver(name: string, extent: number, body: (axis: Axis) => readonly Stmt[]): Stmt[] {
  if (extent === 0) return []
  const axis: Axis = { name, extent, kind: 'space' }
  return [{ kind: 'for', axis, from: 0, to: extent, step: 1, loop: 'serial', inductions: [], body: body(axis) }]
}

/** Where rows of one size lie one after the other. */
export interface Rows {
  readonly of: Param
  /** The first row; 0 by default. */
  readonly from?: Affine
  /** From one row to the next. */
  readonly step: number
}

/** A loop over rows, with a pointer to where each lies in every buffer: positions inside then need no multiplication. */
export function loopOverRows<const R extends readonly Rows[]>(
  name: string,
  count: number,
  rows: R,
  body: (starts: { readonly [I in keyof R]: Local }, axis: Axis) => readonly Stmt[],
): Stmt[] {
  if (count === 0) return []
  const axis: Axis = { name, extent: count, kind: 'space' }
  const inductions = rows.map(({ of, from = constIndex(0), step }): Induction => {
    return { local: { hint: 'p', dtype: 'int32', lanes: 1 }, of, from, step }
  })
  const starts = inductions.map((p) => p.local) as { readonly [I in keyof R]: Local }
  return [{ kind: 'for', axis, from: 0, to: count, step: 1, loop: 'serial', inductions, body: body(starts, axis) }]
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

/**
 * An element of a buffer; `offset` is an int32 that is added to the position, which must stay within the buffer, and
 * `pointer` says where a row lies.
 */
export const elementAt = (from: Param, index: Affine, offset?: Named, pointer?: Local): Scalar => ({
  kind: 'element',
  dtype: from.buffer.dtype,
  from,
  at: positionOf(index, offset, pointer),
  lanes: 1,
})

export const storeAt = (to: Param, index: Affine, value: Scalar, offset?: Named, pointer?: Local): Stmt => ({
  kind: 'store',
  to,
  at: positionOf(index, offset, pointer),
  value,
  lanes: 1,
})

const positionOf = (index: Affine, offset?: Named, pointer?: Local): Position => ({
  index,
  ...(pointer ? { pointer } : {}),
  ...(offset ? { offset: offset.value } : {}),
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
  return [i.set, whilst(call('lt', i.value, to), [...body(i), i.to(call('add', i.value, int(1)))])]
}

/** A loop from one number down to another, both included. */
export function countDown(hint: string, from: Scalar, to: Scalar, body: (i: Named) => readonly Stmt[]): Stmt[] {
  const i = changing(hint, from)
  return [i.set, whilst(call('le', to, i.value), [...body(i), i.to(call('sub', i.value, int(1)))])]
}
