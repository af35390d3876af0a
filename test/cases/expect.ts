/** A number, or nested arrays of numbers whose nesting is the shape. */
export type Nested = number | readonly Nested[]
export type Float = 'float32' | 'float64'
/** What a program gives, or what a case makes of it: a number, a typed array with its shape, or a list of numbers. */
export type Result = number | readonly number[] | (Typed & { readonly shape?: readonly number[] })
export type Results = Readonly<Record<string, Result>>
export type Typed = Float32Array | Float64Array | Int32Array | Uint8Array

/** How far a value may be from the right one: relative * |right| + absolute; nothing at all if both are 0. */
export interface Tolerance {
  readonly relative: number
  readonly absolute: number
}
export interface Bounded {
  readonly right: Nested
  readonly tolerance: Tolerance
}
export type Expected = Nested | Bounded

export const EXACT: Tolerance = { relative: 0, absolute: 0 }
export const TOLERANCE: Readonly<Record<Float, Tolerance>> = {
  float32: { relative: 1e-5, absolute: 1e-6 },
  // The right values have 16 digits: where they say 0, the exact value may be 1e-88.
  float64: { relative: 1e-10, absolute: 1e-15 },
}

/** Bit-equal. */
export const exact = (right: Nested): Bounded => ({ right, tolerance: EXACT })
export const within = (right: Nested, relative: number, absolute = 0): Bounded => ({
  right,
  tolerance: { relative, absolute },
})

/** A tolerance other than exact, for integers is exact all the same. */
export const toleranceOf = (value: Result, dtype: Float): Tolerance =>
  value instanceof Int32Array || value instanceof Uint8Array ? EXACT : TOLERANCE[dtype]

/** What is wrong with a value, or undefined. */
export function mismatch(
  name: string,
  actual: Result | undefined,
  expected: Expected,
  dtype: Float,
): string | undefined {
  if (actual === undefined) return `${name} is missing`
  const { right, tolerance } = isBounded(expected)
    ? expected
    : { right: expected, tolerance: toleranceOf(actual, dtype) }
  return difference(name, actual, flatten(right), shapeOfNested(right), tolerance)
}

/** Where two results differ by more than a tolerance, or undefined. */
export function disagreement(name: string, a: Result, b: Result | undefined, tolerance: Tolerance): string | undefined {
  if (b === undefined) return `${name} is missing in one mode`
  return difference(name, b, valuesOf(a), shapeOf(a), tolerance)
}

function difference(
  name: string,
  actual: Result,
  right: ArrayLike<number>,
  shape: readonly number[],
  tolerance: Tolerance,
): string | undefined {
  const got = valuesOf(actual)
  const gotShape = shapeOf(actual)
  if (String(gotShape) !== String(shape)) return `${name} has shape [${gotShape.join(', ')}], not [${shape.join(', ')}]`
  if (got.length !== right.length) return `${name} has ${got.length} values, not ${right.length}`
  for (let i = 0; i < right.length; i++) {
    const [value, wanted] = [got[i]!, right[i]!]
    if (close(value, wanted, tolerance)) continue
    const at = shape.length === 0 ? '' : `[${i}]`
    return `${name}${at} is ${shown(value)}, expected ${shown(wanted)}`
  }
  return undefined
}

const shown = (value: number): string => (Object.is(value, -0) ? '-0' : String(value))

function close(value: number, right: number, { relative, absolute }: Tolerance): boolean {
  if (Object.is(value, right)) return true
  // Only what is to be bit-equal tells 0 from -0.
  if (value === right) return relative > 0 || absolute > 0
  if (!Number.isFinite(value) || !Number.isFinite(right)) return false
  return Math.abs(value - right) <= relative * Math.abs(right) + absolute
}

const isBounded = (x: Expected): x is Bounded => typeof x === 'object' && 'tolerance' in x

export const valuesOf = (x: Result): ArrayLike<number> => (typeof x === 'number' ? [x] : x)
export function shapeOf(x: Result): readonly number[] {
  if (typeof x === 'number') return []
  return ('shape' in x ? x.shape : undefined) ?? [x.length]
}
export const numbersOf = (x: Result | undefined): number[] => (x === undefined ? [] : Array.from(valuesOf(x)))

function flatten(x: Nested): number[] {
  return typeof x === 'number' ? [x] : x.flatMap(flatten)
}
function shapeOfNested(x: Nested): number[] {
  const shape: number[] = []
  for (let level = x; typeof level !== 'number'; level = level[0]!) {
    shape.push(level.length)
    if (level.length === 0) break
  }
  return shape
}
