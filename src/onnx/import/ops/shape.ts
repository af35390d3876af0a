import { expandDims, squeeze, tile } from '../../../api/arrange'
import { identity } from '../../../api/elementary-more'
import { depthToSpace, spaceToDepth } from '../../../api/image'
import { cast } from '../../../api/math'
import { broadcastTo, reshape, transpose } from '../../../api/shape'
import { tril, triu } from '../../../api/triangles'
import type { Tensor } from '../../../ir/tensor'
import { broadcastShapes, showShape, sizeOf } from '../../../ir/type'
import { dtypeOfElement } from '../../types'
import type { NodeCall, OnnxOps } from '../node-call'

/** An extent of 0 is that of x, unless `allowzero` says that it is none; one of -1 follows from the others. */
function reshaped(call: NodeCall): Tensor {
  const [x, wanted] = [call.input(0), call.wholes(1)]
  const keepsZero = call.attributes.flag('allowzero')
  const shape = wanted.map((extent, i) =>
    extent === 0 && !keepsZero ? (x.shape[i] ?? call.fail(`there is no extent ${i} in ${showShape(x.shape)}`)) : extent,
  )
  const open = shape.indexOf(-1)
  if (open >= 0) {
    const others = sizeOf(shape.filter((_, i) => i !== open))
    if (others === 0) call.fail(`-1 of ${showShape(wanted)} may be any number`)
    shape[open] = sizeOf(x.shape) / others
  }
  if (!shape.every((extent) => Number.isInteger(extent) && extent >= 0) || sizeOf(shape) !== sizeOf(x.shape))
    call.fail(`${showShape(x.shape)} does not fit ${showShape(wanted)}`)
  return reshape(x, shape)
}

/** A matrix: all axes before one, and all from it on. */
function flattened(call: NodeCall): Tensor {
  const x = call.input(0)
  const axis = call.attributes.int('axis', 1)
  const from = axis === x.shape.length ? axis : call.axis(axis, x.shape.length)
  return reshape(x, [sizeOf(x.shape.slice(0, from)), sizeOf(x.shape.slice(from))])
}

function squeezed(call: NodeCall): Tensor {
  const x = call.input(0)
  const axes = call.wholesBefore(13, 'axes', 1)
  if (!axes) return squeeze(x)
  const single = call.axes(axes, x.shape.length)
  const wide = single.find((axis) => x.shape[axis] !== 1)
  return wide === undefined ? squeeze(x, single) : call.fail(`axis ${wide} of ${showShape(x.shape)} is not 1`)
}

function unsqueezed(call: NodeCall): Tensor {
  const x = call.input(0)
  const axes = call.wholesBefore(13, 'axes', 1) ?? call.fail('needs axes')
  return expandDims(x, call.axes(axes, x.shape.length + axes.length))
}

function transposed(call: NodeCall): Tensor {
  const x = call.input(0)
  const order = call.attributes.ints('perm')
  if (!order) return transpose(x)
  if (order.length !== x.shape.length || ![...order].sort((a, b) => a - b).every((axis, i) => axis === i))
    call.fail(`perm ${showShape(order)} is no order of the axes of ${showShape(x.shape)}`)
  return transpose(x, order)
}

/** To a shape that broadcasts with that of x: either may have extents of 1. */
function expanded(call: NodeCall): Tensor {
  const [x, wanted] = [call.input(0), call.wholes(1)]
  const shape = broadcastShapes(x.shape, wanted)
  return shape ? broadcastTo(x, shape) : call.fail(`${showShape(x.shape)} does not go with ${showShape(wanted)}`)
}

function tiled(call: NodeCall): Tensor {
  const [x, repeats] = [call.input(0), call.wholes(1)]
  if (repeats.length !== x.shape.length) call.fail(`${repeats.length} repeats for ${showShape(x.shape)}`)
  return tile(x, repeats)
}

function triangle(call: NodeCall): Tensor {
  const [x, offset] = [call.input(0), call.optionalNumber(1) ?? 0]
  return call.attributes.flag('upper', true) ? triu(x, { offset }) : tril(x, { offset })
}

function depthBlock(call: NodeCall): number {
  return call.attributes.int('blocksize') ?? call.fail('needs a blocksize')
}

function toSpace(call: NodeCall): Tensor {
  const mode = call.attributes.text('mode', 'DCR')
  if (mode !== 'DCR' && mode !== 'CRD') return call.fail(`mode is ${mode}, neither DCR nor CRD`)
  return depthToSpace(call.input(0), depthBlock(call), { mode, dataFormat: 'channelsFirst' })
}

/** float8, to which `saturate` belongs, is refused. */
function converted(call: NodeCall): Tensor {
  call.attributes.ignore('saturate')
  return cast(call.input(0), dtypeOfElement(call.attributes.int('to')))
}

/** The same values in another shape, order or dtype. */
export const SHAPE: OnnxOps = {
  Reshape: reshaped,
  Flatten: flattened,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Transpose: transposed,
  Expand: expanded,
  Tile: tiled,
  Trilu: triangle,
  DepthToSpace: toSpace,
  SpaceToDepth: (call) => spaceToDepth(call.input(0), depthBlock(call), { dataFormat: 'channelsFirst' }),
  Identity: (call) => identity(call.input(0)),
  Cast: converted,
  CastLike: (call) => {
    call.attributes.ignore('saturate')
    return cast(call.input(0), call.input(1).dtype)
  },
}
