import { GraphError } from './errors'
import { checkOneOf } from './names-of'

/** Element types of tensors. `bool` is stored as bytes 0 and 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool'
export const DTYPES: readonly DType[] = ['float32', 'float64', 'int32', 'uint8', 'bool']

/** Throws a GraphError for what is no dtype. */
export const checkDType = (what: string, dtype: unknown): void => checkOneOf(what, 'dtype', dtype, DTYPES)

/** What is known of a tensor before anything runs. Storage is always dense and row-major. */
export interface TensorType {
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** The arrays that hold tensors; bools are a Uint8Array. */
export type Data = Float32Array | Float64Array | Int32Array | Uint8Array

const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, uint8: 1, bool: 1 }
/** The array that holds a dtype; conditions are bytes. */
export type DataOf<D extends DType> = D extends 'float32'
  ? Float32Array
  : D extends 'float64'
    ? Float64Array
    : D extends 'int32'
      ? Int32Array
      : Uint8Array
/** Throws a GraphError for arrays that hold none: their numbers would be taken for others. */
export function dtypeOf(data: Data): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint8Array) return 'uint8'
  const { name } = (data as object).constructor
  throw new GraphError(
    `a ${name} holds no dtype; convert it, such as Float32Array.from(values) or Int32Array.from(values)`,
  )
}

export const bytesOf = (dtype: DType): number => BYTES[dtype]
export const isFloat = (dtype: DType): dtype is 'float32' | 'float64' => dtype === 'float32' || dtype === 'float64'
/** The least normal number: what is below may be rounded to 0, which has no reciprocal. */
export const leastNormal = (dtype: DType): number => (dtype === 'float32' ? 2 ** -126 : 2 ** -1022)

/** Whether there is no element in it. */
export const isEmpty = ({ shape }: { readonly shape: readonly number[] }): boolean => shape.includes(0)

/** Positions along an axis are int32 in compiled programs. */
export const MOST_POSITIONS = 2 ** 31 - 1
/** Throws a GraphError for an extent that no program can walk along. */
export function checkPositions(what: string, shape: readonly number[]): void {
  for (const extent of shape)
    if (extent > MOST_POSITIONS)
      throw new GraphError(
        `${what}: ${showShape(shape)} has the extent ${extent}, an axis has ${MOST_POSITIONS} positions at most`,
      )
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1)

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!
  return strides
}

/** The index of an element by its row-major position. */
export function indexAt(shape: readonly number[], position: number): number[] {
  const index = new Array<number>(shape.length).fill(0)
  let rest = position
  for (let i = shape.length - 1; i >= 0; i--) {
    index[i] = rest % shape[i]!
    rest = (rest - index[i]!) / shape[i]!
  }
  return index
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((extent, i) => extent === b[i])

/** As in NumPy. What has more is no shape, but data in its place. */
export const MOST_AXES = 64
/** Whether it is a list of extents, whole numbers from 0: what arrays from outside say of themselves need not be one. */
export const isShape = (x: unknown): x is readonly number[] =>
  Array.isArray(x) && x.length <= MOST_AXES && x.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
export const showShape = (shape: readonly number[]): string =>
  shape.length > MOST_AXES ? `[${shape.slice(0, 4).join(', ')}, …] of ${shape.length}` : `[${shape.join(', ')}]`
export const showType = (type: TensorType): string => `${type.dtype}${showShape(type.shape)}`

/** NumPy broadcasting: right-aligned, an extent of 1 stretches. Null where the shapes do not broadcast. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const p = a[a.length - i] ?? 1
    const q = b[b.length - i] ?? 1
    if (p !== q && p !== 1 && q !== 1) return null
    out[rank - i] = p === 1 ? q : p
  }
  return out
}

export function newData(dtype: DType, size: number): Data {
  return viewData(dtype, new ArrayBuffer(size * bytesOf(dtype)), 0, size)
}

/** A typed view of `size` elements at a byte offset, which must be a multiple of the element size. */
export function viewData(dtype: DType, buffer: ArrayBuffer, byteOffset: number, size: number): Data {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, size)
    case 'float64':
      return new Float64Array(buffer, byteOffset, size)
    case 'int32':
      return new Int32Array(buffer, byteOffset, size)
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, byteOffset, size)
  }
}

export const arrayNameOf = (dtype: DType): 'Float32Array' | 'Float64Array' | 'Int32Array' | 'Uint8Array' =>
  dtype === 'float32'
    ? 'Float32Array'
    : dtype === 'float64'
      ? 'Float64Array'
      : dtype === 'int32'
        ? 'Int32Array'
        : 'Uint8Array'
