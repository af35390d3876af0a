import { type Axis, constIndex } from '../ir/affine'
import type { Param, Stmt } from '../ir/loop'
import { axisValue, call, castTo, int, literal, type Scalar } from '../ir/scalar'
import { type Changing, changing, countUp, loopOver, name, type Named, when } from '../ir/statement'
import type { DType, TensorType } from '../ir/type'
import { columnsOf, countOf, rowsOf } from './matrix'

// Factorisations compute in float64 and round where they store: no sum of theirs is shorter than that of its dtype.

export const real = (value: number): Scalar => literal(value, 'float64')
const isNumber = (s: Scalar, value: number): boolean => s.kind === 'const' && s.value === value

export const plus = (a: Scalar, b: Scalar): Scalar => (isNumber(a, 0) ? b : isNumber(b, 0) ? a : call('add', a, b))
export const minus = (a: Scalar, b: Scalar): Scalar => (isNumber(b, 0) ? a : call('sub', a, b))
export const times = (a: Scalar, b: Scalar): Scalar =>
  isNumber(a, 0) || isNumber(b, 1) ? a : isNumber(b, 0) || isNumber(a, 1) ? b : call('mul', a, b)
export const over = (a: Scalar, b: Scalar): Scalar => call('div', a, b)
export const below = (a: Scalar, b: Scalar): Scalar => call('lt', a, b)
export const next = (i: Scalar): Scalar => plus(i, int(1))

/** An element by its position, as float64. */
export const cell = (from: Param, position: Scalar): Scalar =>
  castTo('float64', {
    kind: 'element',
    dtype: from.buffer.dtype,
    from,
    at: { index: constIndex(0), offset: position },
    lanes: 1,
  })
export const putCell = (to: Param, position: Scalar, value: Scalar): Stmt => ({
  kind: 'store',
  to,
  at: { index: constIndex(0), offset: position },
  value: stored(value, to.buffer.dtype),
  lanes: 1,
})
/** What was only widened goes back as it was. */
const stored = (value: Scalar, dtype: DType): Scalar =>
  value.kind === 'call' && value.fn === 'cast' && value.args[0]!.dtype === dtype ? value.args[0]! : castTo(dtype, value)

/** One matrix of a batch, or of a workspace: where it begins, and its columns. */
export interface Grid {
  readonly param: Param
  readonly start: Scalar
  readonly columns: number
}

/** A row whose beginning is known. */
export interface Row {
  readonly set: Stmt
  at(column: Scalar): Scalar
  put(column: Scalar, value: Scalar): Stmt
}
export function rowOf({ param, start, columns }: Grid, i: Scalar, hint = 'row'): Row {
  const first = name(hint, plus(start, times(i, int(columns))))
  return {
    set: first.set,
    at: (column) => cell(param, plus(first.value, column)),
    put: (column, value) => putCell(param, plus(first.value, column), value),
  }
}
export const gridAt = ({ param, start, columns }: Grid, i: Scalar, j: Scalar): Scalar =>
  cell(param, plus(plus(start, times(i, int(columns))), j))
export const putGrid = ({ param, start, columns }: Grid, i: Scalar, j: Scalar, value: Scalar): Stmt =>
  putCell(param, plus(plus(start, times(i, int(columns))), j), value)

/** The matrix that a batch has at a place of its loop. */
export const gridOf = (param: Param, type: TensorType, batch: Axis | undefined): Grid => ({
  param,
  start: batch ? times(axisValue(batch), int(rowsOf(type) * columnsOf(type))) : int(0),
  columns: columnsOf(type),
})

/** A loop over the matrices of a batch; none around a single one. */
export function eachMatrix(type: TensorType, body: (batch: Axis | undefined) => readonly Stmt[]): readonly Stmt[] {
  const count = countOf(type)
  return count === 1 ? body(undefined) : loopOver('b', count, body)
}

/** A loop over whole numbers from 0 up. */
export const upTo = (hint: string, extent: number, body: (i: Scalar) => readonly Stmt[]): Stmt[] =>
  loopOver(hint, extent, (axis) => body(axisValue(axis)))

/** A loop from one number up to another, which it does not reach. */
export const between = (hint: string, from: Scalar, to: Scalar, body: (i: Scalar) => readonly Stmt[]): Stmt[] =>
  countUp(hint, from, to, (i) => body(i.value))

/** A value that terms are added to, or taken from, one for each number from `from` up to `to`. */
export interface Running extends Named {
  readonly statements: readonly Stmt[]
}
export function running(
  first: Scalar,
  [from, to]: readonly [Scalar, Scalar],
  step: (s: Scalar, k: Scalar) => Scalar,
  hint = 's',
): Changing & Running {
  const s = changing(hint, first)
  return { ...s, statements: [s.set, ...between('k', from, to, (k) => [s.to(step(s.value, k))])] }
}

export interface Scale {
  readonly statements: readonly Stmt[]
  readonly value: Scalar
  /** What takes it back. */
  readonly inverse: Scalar
}

/** A power of two in front of values whose squares might leave the range of float64; those of float32 never do. */
export function scaleOf(dtype: DType, extent: number, at: (i: Scalar) => Scalar): Scale {
  if (dtype === 'float32') return { statements: [], value: real(1), inverse: real(1) }
  const largest = changing('largest', real(0))
  const small = call('select', below(largest.value, real(2 ** -400)), real(2 ** 600), real(1))
  const scale = name('scale', call('select', below(real(2 ** 500), largest.value), real(2 ** -600), small))
  return {
    statements: [
      largest.set,
      ...upTo('i', extent, (i) => {
        const size = name('size', call('abs', at(i)))
        return [size.set, when(below(largest.value, size.value), [largest.to(size.value)])]
      }),
      scale.set,
    ],
    value: scale.value,
    inverse: over(real(1), scale.value),
  }
}
