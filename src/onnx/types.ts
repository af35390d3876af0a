import type { DType } from '../ir/type'
import type { TensorProto } from './proto/messages'
import { UnsupportedError } from './unsupported'

/** The element types of ONNX by number, `TensorProto.DataType`. */
export const ELEMENT_TYPES = [
  'undefined',
  'float',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'double',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
] as const
/** An element type of ONNX by its name. */
export type ElementType = (typeof ELEMENT_TYPES)[number]

/** int64 is computed in int32: indices, labels and sizes are what ONNX has it for. */
const HELD_AS: Readonly<Partial<Record<ElementType, DType>>> = {
  float: 'float32',
  double: 'float64',
  int32: 'int32',
  int64: 'int32',
  uint8: 'uint8',
  bool: 'bool',
}
const WRITTEN_AS: Readonly<Record<DType, ElementType>> = {
  float32: 'float',
  float64: 'double',
  int32: 'int32',
  uint8: 'uint8',
  bool: 'bool',
}

/** The name of an element type. Throws an UnsupportedError for a number that is none. */
export function elementType(code: number | undefined): ElementType {
  const found = ELEMENT_TYPES[code ?? 0]
  if (found && found !== 'undefined') return found
  throw new UnsupportedError(`type ${code}`, `there is no element type ${code}`)
}

/** The dtype that an element type is computed in. Throws an UnsupportedError where there is none. */
export function dtypeOfElement(code: number | undefined): DType {
  const type = elementType(code)
  const dtype = HELD_AS[type]
  if (dtype) return dtype
  throw new UnsupportedError(
    type,
    `there are no tensors of ${type}; those of ${Object.keys(HELD_AS).join(', ')} are read`,
  )
}

export const elementCode = (type: ElementType): number => ELEMENT_TYPES.indexOf(type)
export const elementOfDType = (dtype: DType): ElementType => WRITTEN_AS[dtype]

/** How a message speaks of a tensor of a file. */
export const tensorTitle = ({ name }: TensorProto): string => `tensor ${JSON.stringify((name ?? '').slice(0, 80))}`
