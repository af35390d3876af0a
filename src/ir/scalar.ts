import type { Affine, Axis } from './affine'
import type { Accumulator } from './block'
import type { Local, Param } from './loop'
import type { Tensor } from './tensor'
import { postorder } from './postorder'
import type { DType } from './type'
import { type Fn, FN_COST } from './functions'

export { type Fn, FN_COST }

/**
 * What is computed at a point: a typed DAG, shared by identity. `load` names a tensor (blocks), `element` a buffer
 * position (loops). A dtype of `bool` is a condition.
 */
export type Scalar =
  | { readonly kind: 'const'; readonly dtype: DType; readonly value: number }
  | { readonly kind: 'axis'; readonly dtype: 'int32'; readonly axis: Axis }
  | {
      readonly kind: 'load'
      readonly dtype: DType
      readonly from: Tensor
      /** One index a dimension, or a single row-major position when `flat`. */
      readonly index: readonly Affine[]
      readonly flat: boolean
      /** An int32 that is added to a row-major position: a gather. Never leads out of the tensor. */
      readonly offset?: Scalar
    }
  | { readonly kind: 'call'; readonly dtype: DType; readonly fn: Fn; readonly args: readonly Scalar[] }
  /** The finished value of an accumulator. */
  | { readonly kind: 'acc'; readonly dtype: DType; readonly of: Accumulator }
  | { readonly kind: 'local'; readonly dtype: DType; readonly local: Local }
  | {
      readonly kind: 'element'
      readonly dtype: DType
      readonly from: Param
      readonly at: Position
      readonly lanes: Lanes
      /**
       * Lies outside its buffer at some points, where a selection around it does not take it: never read elsewhere
       * (`guarded`), or wherever the target likes, which then reads within its memory (`clamped`).
       */
      readonly partial?: 'guarded' | 'clamped'
    }

export type Lanes = 1 | 2 | 4
/** A buffer position: an affine index, plus a pointer that a loop carries along, plus an int32 that is computed. */
export interface Position {
  readonly index: Affine
  readonly pointer?: Local
  readonly offset?: Scalar
}
export type Load = Extract<Scalar, { kind: 'load' }>
export type Element = Extract<Scalar, { kind: 'element' }>
export type Call = Extract<Scalar, { kind: 'call' }>

export const literal = (value: number, dtype: DType): Scalar => ({
  kind: 'const',
  dtype,
  value: dtype === 'float32' ? Math.fround(value) : value,
})
export const int = (value: number): Scalar => literal(value, 'int32')
export const axisValue = (axis: Axis): Scalar => ({ kind: 'axis', dtype: 'int32', axis })

/** The value of an index as an int32 scalar. */
export function indexValue(index: Affine): Scalar {
  let sum: Scalar | undefined
  for (const [axis, k] of index.terms) {
    const term = k === 1 ? axisValue(axis) : call('mul', axisValue(axis), literal(k, 'int32'))
    sum = sum ? call('add', sum, term) : term
  }
  if (!sum) return literal(index.base, 'int32')
  return index.base === 0 ? sum : call('add', sum, literal(index.base, 'int32'))
}

const CONDITIONS: ReadonlySet<Fn> = new Set(['lt', 'le', 'eq', 'ne', 'and', 'or', 'not'])

/** A call whose dtype follows from its operands; conditions are bool. Conversions use `castTo`. */
export function call(fn: Exclude<Fn, 'cast'>, ...args: readonly Scalar[]): Scalar {
  const dtype = CONDITIONS.has(fn) ? 'bool' : fn === 'select' ? args[1]!.dtype : args[0]!.dtype
  return { kind: 'call', dtype, fn, args }
}

export function castTo(dtype: DType, x: Scalar): Scalar {
  if (x.dtype === dtype) return x
  if (x.kind === 'const' && isLiteralIn(x.value, dtype)) return literal(x.value, dtype)
  return { kind: 'call', dtype, fn: 'cast', args: [x] }
}
/** Whether a constant may be written in a dtype, where floats are rounded as the cast would. */
const isLiteralIn = (value: number, dtype: DType): boolean =>
  dtype === 'float32' || dtype === 'float64' || (dtype === 'int32' && value === (value | 0))

