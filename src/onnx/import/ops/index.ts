import type { OnnxOps } from '../node-call'
import { ACTIVATION } from './activation'
import { ARITHMETIC } from './arithmetic'
import { CONTROL } from './control'
import { CONVOLUTION } from './conv'
import { LOSSES } from './loss'
import { MATRIX } from './matrix'
import { NORMS } from './normalize'
import { POOLING } from './pool'
import { QUANTIZED } from './quantize'
import { RECURRENT } from './recurrent'
import { RESIZING } from './resize'
import { CREATE } from './create'
import { ELEMENTARY } from './elementary'
import { INDEXING } from './indexing'
import { LINEAR } from './linear'
import { LOGIC } from './logic'
import { PIECES } from './pieces'
import { RANDOM } from './random'
import { REDUCE } from './reduce'
import { SCATTER } from './scatter'
import { SHAPE } from './shape'
import { SOFTMAX } from './softmax'
import { SORTING } from './sorting'
import { CONTROL } from './control'
import { CONVOLUTION } from './conv'
import { TRAINING } from './loss'
import { MATRIX } from './matrix'
import { NORMS } from './normalize'
import { POOLING } from './pool'
import { QUANTIZED } from './quantize'
import { RECURRENT } from './recurrent'
import { RESIZING } from './resize'
import { TRAINING } from './training'
import { WINDOWS } from './windows'

/** Every op of ONNX that is read. */
export const ONNX_OPS: OnnxOps = {
  ...ARITHMETIC,
  ...MATRIX,
  ...CONVOLUTION,
  ...QUANTIZED,
  ...POOLING,
  ...NORMS,
  ...LOSSES,
  ...RECURRENT,
  ...RESIZING,
  ...CONTROL,
  ...LOGIC,
  ...ELEMENTARY,
  ...ACTIVATION,
  ...SOFTMAX,
  ...CREATE,
  ...SHAPE,
  ...INDEXING,
  ...LINEAR,
  ...PIECES,
  ...REDUCE,
  ...SCATTER,
  ...SORTING,
  ...MATRIX,
  ...CONVOLUTION,
  ...QUANTIZED,
  ...POOLING,
  ...NORMS,
  ...TRAINING,
  ...RECURRENT,
  ...RESIZING,
  ...RANDOM,
  ...TRAINING,
  ...WINDOWS,
  ...CONTROL,
  ...LOGIC,
  ...ELEMENTARY,
  ...ACTIVATION,
  ...SOFTMAX,
  ...CREATE,
  ...SHAPE,
}
