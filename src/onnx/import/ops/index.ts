import type { OnnxOps } from '../node-call'
import { ACTIVATION } from './activation'
import { ARITHMETIC } from './arithmetic'
import { CREATE } from './create'
import { ELEMENTARY } from './elementary'
import { LOGIC } from './logic'
import { SHAPE } from './shape'
import { SOFTMAX } from './softmax'

/** Every op of ONNX that is read. */
export const ONNX_OPS: OnnxOps = {
  ...ARITHMETIC,
  ...LOGIC,
  ...ELEMENTARY,
  ...ACTIVATION,
  ...SOFTMAX,
  ...CREATE,
  ...SHAPE,
}
