import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { apply, describe, requireTensor, type Tensor } from '../ir/tensor'
import { broadcastShapes, type DType, isFloat, newData, sameShape, showShape } from '../ir/type'
import { mulT } from '../ops/arith'
import { rotaryOp } from '../ops/attention'
import { dataConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'
import { cosOp, sinOp } from '../ops/transcendental'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'

/** Options of `rotaryEmbedding`. */
export interface RotaryOptions {
  /** Wave lengths grow up to 2π times this, 10000 by default. */
  readonly base?: number
  /** Where each row stands, a number tensor that broadcasts to [..., T]; 0 to T - 1 by default. */
  readonly positions?: Tensor
  /** Turn neighbouring features as pairs; by default feature i and i + d / 2 are one, as in GPT-NeoX and Llama. */
  readonly interleaved?: boolean
}

/**
 * Rotary position embedding of x [..., T, d], d even, a float: the pair i of features at position p is turned by the angle
 * p base^(-2 i / d). Same shape. Angles are computed in float64: as constants, or from `positions` when the program runs.
 * Source: Su et al. 2021, arXiv:2104.09864.
 */
export function rotaryEmbedding<X extends Tensor>(x: X, options: RotaryOptions = {}): Tensor<X['shape'], X['dtype']> {
  return turnedBy(x, rotaryTables(x, options), options)
}

/** Cosines and sines of the angles by which the rows of x are turned: those of one extent and one option may be shared. */
export function rotaryTables(x: Tensor, options: RotaryOptions): readonly Tensor[] {
  requireTensor('rotaryEmbedding', x)
  checkKeys('rotaryEmbedding', options, ['base', 'positions', 'interleaved'])
  checkFlags('rotaryEmbedding', options, ['interleaved'])
  const { base = 10000, positions } = options
  const features = x.shape.at(-1) ?? 1
  if (!isFloat(x.dtype) || x.shape.length < 2 || features % 2 !== 0)
    throw new GraphError(`rotaryEmbedding: x must be floats [..., T, d] with an even d, it is ${describe(x)}`)
  checkNumber('rotaryEmbedding', 'base', base, (v) => v > 0 && v < Infinity, 'a positive number')
  const speeds = Float64Array.from({ length: features / 2 }, (_, i) => base ** ((-2 * i) / features))
  return positions
    ? computed(positions, speeds, x)
    : [Math.cos, Math.sin].map((f) => tabulated(f, speeds, x.shape.at(-2)!, x.dtype))
}

export const turnedBy = (x: Tensor, tables: readonly Tensor[], { interleaved = false }: RotaryOptions): Tensor =>
  apply(rotaryOp, [x, ...tables], { interleaved })

function tabulated(f: (angle: number) => number, speeds: Float64Array, rows: number, dtype: DType): Tensor {
  const half = speeds.length
  const data = newData(dtype, rows * half)
  for (let p = 0; p < rows; p++) for (let i = 0; i < half; i++) data[p * half + i] = f(p * speeds[i]!)
  return dataConstant(data, { dtype, shape: [rows, half] })
}

function computed(positions: Tensor, speeds: Float64Array, x: Tensor): Tensor[] {
  requireTensor('rotaryEmbedding', positions)
  const rows = x.shape.slice(0, -1)
  if (positions.dtype === 'bool' || !sameShape(broadcastShapes(positions.shape, rows) ?? [], rows))
    throw new GraphError(
      `rotaryEmbedding: positions must be numbers that stretch to ${showShape(rows)}, they are ${describe(positions)}`,
    )
  const column = reshapeT(castTensor(positions, 'float64'), [...positions.shape, 1])
  const angle = mulT(column, dataConstant(speeds, { dtype: 'float64', shape: [speeds.length] }))
  return [cosOp, sinOp].map((op) => castTensor(apply(op, [angle], {}), x.dtype))
}