const NO_ARGS: readonly Scalar[] = []
/** What a scalar is made of: the operands of a call, the computed part of a position. */
export function argsOf(s: Scalar): readonly Scalar[] {
  if (s.kind === 'call') return s.args
  const offset = s.kind === 'load' ? s.offset : s.kind === 'element' ? s.at.offset : undefined
  return offset === undefined ? NO_ARGS : [offset]
}

/** The same over other parts, as many as `argsOf` gives. */
export function withArgs(s: Scalar, args: readonly Scalar[]): Scalar {
  if (s.kind === 'call') return { ...s, args }
  if (s.kind === 'load') return { ...s, offset: args[0]! }
  return s.kind === 'element' ? { ...s, at: { ...s.at, offset: args[0]! } } : s
}

/** All scalars below the roots, operands first, each once; those in `stop` and what is below them are left out. */
export const walk = (roots: readonly Scalar[], stop?: { has(s: Scalar): boolean }): Scalar[] =>
  postorder(roots, argsOf, stop)

/**
 * Rewrites a DAG bottom-up. `change` sees each scalar with its operands already rewritten and returns a replacement or
 * undefined. Sharing is kept; `memo` may be passed on to rewrite several roots as one.
 */
export function mapScalars(
  roots: readonly Scalar[],
  change: (scalar: Scalar) => Scalar | undefined,
  memo = new Map<Scalar, Scalar>(),
): Scalar[] {
  const order = walk(roots, memo)
  // Counted, here and in other inner loops: until an engine optimises it, an iterator allocates at every step.
  for (let i = 0; i < order.length; i++) {
    const s = order[i]!
    let now = s
    const parts = argsOf(s)
    if (parts.length > 0) {
      const args = parts.map((a) => memo.get(a)!)
      if (args.some((a, k) => a !== parts[k])) now = withArgs(s, args)
    }
    memo.set(s, change(now) ?? now)
  }
  return roots.map((r) => memo.get(r)!)
}

export const mapScalar = (root: Scalar, change: (scalar: Scalar) => Scalar | undefined): Scalar =>
  mapScalars([root], change)[0]!

export const loadsOf = (roots: readonly Scalar[]): Load[] => walk(roots).filter((s): s is Load => s.kind === 'load')

/** One part of an expression that becomes some hundred when loops are made. */
export const isRandomBlock = (s: Scalar): boolean => s.kind === 'call' && (s.fn === 'threefry0' || s.fn === 'threefry1')

export const costOfCall = (s: Scalar): number => (s.kind === 'call' ? FN_COST[s.fn] : 0)
export const costOf = (roots: readonly Scalar[]): number => walk(roots).reduce((sum, s) => sum + costOfCall(s), 0)

/** The most that an int32 can be, as far as that is seen: of an offset that is held within an axis. 0 where it is not. */
export function mostOf(s: Scalar): number {
  if (s.kind === 'const') return s.value
  if (s.kind !== 'call') return 0
  const [a, b] = s.args
  if (s.fn === 'min' && b?.kind === 'const') return b.value
  return s.fn === 'mul' && b?.kind === 'const' ? mostOf(a!) * b.value : 0
}

const EXACT: ReadonlySet<Fn> = new Set([
  'neg',
  'abs',
  'max',
  'min',
  'select',
  'round',
  'cast',
  'floor',
  'ceil',
  'trunc',
  'nearest',
  'rem',
])
/** Holds a value of its dtype exactly, also on targets that compute float32 in wider registers. */
export function isRounded(s: Scalar): boolean {
  if (s.kind !== 'call' || s.dtype !== 'float32') return true
  if (!EXACT.has(s.fn)) return false
  return s.fn === 'round' || s.fn === 'cast' || s.args.every(isRounded)
}
