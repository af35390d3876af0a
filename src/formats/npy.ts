import { type Data, type DType, newData, showShape, viewData } from '../ir/type'
import { requireBytes } from './bytes'
import { FormatError, quoted } from './error'
import { halfValue } from './half'
import { MAGIC, readHeader } from './npy-header'
import { checkBools, checkStored, sizeOfStored, type StoredTensor } from './stored-tensor'

const FORMAT = 'npy'
const ALIGNMENT = 64
// NumPy leaves room for the first extent to grow in place; with as much of it files are equal byte for byte.
const GROWTH_DIGITS = 21
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** How a dtype of NumPy is read; `get` gives NaN for an integer beyond int32. */
interface Kind {
  readonly bytes: number
  readonly dtype: DType
  /** The bytes of such a file are those of an array of `dtype`. */
  readonly same?: true
  get(view: DataView, at: number, little: boolean): number
}

const KINDS = new Map<string, Kind>([
  ['f4', { bytes: 4, dtype: 'float32', same: true, get: (view, at, little) => view.getFloat32(at, little) }],
  ['f8', { bytes: 8, dtype: 'float64', same: true, get: (view, at, little) => view.getFloat64(at, little) }],
  ['f2', { bytes: 2, dtype: 'float32', get: (view, at, little) => halfValue(view.getUint16(at, little)) }],
  ['i1', { bytes: 1, dtype: 'int32', get: (view, at) => view.getInt8(at) }],
  ['i2', { bytes: 2, dtype: 'int32', get: (view, at, little) => view.getInt16(at, little) }],
  ['i4', { bytes: 4, dtype: 'int32', same: true, get: (view, at, little) => view.getInt32(at, little) }],
  ['i8', { bytes: 8, dtype: 'int32', get: (view, at, little) => narrowed(view, at, little, (low) => low >> 31) }],
  ['u1', { bytes: 1, dtype: 'uint8', same: true, get: (view, at) => view.getUint8(at) }],
  ['u2', { bytes: 2, dtype: 'int32', get: (view, at, little) => view.getUint16(at, little) }],
  ['u4', { bytes: 4, dtype: 'int32', get: (view, at, little) => notNegative(view.getInt32(at, little)) }],
  ['u8', { bytes: 8, dtype: 'int32', get: (view, at, little) => notNegative(narrowed(view, at, little, () => 0)) }],
  ['b1', { bytes: 1, dtype: 'bool', same: true, get: (view, at) => view.getUint8(at) }],
])
const STORED: Record<DType, string> = { float32: '<f4', float64: '<f8', int32: '<i4', uint8: '|u1', bool: '|b1' }

const notNegative = (value: number): number => (value >= 0 ? value : NaN)

function narrowed(view: DataView, at: number, little: boolean, highOf: (low: number) => number): number {
  const low = view.getInt32(little ? at : at + 4, little)
  const high = view.getInt32(little ? at + 4 : at, little)
  return high === highOf(low) ? low : NaN
}

function refuse(what: string): never {
  throw new FormatError(FORMAT, `the array ${what}`)
}

/**
 * The bytes that `numpy.save` writes. Throws FormatError where shape, dtype and data disagree.
 */
export function encodeNpy(tensor: StoredTensor): Uint8Array<ArrayBuffer> {
  checkStored(tensor, refuse)
  const { dtype, shape, data } = tensor
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const room = shape.length > 0 ? GROWTH_DIGITS - String(shape[0]).length : 0
  const header = `{'descr': '${STORED[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }${' '.repeat(room)}`
  const begin = Math.ceil((MAGIC.length + 4 + header.length + 1) / ALIGNMENT) * ALIGNMENT
  const length = begin - MAGIC.length - 4
  const text = new TextEncoder().encode(`${header.padEnd(length - 1)}\n`)
  const out = new Uint8Array(begin + data.byteLength)
  out.set([...MAGIC, 1, 0, length & 255, length >> 8])
  out.set(text, MAGIC.length + 4)
  if (LITTLE_ENDIAN) out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin)
  else refuse('cannot be written on a machine that is not little-endian')
  return out
}

/**
 * Reads an npy file that nobody vouches for: versions 1.0 to 3.0, either byte order, rows or columns first; the result is a copy
 * with rows first. Float16 becomes float32, signed and unsigned integers other than uint8 become int32. Throws FormatError for
 * values beyond int32, other dtypes (Python objects above all: a pickle is never read), a header that is not exactly what the
 * format allows, and values that are too few or too many.
 */
export function decodeNpy(bytes: Uint8Array): StoredTensor {
  requireBytes('decodeNpy', bytes)
  const { descr, fortranOrder, shape, begin } = readHeader(bytes)
  const kind = kindOf(descr)
  const size = sizeOfStored(shape, refuse)
  if (size * kind.bytes !== bytes.length - begin)
    throw new FormatError(
      FORMAT,
      `${showShape(shape)} of ${descr} has ${size * kind.bytes} bytes, but ${bytes.length - begin} are there`,
      begin,
    )
  const data = readData(bytes.subarray(begin), kind, size, descr[0] !== '>')
  if (kind.dtype === 'bool') checkBools(data, refuse)
  return { dtype: kind.dtype, shape, data: fortranOrder ? rowsFirst(data, kind.dtype, shape) : data }
}

function kindOf(descr: string): Kind {
  if (descr.includes('O')) refuse('holds Python objects, which are stored as a pickle, and that is never read')
  const kind = KINDS.get(descr.slice(1))
  if (kind && (descr[0] === '<' || descr[0] === '>' || (descr[0] === '|' && kind.bytes === 1))) return kind
  return refuse(`has the dtype ${quoted(descr)}, not one of ${[...KINDS.keys()].join(', ')}`)
}

function readData(bytes: Uint8Array, kind: Kind, size: number, little: boolean): Data {
  const { dtype } = kind
  if (kind.same && (little === LITTLE_ENDIAN || kind.bytes === 1))
    return viewData(dtype, new Uint8Array(bytes).buffer, 0, size)
  const data = newData(dtype, size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i < size; i++) {
    const value = kind.get(view, i * kind.bytes, little)
    if (dtype === 'int32' && value !== value) refuse(`has a value beyond int32 at element ${i}`)
    data[i] = value
  }
  return data
}

/** Row-major from column-major. */
function rowsFirst(data: Data, dtype: DType, shape: readonly number[]): Data {
  const out = newData(dtype, data.length)
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, extent) => product * extent, 1))
  const index = new Array<number>(shape.length).fill(0)
  let from = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= strides[axis]! * index[axis]!
      index[axis] = 0
    }
  }
  return out
}
