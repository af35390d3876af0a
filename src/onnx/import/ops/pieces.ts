import { concat, pad, slice, split, tile } from '../../../api/arrange'
import type { Tensor } from '../../../ir/tensor'
import { showShape } from '../../../ir/type'
import { countTo } from '../../../ir/count-to'
import type { NodeCall, OnnxOps } from '../node-call'
import { allOf } from './operands'

function joined(call: NodeCall): Tensor {
  const parts = allOf(call)
  const axis = call.attributes.int('axis') ?? call.fail('needs an axis')
  return concat(parts, { axis: call.axis(axis, parts[0].shape.length) })
}

/** Extents that are given, or equal ones: of `num_outputs` parts the last may be smaller. */
function parts(call: NodeCall): Tensor[] {
  const x = call.input(0)
  const axis = call.axis(call.attributes.int('axis', 0), x.shape.length)
  const given = call.wholesBefore(13, 'split', 1)
  const wanted = call.opset < 18 ? undefined : call.attributes.int('num_outputs')
  if (given && wanted !== undefined) call.fail('has both extents and num_outputs')
  return split(x, given ?? equalParts(call, x.shape[axis]!, wanted), { axis })
}

function equalParts(call: NodeCall, extent: number, wanted: number | undefined): readonly number[] {
  const count = wanted ?? call.outputCount
  const most = Math.ceil(extent / count)
  const last = extent - most * (count - 1)
  if (!(count >= 1) || last < 0 || (wanted === undefined && last !== most))
    call.fail(`an extent of ${extent} has no ${count} ${wanted === undefined ? 'equal ' : ''}parts`)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : most))
}

function sliced(call: NodeCall): Tensor {
  const x = call.input(0)
  const [starts, ends, axes, steps] =
    call.opset < 10
      ? [call.attributes.ints('starts'), call.attributes.ints('ends'), call.attributes.ints('axes'), undefined]
      : [call.wholes(1), call.wholes(2), call.optionalWholes(3), call.optionalWholes(4)]
  if (!starts || !ends) return call.fail('needs starts and ends')
  const along = call.axes(axes ?? starts.map((_, i) => i), x.shape.length)
  for (const list of [ends, along, steps ?? along])
    if (list.length !== starts.length) call.fail(`${starts.length} starts and ${list.length} of another kind`)
  return slice(
    x,
    x.shape.map((_, axis) => {
      const i = along.indexOf(axis)
      if (i < 0) return null
      const step = steps?.[i] ?? 1
      if (step === 0) return call.fail('a step of 0 goes nowhere')
      if (step > 0 || x.shape[axis] === 0) return { start: starts[i]!, end: ends[i]!, step }
      // Backwards, unlike Python, what begins before the first element begins there.
      const extent = x.shape[axis]!
      const from0 = (p: number): number => (p < 0 ? p + extent : p)
      const start = Math.min(Math.max(from0(starts[i]!), 0), extent - 1)
      const end = from0(ends[i]!)
      return end < 0 ? { start, step } : { start, end, step }
    }),
  )
}

type Widths = readonly (readonly [before: number, after: number])[]

/** Widths for each axis: those before all of them, then those after; since version 18 of some axes. */
function widthsOf(call: NodeCall, rank: number): Widths {
  const pads = call.wholesBefore(11, 'pads', 1) ?? call.fail('needs pads')
  const given = call.opset < 18 ? undefined : call.optionalWholes(3)
  const axes = given ? call.axes(given, rank) : countTo(rank)
  if (pads.length !== 2 * axes.length) call.fail(`${pads.length} pads for ${axes.length} axes`)
  return Array.from({ length: rank }, (_, axis) => {
    const i = axes.indexOf(axis)
    return i < 0 ? [0, 0] : [pads[i]!, pads[i + axes.length]!]
  })
}

function padded(call: NodeCall): Tensor {
  const x = call.input(0)
  const widths = widthsOf(call, x.shape.length)
  const mode = call.attributes.text('mode', 'constant')
  const value = call.opset < 11 ? call.attributes.float('value', 0) : (call.optionalNumber(2) ?? 0)
  if (mode === 'constant') return pad(cropped(call, x, widths), grown(widths), { value })
  if (widths.flat().some((width) => width < 0)) call.refuse(`a negative width in mode ${mode}`)
  const added = x.shape.flatMap((extent, i) => (widths[i]!.some((width) => width > 0) ? [extent] : []))
  if (added.includes(0)) call.fail(`${showShape(x.shape)} has nothing to fill a border with`)
  if (mode === 'wrap' && call.opset >= 19) return wrapped(x, widths)
  if (mode !== 'reflect' && mode !== 'edge') return call.fail(`mode is ${mode}`)
  if (mode === 'reflect' && widths.some(([before, after], i) => Math.max(before, after) >= Math.max(x.shape[i]!, 1)))
    call.refuse('a reflected border as wide as the tensor')
  return pad(x, widths, { mode })
}

const grown = (widths: Widths): Widths => widths.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)])

/** Without what negative widths take away. */
function cropped(call: NodeCall, x: Tensor, widths: Widths): Tensor {
  if (widths.flat().every((width) => width >= 0)) return x
  return slice(
    x,
    x.shape.map((extent, i) => {
      const [before, after] = widths[i]!.map((width) => Math.max(-width, 0)) as [number, number]
      if (before + after > extent) call.refuse(`taking ${before + after} away from an extent of ${extent}`)
      return { start: before, end: extent - after }
    }),
  )
}

/** A part of as many copies as are needed. */
function wrapped(x: Tensor, widths: Widths): Tensor {
  const starts = x.shape.map((extent, i) => (widths[i]![0] === 0 ? 0 : (extent - (widths[i]![0] % extent)) % extent))
  const sizes = x.shape.map((extent, i) => extent + widths[i]![0] + widths[i]![1])
  const copies = tile(
    x,
    x.shape.map((extent, i) => (extent === 0 ? 1 : Math.ceil((starts[i]! + sizes[i]!) / extent))),
  )
  return slice(
    copies,
    sizes.map((size, i) => ({ start: starts[i]!, end: starts[i]! + size })),
  )
}

/** Tensors put together and taken apart. */
export const PIECES: OnnxOps = { Concat: joined, Split: parts, Slice: sliced, Pad: padded }
