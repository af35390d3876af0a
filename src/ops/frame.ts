import { addScaled } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { spliced } from './axes'
import { addT } from './arith'
import { padT, partT } from './pieces'
import { reshapeT } from './view'

export interface FrameAttrs {
  readonly axis: number
  /** How many elements a frame holds, how far apart frames start, and how many there are. */
  readonly size: number
  readonly step: number
  readonly count: number
}

/** Windows along an axis, which may overlap: [n] becomes [count, size], element [i, t] being that at step i + t. */
export const frameOp: Op<'frame', FrameAttrs> = {
  name: 'frame',
  kind: 'point',
  infer: ([x], { axis, size, step, count }) => {
    const extent = x!.shape[axis]!
    if (count < 1 || size < 1 || step < 1 || step * (count - 1) + size > extent)
      throw new GraphError(
        `${count} frames of ${size}, ${step} apart, do not fit axis ${axis} of ${showShape(x!.shape)}`,
      )
    return { dtype: x!.dtype, shape: spliced(x!.shape, axis, 1, count, size) }
  },
  vjp: ({ inputs: [x], cotangent, attrs }) => [overlapT(cotangent, attrs, x!.shape[attrs.axis]!)],
  lower: ({ index, attrs: { axis, step }, read }) => ({
    value: read(0, spliced(index, axis, 2, addScaled(index[axis + 1]!, index[axis]!, step))),
  }),
  formula: ([x], { size, step }) => callF('frame', [x!], size, `step ${step}`),
}
export const frameT = (x: Tensor, attrs: FrameAttrs): Tensor => apply(frameOp, [x], attrs)

/** Frames added up where they came from: frames cut into lengths of a step lie side by side, one length after another. */
export function overlapT(g: Tensor, { axis, size, step, count }: FrameAttrs, extent: number): Tensor {
  const at = (i: number, n: number): number[] => g.shape.map((_, k) => (k === i ? n : 0))
  const lengths = Math.ceil(size / step)
  const full = padT(g, at(-1, 0), at(axis + 1, lengths * step - size), 0)
  const total = Array.from({ length: lengths }, (_, c) => {
    const length = partT(full, axis + 1, c * step, step)
    const line = reshapeT(length, spliced(g.shape, axis, 2, count * step))
    const border = (n: number): number[] => line.shape.map((_, k) => (k === axis ? n : 0))
    const beyond = extent - (c + count) * step
    // The last length of a frame may reach beyond the end; there it is zero.
    const inside = beyond < 0 ? partT(line, axis, 0, line.shape[axis]! + beyond) : line
    return padT(inside, border(c * step), border(Math.max(0, beyond)), 0)
  })
  return total.reduce((a, b) => addT(a, b))
}
