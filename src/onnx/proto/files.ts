import { decodeMessage } from '../../formats/protobuf/decode'
import { encodeMessage } from '../../formats/protobuf/encode'
import type { ModelProto, TensorProto } from './messages'
import { MODEL, TENSOR } from './rules'

/** The model of an ONNX file. Bytes in it are views of the file. Throws a FormatError with the offset of what is wrong. */
export const decodeModel = (bytes: Uint8Array): ModelProto => decodeMessage('onnx', bytes, MODEL)

/** A tensor in a file of its own, as test data come. */
export const decodeTensor = (bytes: Uint8Array): TensorProto => decodeMessage('onnx', bytes, TENSOR)

/** The bytes of an ONNX file. */
export const encodeModel = (model: ModelProto): Uint8Array<ArrayBuffer> => encodeMessage(model, MODEL)

/** The bytes of a tensor in a file of its own. */
export const encodeTensor = (tensor: TensorProto): Uint8Array<ArrayBuffer> => encodeMessage(tensor, TENSOR)
