import { bytesOf, type Data, type DType, newData, showShape } from '../ir/type'
import { requireBytes } from './bytes'
import { FormatError } from './error'
import { gunzip, type InflateOptions, isGzip } from './inflate'
import { checkStored, MAX_RANK, sizeOfStored, type StoredTensor } from './stored-tensor'

const FORMAT = 'idx'
const MAX_EXTENT = 0xffffffff

/** How an element type is read, big-endian as all numbers of the format. */
interface Kind {
  readonly bytes: number
  readonly dtype: DType
  get(view: DataView, at: number): number
}

// Source: the description of the MNIST files by LeCun, Cortes and Burges.
const KINDS = new Map<number, Kind>([
  [0x08, { bytes: 1, dtype: 'uint8', get: (view, at) => view.getUint8(at) }],
  [0x09, { bytes: 1, dtype: 'int32', get: (view, at) => view.getInt8(at) }],
  [0x0b, { bytes: 2, dtype: 'int32', get: (view, at) => view.getInt16(at) }],
  [0x0c, { bytes: 4, dtype: 'int32', get: (view, at) => view.getInt32(at) }],
  [0x0d, { bytes: 4, dtype: 'float32', get: (view, at) => view.getFloat32(at) }],
  [0x0e, { bytes: 8, dtype: 'float64', get: (view, at) => view.getFloat64(at) }],
])
const CODES: Record<DType, number> = { uint8: 0x08, bool: 0x08, int32: 0x0c, float32: 0x0d, float64: 0x0e }

function refuse(what: string): never {
  throw new FormatError(FORMAT, `the array ${what}`)
}

/** An IDX file, as the MNIST data sets are. Conditions are bytes. Throws FormatError where shape, dtype and data disagree. */
export function encodeIdx(tensor: StoredTensor): Uint8Array<ArrayBuffer> {
  checkStored(tensor, refuse)
  const { dtype, shape, data } = tensor
  if (shape.some((extent) => extent > MAX_EXTENT)) refuse(`has an extent above ${MAX_EXTENT}, ${showShape(shape)}`)
  const begin = 4 + 4 * shape.length
  const out = new Uint8Array(begin + data.byteLength)
  const view = new DataView(out.buffer)
  view.setUint16(2, 256 * CODES[dtype] + shape.length)
  shape.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent))
  writeData(view, begin, dtype, data)
  return out
}

function writeData(view: DataView, begin: number, dtype: DType, data: Data): void {
  const width = bytesOf(dtype)
  for (let i = 0, at = begin; i < data.length; i++, at += width) {
    const value = data[i]!
    if (dtype === 'float32') view.setFloat32(at, value)
    else if (dtype === 'float64') view.setFloat64(at, value)
    else if (dtype === 'int32') view.setInt32(at, value)
    else view.setUint8(at, value)
  }
}

/**
 * Reads an IDX file that nobody vouches for; the result is a copy. Signed bytes and shorts become int32. Throws FormatError for
 * other types and for values that are too few or too many.
 */
export function decodeIdx(bytes: Uint8Array): StoredTensor {
  requireBytes('decodeIdx', bytes)
  if (isGzip(bytes)) throw new FormatError(FORMAT, 'the file is compressed: readIdx takes it', 0)
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0)
    throw new FormatError(FORMAT, 'the file does not begin as IDX files do', 0)
  const kind = KINDS.get(bytes[2]!)
  if (!kind) throw new FormatError(FORMAT, `the element type 0x${bytes[2]!.toString(16)} is unknown`, 2)
  const rank = bytes[3]!
  if (rank > MAX_RANK) throw new FormatError(FORMAT, `the rank is ${rank}, more than ${MAX_RANK}`, 3)
  const begin = 4 + 4 * rank
  if (bytes.length < begin)
    throw new FormatError(FORMAT, `the file ends at byte ${bytes.length}, in its header`, bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis))
  const size = sizeOfStored(shape, refuse)
  const there = bytes.length - begin
  if (size * kind.bytes !== there)
    throw new FormatError(FORMAT, `${showShape(shape)} has ${size * kind.bytes} bytes, but ${there} are there`, begin)
  if (kind.dtype === 'uint8') return { dtype: 'uint8', shape, data: new Uint8Array(bytes.subarray(begin)) }
  const data = newData(kind.dtype, size)
  for (let i = 0; i < size; i++) data[i] = kind.get(view, begin + i * kind.bytes)
  return { dtype: kind.dtype, shape, data }
}

/** As `decodeIdx`, of a file that may be compressed by gzip, for which the package fflate is needed. */
export async function readIdx(bytes: Uint8Array, options: InflateOptions = {}): Promise<StoredTensor> {
  requireBytes('readIdx', bytes)
  return decodeIdx(isGzip(bytes) ? await gunzip(bytes, options) : bytes)
}
