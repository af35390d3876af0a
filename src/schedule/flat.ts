import { type Affine, type Axis, type AxisMap, axisIndex, type Shift, shiftIndex, substitute } from '../ir/affine'
import type { Accumulator, Scatter } from '../ir/block'
import type { Local, Param, Stmt } from '../ir/loop'
import {
  call,
  castTo,
  type Element,
  type Fn,
  indexValue,
  isRounded,
  mapScalar,
  mapScalars,
  type Scalar,
  walk,
} from '../ir/scalar'
import type { Tensor } from '../ir/tensor'

/** A value and where it goes. */
export interface FlatStore {
  readonly tensor: Tensor
  readonly to: Param
  readonly at: Affine
  readonly value: Scalar
  /** The value is added, or otherwise combined, at a position that is computed. */
  readonly scatter?: Pick<Scatter, 'combine' | 'init' | 'offset' | 'slab' | 'isSparse'> & {
    /** Where the result begins in its buffer, and its elements: of what a loop keeps it is one row. */
    readonly start: Affine
    readonly size: number
  }
}

/** A kernel over buffer positions, before any loop order is chosen. Axes of extent 1 are gone. */
export interface FlatKernel {
  readonly axes: readonly Axis[]
  readonly reduceAxes: readonly Axis[]
  readonly accumulators: readonly Accumulator[]
  readonly stores: readonly FlatStore[]
  /** Every tensor computed here with its scalar, for names of locals. */
  readonly values: readonly { readonly tensor: Tensor; readonly value: Scalar }[]
  readonly params: readonly Param[]
  /** Finished, where an op gave them itself; there is nothing else then. */
  readonly loops?: readonly Stmt[]
}

/** Every scalar that is computed for itself. */
export const rootsOf = ({ accumulators, values, stores }: FlatKernel): Scalar[] => [
  ...accumulators.map((a) => a.body),
  ...values.map((v) => v.value),
  ...stores.flatMap((s) => (s.scatter ? [s.scatter.offset] : [])),
]

const COMPARES: ReadonlySet<Fn> = new Set(['lt', 'le', 'eq', 'ne', 'floor', 'ceil', 'trunc', 'nearest', 'rem'])
const toRounded = (s: Scalar): Scalar => (isRounded(s) ? s : call('round', s))

/**
 * For targets that compute float32 in wider registers: a value is rounded where it is compared or becomes an index, so
 * that it equals what another kernel stored.
 */
export function roundComparisons(kernel: FlatKernel): FlatKernel {
  const all = walk(rootsOf(kernel))
  const compares = all.some((s) => s.kind === 'call' && (COMPARES.has(s.fn) || s.fn === 'cast'))
  if (!compares && kernel.accumulators.every((a) => a.combine === 'add' || a.combine === 'mul')) return kernel
  const change = (s: Scalar): Scalar | undefined => {
    if (s.kind !== 'call') return undefined
    const rounds = COMPARES.has(s.fn) || (s.fn === 'cast' && s.dtype !== 'float64' && s.dtype !== 'float32')
    return rounds ? { ...s, args: s.args.map(toRounded) } : undefined
  }
  return mapKernel(kernel, change, (a) =>
    a.combine === 'max' || a.combine === 'min' ? { ...a, body: toRounded(a.body) } : a,
  )
}

/**
 * For targets that compute float32 in float32, where a sum is not split: it is accumulated in float64 and rounded once.
 */
export function widenSums(kernel: FlatKernel): FlatKernel {
  const isNarrow = (a: Accumulator): boolean => a.dtype === 'float32' && (a.combine === 'add' || a.combine === 'mul')
  if (!kernel.accumulators.some(isNarrow)) return kernel
  return mapKernel(
    kernel,
    () => undefined,
    (a) => (isNarrow(a) ? { ...a, dtype: 'float64', body: castTo('float64', a.body) } : a),
  )
}

