import { FormatError } from '../formats/error'
import type { StoredTensor } from '../formats/stored-tensor'
import { bytesOf, type Data, type DType, newData, showShape, viewData } from '../ir/type'
import type { TensorProto } from './proto/messages'
import { dtypeOfElement, elementCode, type ElementType, elementOfDType, elementType, tensorTitle } from './types'

const MAX_RANK = 64
// An end of a slice that is beyond every axis is written as the largest int64, not as a number that counts.
const BEYOND = 2 ** 53
const INT32 = [-(2 ** 31), 2 ** 31 - 1] as const

/**
 * The values of a tensor of a file. int64 becomes int32: values up to 2 ** 53 must fit, larger ones, which stand for "to the
 * end", become the largest int32. Throws an UnsupportedError for element types that there are none of here, a FormatError for
 * data that do not fit the shape or lie in another file.
 */
export function storedOf(tensor: TensorProto): StoredTensor {
  const dtype = dtypeOfElement(tensor.dataType)
  const shape = tensor.dims ?? []
  const fail = (what: string): never => {
    throw new FormatError('onnx', `${tensorTitle(tensor)} ${what}`, tensor.name)
  }
  if ((tensor.dataLocation ?? 0) !== 0 || tensor.externalData) fail('has its data in another file')
  const size = shape.reduce((product, extent) => product * (extent || 1), 1)
  if (shape.length > MAX_RANK || !shape.every((e) => Number.isSafeInteger(e) && e >= 0) || !Number.isSafeInteger(size))
    fail(`has an impossible shape, ${showShape(shape)}`)
  const count = shape.includes(0) ? 0 : size
  const data = tensor.rawData ? rawValues(tensor, dtype, count, fail) : listedValues(tensor, dtype, count, fail)
  if (dtype === 'bool' && data.some((value: number) => value > 1)) fail('has a bool that is neither 0 nor 1')
  return { dtype, shape: [...shape], data }
}

type Fail = (what: string) => never

function rawValues(tensor: TensorProto, dtype: DType, count: number, fail: Fail): Data {
  const raw = tensor.rawData!
  const width = elementType(tensor.dataType) === 'int64' ? 8 : bytesOf(dtype)
  if (raw.length !== count * width)
    fail(`has ${raw.length} bytes for ${count} elements of ${elementType(tensor.dataType)}`)
  const { buffer } = new Uint8Array(raw)
  if (elementType(tensor.dataType) !== 'int64') return viewData(dtype, buffer, 0, count)
  const view = new DataView(buffer)
  return Int32Array.from({ length: count }, (_, i) =>
    narrowed(view.getInt32(8 * i + 4, true) * 2 ** 32 + view.getUint32(8 * i, true), fail),
  )
}

function listedValues(tensor: TensorProto, dtype: DType, count: number, fail: Fail): Data {
  const isLong = elementType(tensor.dataType) === 'int64'
  const lists = { float32: tensor.floatData, float64: tensor.doubleData, int32: tensor.int32Data }
  const values =
    (isLong ? tensor.int64Data : dtype in lists ? lists[dtype as keyof typeof lists] : tensor.int32Data) ?? []
  if (values.length !== count) fail(`has ${values.length} values for ${count} elements`)
  if (dtype === 'float32' || dtype === 'float64') return fill(newData(dtype, count), values)
  const [least, most] = dtype === 'int32' ? INT32 : [0, 255]
  const whole = isLong ? values.map((value) => narrowed(value, fail)) : values
  const odd = whole.find((value) => value < least || value > most)
  if (odd !== undefined) fail(`has the value ${odd}, which is no ${dtype}`)
  return fill(newData(dtype, count), whole)
}

function fill(data: Data, values: readonly number[]): Data {
  data.set(values)
  return data
}

/** An int64 as int32: one beyond 2 ** 53 becomes the end of the range. */
export function narrowed(value: number, fail: Fail): number {
  const [least, most] = INT32
  if (Math.abs(value) >= BEYOND) return value < 0 ? least : most
  return value >= least && value <= most ? value : fail(`has the int64 ${value}, which is beyond int32`)
}

/** A tensor as a message; `as` where int32 values are to be int64. */
export function tensorProto(
  name: string,
  { dtype, shape, data }: StoredTensor,
  as = elementOfDType(dtype),
): TensorProto {
  return { name, dataType: elementCode(as), dims: [...shape], rawData: rawBytes(data, as) }
}

function rawBytes(data: Data, as: ElementType): Uint8Array {
  if (as !== 'int64') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
  const halves = new Int32Array(2 * data.length)
  for (let i = 0; i < data.length; i++) {
    halves[2 * i] = data[i]!
    halves[2 * i + 1] = data[i]! >> 31
  }
  return new Uint8Array(halves.buffer)
}
