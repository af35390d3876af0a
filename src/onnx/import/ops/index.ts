import type { OnnxOps } from '../node-call'
import { ACTIVATION } from './activation'
import { ARITHMETIC } from './arithmetic'
import { CONTROL } from './control'
import { CONVOLUTION } from './conv'
import { CREATE } from './create'
import { ELEMENTARY } from './elementary'
import { FOURIER } from './fourier'
import { SAMPLING } from './grid-sample'
import { INDEXING } from './indexing'
import { LINEAR } from './linear'
import { LOGIC } from './logic'
import { LOSSES } from './loss'
import { MATRIX } from './matrix'
import { NORMS } from './normalize'
import { PIECES } from './pieces'
import { POOLING } from './pool'
import { QUANTIZED } from './quantize'
import { RANDOM } from './random'
import { RECURRENT } from './recurrent'
import { REDUCE } from './reduce'
import { RESIZING } from './resize'
import { SCATTER } from './scatter'
import { SHAPE } from './shape'
import { SOFTMAX } from './softmax'
import { SORTING } from './sorting'
import { SUPPRESSION } from './suppress'
import { TRAINING } from './training'
import { WINDOWS } from './windows'

/** Every op of ONNX that is read. */
export const ONNX_OPS: OnnxOps = {
  ...ACTIVATION,
  ...ARITHMETIC,
  ...CONTROL,
  ...CONVOLUTION,
  ...CREATE,
  ...ELEMENTARY,
  ...FOURIER,
  ...INDEXING,
  ...LINEAR,
  ...LOGIC,
  ...LOSSES,
  ...MATRIX,
  ...NORMS,
  ...PIECES,
  ...POOLING,
  ...QUANTIZED,
  ...RANDOM,
  ...RECURRENT,
  ...REDUCE,
  ...RESIZING,
  ...SAMPLING,
  ...SCATTER,
  ...SHAPE,
  ...SOFTMAX,
  ...SORTING,
  ...SUPPRESSION,
  ...TRAINING,
  ...WINDOWS,
}