/** Rewrites every scalar of a kernel, and then its accumulators; where one changes its dtype, what it gives does not. */
export function mapKernel(
  kernel: FlatKernel,
  change: (s: Scalar) => Scalar | undefined,
  accumulator: (a: Accumulator) => Accumulator = (a) => a,
): FlatKernel {
  const memo = new Map<Scalar, Scalar>()
  const renewed = new Map<Accumulator, Accumulator>()
  for (const a of kernel.accumulators) {
    const body = mapScalars([a.body], change, memo)[0]!
    renewed.set(a, accumulator({ ...a, body, ...(a.of ? { of: renewed.get(a.of)! } : {}) }))
  }
  const follow = (s: Scalar): Scalar | undefined => {
    if (s.kind !== 'acc') return change(s)
    const of = renewed.get(s.of)!
    return castTo(s.dtype, { ...s, of, dtype: of.dtype })
  }
  const convert = (s: Scalar): Scalar => mapScalars([s], follow, memo)[0]!
  return {
    ...kernel,
    accumulators: [...renewed.values()],
    values: kernel.values.map((v) => ({ ...v, value: convert(v.value) })),
    stores: kernel.stores.map((s) => ({
      ...s,
      value: convert(s.value),
      ...(s.scatter ? { scatter: { ...s.scatter, offset: convert(s.scatter.offset) } } : {}),
    })),
  }
}

/** Scalars with axes replaced, in positions as well as in values. */
export const moveAxes =
  (map: AxisMap) =>
  (s: Scalar): Scalar | undefined => {
    if (s.kind === 'element') return { ...s, at: { ...s.at, index: substitute(s.at.index, map) } }
    if (s.kind === 'axis') {
      const to = map.get(s.axis)
      return to && indexValue(to)
    }
    return undefined
  }

/** A kernel with axes replaced everywhere. */
export function withAxes(kernel: FlatKernel, map: ReadonlyMap<Axis, Affine>): FlatKernel {
  const own = mapKernel(kernel, moveAxes(map))
  return { ...own, stores: own.stores.map((s) => ({ ...s, at: substitute(s.at, map) })) }
}

/** The longest part within bounds that divides an extent evenly. */
export function evenPart(extent: number, least: number, most: number): number | undefined {
  for (let n = Math.min(most, extent); n >= least; n--) if (extent % n === 0) return n
  return undefined
}

/** Scalars at a point moved along axes. */
export const shiftScalars =
  (by: Shift) =>
  (s: Scalar): Scalar | undefined => {
    if (s.kind === 'element') return { ...s, at: { ...s.at, index: shiftIndex(s.at.index, by) } }
    return s.kind === 'axis' && by.has(s.axis) ? indexValue(shiftIndex(axisIndex(s.axis), by)) : undefined
  }

/** An element at a point moved along an axis; what is computed of its position moves too. */
export function shiftAlong(e: Element, axis: Axis | undefined, by: number): Element {
  if (!axis || by === 0) return e
  const shift = new Map([[axis, by]])
  const index = shiftIndex(e.at.index, shift)
  return { ...e, at: e.at.offset ? { index, offset: mapScalar(e.at.offset, shiftScalars(shift)) } : { ...e.at, index } }
}

export const makeLocal = (hint: string, dtype: Local['dtype']): Local => ({ hint, dtype, lanes: 1 })
export const localValue = (local: Local): Scalar => ({ kind: 'local', dtype: local.dtype, local })

/** An element whose computed offset is a local, set once in a body. */
export function withOffset(e: Element, offset: Scalar, known: Map<Scalar, Scalar>, body: Stmt[]): Element {
  if (!known.has(offset)) {
    const local = makeLocal('at', 'int32')
    body.push({ kind: 'let', local, value: offset })
    known.set(offset, localValue(local))
  }
  return { ...e, at: { ...e.at, offset: known.get(offset)! } }
}

/** Both operands where a kernel is a sum of products of two loads. */
export function productOf({ accumulators }: Pick<FlatKernel, 'accumulators'>): readonly [Element, Element] | undefined {
  const [only, more] = accumulators
  if (!only || more || only.combine !== 'add' || only.body.kind !== 'call' || only.body.fn !== 'mul') return undefined
  const [a, b] = only.body.args
  return a?.kind === 'element' && b?.kind === 'element' ? [a, b] : undefined
}
