import type { OnnxOps } from '../node-call'
import { ARITHMETIC } from './arithmetic'

/** Every op of ONNX that is read. */
export const ONNX_OPS: OnnxOps = {
  ...ARITHMETIC,
}
