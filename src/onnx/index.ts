// What the entry gradloom/onnx exports.
export { FormatError } from '../formats/error'
export type { StoredTensor } from '../formats/stored-tensor'
export { type OnnxModel, type OnnxOptions, type OnnxValue, OPSETS, readOnnx } from './import/model'
export type { ConstantValue } from './import/values'
export type { TrainableRule } from './import/weights'
export type { ElementType } from './types'
export { UnsupportedError, ValueNeededError } from './unsupported'
export { WRITTEN_OPSETS, writeOnnx, type WriteOnnxOptions } from './export/model'
