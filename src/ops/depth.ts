import { GraphError } from '../ir/errors'
import { showShape } from '../ir/type'
import { composite } from './composite'
import { reshapeT, transposeT } from './view'

/** The order of channels: block positions before the channels of the result (DCR), or after them (CRD). */
export type DepthMode = 'DCR' | 'CRD'
export interface DepthAttrs {
  readonly block: number
  readonly mode: DepthMode
  readonly rows: number
  readonly columns: number
  readonly channels: number
}
/** Channels as blocks of block by block elements. Source: ONNX DepthToSpace. */
export const depthToSpaceOp = composite<'depthToSpace', DepthAttrs>('depthToSpace', {
  check: ([x], { block, channels }) => {
    if (x!.shape[channels]! % (block * block) !== 0)
      throw new GraphError(
        `${x!.shape[channels]} channels of ${showShape(x!.shape)} are no multiple of ${block * block}, the square of the block size ${block}`,
      )
  },
  expand: ([x], attrs) => {
    const { block, mode, rows, columns, channels } = attrs
    const kept = x!.shape[channels]! / (block * block)
    // Each axis is split into what it becomes a part of; the parts are then brought together.
    const parts = x!.shape.map((d, i) =>
      i !== channels ? [d] : mode === 'DCR' ? [block, block, kept] : [kept, block, block],
    )
    const at = x!.shape.map((_, i) => parts.slice(0, i).flat().length)
    const c = at[channels]!
    const [up, across, depth] = mode === 'DCR' ? [c, c + 1, c + 2] : [c + 1, c + 2, c]
    const order = x!.shape.flatMap((_, i) =>
      i === channels ? [depth] : i === rows ? [at[i]!, up] : i === columns ? [at[i]!, across] : [at[i]!],
    )
    const shape = x!.shape.map((d, i) => (i === channels ? kept : i === rows || i === columns ? d * block : d))
    return reshapeT(transposeT(reshapeT(x!, parts.flat()), order), shape)
  },
})

/** Blocks of block by block elements as channels, the inverse of depthToSpace. Source: ONNX SpaceToDepth. */
export const spaceToDepthOp = composite<'spaceToDepth', DepthAttrs>('spaceToDepth', {
  check: ([x], { block, rows, columns }) => {
    for (const axis of [rows, columns])
      if (x!.shape[axis]! % block !== 0)
        throw new GraphError(`axis ${axis} of ${showShape(x!.shape)} does not divide into blocks of ${block}`)
  },
  expand: ([x], { block, mode, rows, columns, channels }) => {
    const parts = x!.shape.map((d, i) => (i === rows || i === columns ? [d / block, block] : [d]))
    const at = x!.shape.map((_, i) => parts.slice(0, i).flat().length)
    const inner = [at[rows]! + 1, at[columns]! + 1]
    const deep = mode === 'DCR' ? [...inner, at[channels]!] : [at[channels]!, ...inner]
    const order = x!.shape.flatMap((_, i) => (i === channels ? deep : [at[i]!]))
    const shape = x!.shape.map((d, i) =>
      i === channels ? d * block * block : i === rows || i === columns ? d / block : d,
    )
    return reshapeT(transposeT(reshapeT(x!, parts.flat()), order), shape)
  },
})
