import { addScaled, type Affine, constIndex, flatten } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, transposeF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showShape, sizeOf, stridesOf } from '../ir/type'

export interface ReshapeAttrs {
  readonly shape: readonly number[]
}

/**
 * The same elements in row-major order under another shape. Where both shapes refine each other by splitting only, the
 * index stays affine and the reshape costs nothing anywhere; otherwise the operand is read by row-major position, which
 * asks for a buffer.
 */
export const reshapeOp: Op<'reshape', ReshapeAttrs> = {
  name: 'reshape',
  kind: 'point',
  movesGradient: true,
  infer: ([x], { shape }) => {
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new GraphError(
        `${showShape(x!.shape)} has ${sizeOf(x!.shape)} elements, ${showShape(shape)} has ${sizeOf(shape)}`,
      )
    }
    return { dtype: x!.dtype, shape }
  },
  vjp: ({ inputs: [x], cotangent }) => [reshapeT(cotangent, x!.shape)],
  lower: ({ inputs: [x], output, index, read, readFlat }) => {
    const split = splitIndex(x!.shape, output.shape, index)
    return { value: split ? read(0, split) : readFlat(0, flatten(index, stridesOf(output.shape))) }
  },
  formula: ([x], { shape }) => callF('reshape', [x!], shape),
}

/** Index into `from` for a point of `to`, where every dimension of `from` is a product of whole dimensions of `to`. */
function splitIndex(from: readonly number[], to: readonly number[], index: readonly Affine[]): Affine[] | undefined {
  const within = (position: Affine, axis: number): Affine =>
    to[axis] === 1 ? position : addScaled(index[axis]!, position, to[axis]!)
  return axesWithin(from, to)?.map((axes) => axes.reduce(within, constIndex(0)))
}

/** The axes of a finer shape that each axis of a shape is the product of; undefined where one is none of whole axes. */
export function axesWithin(shape: readonly number[], finer: readonly number[]): number[][] | undefined {
  const axes: number[][] = []
  let next = 0
  for (const extent of shape) {
    const own: number[] = []
    let covered = 1
    while (next < finer.length && (covered < extent || finer[next] === 1)) {
      covered *= finer[next]!
      own.push(next++)
    }
    if (covered !== extent) return undefined
    axes.push(own)
  }
  return finer.slice(next).every((d) => d === 1) ? axes : undefined
}

export const reshapeT = (x: Tensor, shape: readonly number[]): Tensor =>
  sameShape(x.shape, shape) ? x : apply(reshapeOp, [x], { shape })

export interface TransposeAttrs {
  readonly permutation: readonly number[]
}

/** Dimension i of the result is dimension permutation[i] of the operand. */
export const transposeOp: Op<'transpose', TransposeAttrs> = {
  name: 'transpose',
  kind: 'point',
  movesGradient: true,
  infer: ([x], { permutation }) => {
    const rank = x!.shape.length
    const legal =
      permutation.length === rank && new Set(permutation).size === rank && permutation.every((p) => p in x!.shape)
    if (!legal) throw new GraphError(`permutation ${showShape(permutation)} does not fit shape ${showShape(x!.shape)}`)
    return { dtype: x!.dtype, shape: permutation.map((p) => x!.shape[p]!) }
  },
  vjp: ({ cotangent, attrs: { permutation } }) => [
    transposeT(
      cotangent,
      permutation.map((_, i) => permutation.indexOf(i)),
    ),
  ],
  lower: ({ index, attrs: { permutation }, read }) => ({
    value: read(
      0,
      permutation.map((_, i) => index[permutation.indexOf(i)]!),
    ),
  }),
  formula: ([x], { permutation }) => (swapsLast(permutation) ? transposeF(x!) : callF('transpose', [x!], permutation)),
}
export const transposeT = (x: Tensor, permutation: readonly number[]): Tensor =>
  apply(transposeOp, [x], { permutation })

/** The last two axes change places and the others stay. */
const swapsLast = (permutation: readonly number[]): boolean => {
  const rank = permutation.length
  return rank >= 2 && permutation.every((p, i) => p === (i < rank - 2 ? i : 2 * rank - 3 - i))
}

/** A function of the last axis applied along another; the result has as many dimensions as x, the others where they were. */
export function alongLast(x: Tensor, axis: number, of: (x: Tensor) => Tensor): Tensor {
  const last = x.shape.length - 1
  if (axis === last) return of(x)
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
  const permutation = [...others, axis]
  const back = x.shape.map((_, i) => permutation.indexOf(i))
  return transposeT(of(transposeT(x, permutation)), back)
}

/** An axis in front of the others, which keep their order. */
export function toFrontT(x: Tensor, axis: number): Tensor {
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
  return axis === 0 ? x : transposeT(x, [axis, ...others])
}

/** The first axis at another place, the others in their order. */
export function fromFrontT(x: Tensor, axis: number): Tensor {
  const order = x.shape.slice(1).map((_, i) => i + 1)
  return axis === 0 ? x : transposeT(x, order.toSpliced(axis, 0, 0))
}

export interface FlipAttrs {
  readonly axes: readonly number[]
}

/** Reverses the order along the given axes. */
export const flipOp: Op<'flip', FlipAttrs> = {
  name: 'flip',
  kind: 'point',
  movesGradient: true,
  infer: ([x]) => x!,
  vjp: ({ cotangent, attrs }) => [apply(flipOp, [cotangent], attrs)],
  lower: ({ output, index, attrs: { axes }, read }) => ({
    value: read(
      0,
      index.map((a, i) => (axes.includes(i) ? addScaled(constIndex(output.shape[i]! - 1), a, -1) : a)),
    ),
  }),
  formula: ([x], { axes }) => callF('flip', [x!], axes),
}
