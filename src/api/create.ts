import { cosineWindowOf } from '../ir/cosine-window'
import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys, checkOneOf } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { type DType, newData, showShape } from '../ir/type'
import { addT, mulT } from '../ops/arith'
import { powerOp } from '../ops/binary'
import { broadcastT } from '../ops/broadcast'
import { iotaT } from '../ops/iota'
import { checkValues, dataConstant, scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'
import { equalOp, whereT } from '../ops/select'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'
import { fill } from './leaf'
import { type BandOptions, band } from './triangles'

// Tensors without operands. What follows a rule is computed where it is read and takes no memory.

interface DTypeOption<D extends DType> {
  readonly dtype?: D
}
type Like<X extends Tensor, D extends DType | undefined> = Tensor<X['shape'], D extends DType ? D : X['dtype']>

/** Zeros in the shape of x, in its dtype or another. No gradient flows to x. */
export const zerosLike = <X extends Tensor, const D extends DType | undefined = undefined>(
  x: X,
  options: { readonly dtype?: D } = {},
): Like<X, D> => likeOf('zerosLike', x, 0, options)

/** Ones in the shape of x, in its dtype or another. No gradient flows to x. */
export const onesLike = <X extends Tensor, const D extends DType | undefined = undefined>(
  x: X,
  options: { readonly dtype?: D } = {},
): Like<X, D> => likeOf('onesLike', x, 1, options)

/** A number in the shape of x, in its dtype or another. No gradient flows to x. */
export const fullLike = <X extends Tensor, const D extends DType | undefined = undefined>(
  x: X,
  value: number,
  options: { readonly dtype?: D } = {},
): Like<X, D> => likeOf('fullLike', x, value, options)

function likeOf(op: string, x: Tensor, value: number, options: { readonly dtype?: DType | undefined }): never {
  requireTensor(op, x)
  checkKeys(op, options, ['dtype'])
  const { dtype = x.dtype } = options
  checkValues(op, [value], dtype)
  return fill(x.shape, value, { dtype }) as never
}

/** Ones on a diagonal, zeros elsewhere: `rows` by as many columns, or the number given; float32 by default. */
export function eye<const N extends number, const D extends DType = 'float32'>(
  rows: N,
  options: BandOptions & DTypeOption<D> = {},
): Tensor<[N, number], D> {
  checkKeys('eye', options, ['columns', 'offset', 'dtype'])
  const { columns = rows, offset = 0, dtype = 'float32' } = options
  return castTensor(band('eye', rows, columns, offset, equalOp), dtype) as never
}

/** Ones from a diagonal downwards, zeros above it: `rows` by as many columns, or the number given; float32 by default. */
export function tri<const N extends number, const D extends DType = 'float32'>(
  rows: N,
  options: BandOptions & DTypeOption<D> = {},
): Tensor<[N, number], D> {
  checkKeys('tri', options, ['columns', 'offset', 'dtype'])
  const { columns = rows, offset = 0, dtype = 'float32' } = options
  return castTensor(band('tri', rows, columns, offset), dtype) as never
}

/** Whole steps from 0, counted in float64: steps are as exact as the host would compute them. */
const counted = (count: number): Tensor => castTensor(iotaT(count), 'float64')
const wide = (value: number): Tensor => scalarConstant(value, 'float64')
const isCount = (v: number): boolean => Number.isInteger(v) && v >= 0

/** Options of `linspace` and `logspace`. */
export interface SpaceOptions<D extends DType> extends DTypeOption<D> {
  /** Whether `stop` is the last number (the default), or the one behind it. */
  readonly endpoint?: boolean
}

/** `count` numbers at equal distances from start to stop, float32 by default. */
export function linspace<const N extends number, const D extends 'float32' | 'float64' = 'float32'>(
  start: number,
  stop: number,
  count: N,
  options: SpaceOptions<D> = {},
): Tensor<[N], D> {
  checkKeys('linspace', options, ['endpoint', 'dtype'])
  checkFlags('linspace', options, ['endpoint'])
  return castTensor(spaced('linspace', start, stop, count, options), options.dtype ?? 'float32') as never
}

/** `count` powers of a base (10 by default) whose exponents lie at equal distances from start to stop, float32 by default. */
export function logspace<const N extends number, const D extends 'float32' | 'float64' = 'float32'>(
  start: number,
  stop: number,
  count: N,
  options: SpaceOptions<D> & { readonly base?: number } = {},
): Tensor<[N], D> {
  checkKeys('logspace', options, ['endpoint', 'dtype', 'base'])
  checkFlags('logspace', options, ['endpoint'])
  const { base = 10 } = options
  checkNumber('logspace', 'base', base, (v) => v > 0 && Number.isFinite(v), 'a positive number')
  const powers = apply(powerOp, [wide(base), spaced('logspace', start, stop, count, options)], {})
  return castTensor(powers, options.dtype ?? 'float32') as never
}

const requireFloat = (op: string, dtype: DType): void => checkOneOf(op, 'dtype', dtype, ['float32', 'float64'])

function spaced(op: string, start: number, stop: number, count: number, options: SpaceOptions<DType>): Tensor {
  const { endpoint = true, dtype = 'float32' } = options
  checkNumber(op, 'start', start, Number.isFinite, 'a finite number')
  checkNumber(op, 'stop', stop, Number.isFinite, 'a finite number')
  checkNumber(op, 'count', count, isCount, 'a whole number from 0')
  requireFloat(op, dtype)
  const steps = endpoint ? count - 1 : count
  if (count === 0 || steps === 0) return broadcastT(wide(start), [count])
  const position = counted(count)
  const between = addT(wide(start), mulT(position, wide((stop - start) / steps)))
  // Rounding leaves the end itself out.
  return endpoint ? whereT(apply(equalOp, [position, wide(steps)], {}), wide(stop), between) : between
}

/**
 * Numbers from start up to stop (not stop) in steps, int32 by default: fractions need a float dtype. A negative step goes
 * down. As `arange` in NumPy.
 */
export function range<const D extends DType = 'int32'>(
  start: number,
  stop: number,
  options: DTypeOption<D> & { readonly step?: number } = {},
): Tensor<[number], D> {
  checkKeys('range', options, ['step', 'dtype'])
  const { step = 1, dtype = 'int32' as D } = options
  for (const [name, value] of Object.entries({ start, stop, step }))
    checkNumber('range', name, value, Number.isFinite, 'a finite number')
  if (step === 0) throw new GraphError('range: a step of 0 goes nowhere')
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // Where the first two are whole, all are.
  const last = start + step * Math.max(0, count - 1)
  checkValues('range', count > 1 ? [start, start + step, last] : [start, last], dtype)
  const isWhole = Number.isInteger(start) && Number.isInteger(step) && dtype !== 'float32' && dtype !== 'float64'
  if (isWhole) {
    const whole = (value: number): Tensor => scalarConstant(value, 'int32')
    return castTensor(addT(whole(start), mulT(iotaT(count), whole(step))), dtype) as never
  }
  return castTensor(addT(wide(start), mulT(counted(count), wide(step))), dtype) as never
}

/**
 * Coordinates of a grid: each vector spread over the extents of all. With `xy` (the default, as in NumPy) the first two
 * axes are those of the second and the first vector, with `ij` axes have the order of the vectors.
 */
export function meshgrid<X extends Tensor>(
  vectors: readonly X[],
  options: { readonly indexing?: 'xy' | 'ij' } = {},
): Tensor<Shape, X['dtype']>[] {
  checkKeys('meshgrid', options, ['indexing'])
  const { indexing = 'xy' } = options
  checkOneOf('meshgrid', 'indexing', indexing, ['xy', 'ij'])
  if (!Array.isArray(vectors)) throw new GraphError('meshgrid: a list of vectors is needed')
  const order = vectors.map((_, i) => (indexing === 'xy' && i < 2 && vectors.length > 1 ? 1 - i : i))
  const shape = order.map((i) => extentOf(vectors[i]))
  return vectors.map((v, i) => {
    const along = shape.map((d, axis) => (order[axis] === i ? d : 1))
    return broadcastT(reshapeT(v, along), shape) as never
  })
}

function extentOf(v: Tensor): number {
  requireTensor('meshgrid', v)
  if (v.shape.length !== 1) throw explained('meshgrid', `vectors are needed, got the shape ${showShape(v.shape)}`, [v])
  return v.shape[0]!
}

/** Options of window functions such as `hannWindow`. */
export interface WindowOptions<D extends DType> extends DTypeOption<D> {
  /** Whether the window is one period, for spectra (the default), or symmetric, for filters. */
  readonly periodic?: boolean
}
type WindowFloat = 'float32' | 'float64'

/** 1/2 - 1/2 cos(2 pi i / n), the window of Hann, in n values: constant data. For a symmetric window the divisor is n - 1. */
export const hannWindow = <const N extends number, const D extends WindowFloat = 'float32'>(
  n: N,
  options: WindowOptions<D> = {},
): Tensor<[N], D> => cosineWindow('hannWindow', n, 0.5, options)

/** 0.54 - 0.46 cos(2 pi i / n), the window of Hamming, in n values: constant data. For a symmetric window the divisor is n - 1. */
export const hammingWindow = <const N extends number, const D extends WindowFloat = 'float32'>(
  n: N,
  options: WindowOptions<D> = {},
): Tensor<[N], D> => cosineWindow('hammingWindow', n, 0.54, options)

function cosineWindow(op: string, n: number, mean: number, options: WindowOptions<DType>): never {
  checkKeys(op, options, ['periodic', 'dtype'])
  checkFlags(op, options, ['periodic'])
  const { periodic = true, dtype = 'float32' } = options
  checkNumber(op, 'n', n, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  requireFloat(op, dtype)
  const data = newData(dtype, n)
  data.set(cosineWindowOf(n, mean, periodic))
  return dataConstant(data, { dtype, shape: [n] }) as never
}
