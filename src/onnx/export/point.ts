import type { Affine, Axis } from '../../ir/affine'
import type { Accumulator, Block, Combine, Scatter } from '../../ir/block'
import { flatten } from '../../ir/affine'
import { type Load, type Scalar, walk } from '../../ir/scalar'
import type { Tensor } from '../../ir/tensor'
import { broadcastShapes, sizeOf, stridesOf } from '../../ir/type'
import { lowerTensor, spaces } from '../../lower/lower'
import { FUNCTIONS, shapeOf } from './functions'
import { aligned, indexConstant, labelled } from './loads'
import { int, text, type Value } from './value'
import type { GraphWriter } from './writer'

/**
 * A tensor by what its op computes at a point: loads become slices and gathers at known positions, functions ops over
 * dimensions that stand for axes, accumulators reductions, and what is scattered is put where it falls.
 */
export function writePoint(to: GraphWriter, t: Tensor): Value {
  const block = lowerTensor(t, spaces())
  if (block.scatter) return writeScatter(to, t, block, block.scatter)
  const { reduce } = block
  const finished = new Map<Accumulator, Value>()
  if (reduce) {
    const axes = [...block.axes, ...reduce.axes]
    const points = new Points(to, axes, finished)
    for (const accumulator of reduce.accumulators)
      finished.set(accumulator, accumulated(points, accumulator, reduce.axes))
  }
  const value = new Points(to, block.axes, finished).valueOf(block.value)
  return to.expand(value, t.shape)
}

/** Values of scalars at all points of some axes. */
class Points {
  private readonly known = new Map<Scalar, Value>()

  constructor(
    readonly to: GraphWriter,
    readonly axes: readonly Axis[],
    private readonly finished: ReadonlyMap<Accumulator, Value>,
  ) {}

  /** Of a shape that broadcasts to the extents of the axes. */
  valueOf(root: Scalar): Value {
    for (const s of walk([root])) if (!this.known.has(s)) this.known.set(s, this.written(s))
    return this.known.get(root)!
  }

  /** Of the very shape of the axes. */
  whole(root: Scalar): Value {
    return this.to.expand(this.valueOf(root), this.extents)
  }

  get extents(): number[] {
    return this.axes.map((axis) => axis.extent)
  }

  private written(s: Scalar): Value {
    const { to } = this
    switch (s.kind) {
      case 'const':
        return to.number(s.value, s.dtype)
      case 'axis':
        return indexConstant(to, { base: 0, terms: new Map([[s.axis, 1]]) }, this.axes)
      case 'load':
        return this.loaded(s)
      case 'acc':
        return this.finished.get(s.of)!
      case 'call': {
        const write = FUNCTIONS[s.fn as keyof typeof FUNCTIONS]
        return write(to, s.args.map((a) => this.known.get(a)!), s.dtype) // prettier-ignore
      }
      default:
        throw new Error(`onnx: a ${s.kind} is in no graph`)
    }
  }

  private loaded({ from, index, flat, offset }: Load): Value {
    const { to } = this
    const x = to.valueOf(from)
    const found = flat ? undefined : labelled(to, x, index)
    if (found) return aligned(to, found, this.axes)
    const position = flat ? index[0]! : flatten(index, stridesOf(x.shape))
    const line = to.reshape(x, [sizeOf(x.shape)])
    const at = this.moved(position, offset)
    return to.node('Gather', [line, at], at.shape, { axis: int(0) })
  }

  /** An index plus what is computed. */
  moved(index: Affine, offset: Scalar | undefined): Value {
    const { to } = this
    const fixed = indexConstant(to, index, this.axes)
    if (offset === undefined) return fixed
    const by = this.valueOf(offset)
    if (index.terms.size === 0 && index.base === 0) return by
    return to.compute('Add', [fixed, by], shapeOf([fixed, by]))
  }
}

const REDUCTION: Readonly<Record<Exclude<Combine, 'arg'>, string>> = {
  add: 'ReduceSum',
  mul: 'ReduceProd',
  max: 'ReduceMax',
  min: 'ReduceMin',
}

/** Over the last axes; the result has one dimension for each of those in front. */
function accumulated(points: Points, accumulator: Accumulator, axes: readonly Axis[]): Value {
  const { to } = points
  const { combine, body, of } = accumulator
  if (combine === 'arg') return firstLargest(points, of!, axes)
  if (points.extents.includes(0)) return to.number(accumulator.init, body.dtype)
  const value = points.valueOf(body)
  const full = points.axes.map((axis) => (axes.includes(axis) ? axis.extent : 1))
  const whole = to.expand(value, broadcastShapes(value.shape, full)!)
  const lead = whole.shape.length - axes.length
  return to.reduce(REDUCTION[combine], whole, axes.map((_, i) => lead + i), false) // prettier-ignore
}

/** The row-major position of the first largest. */
function firstLargest(points: Points, { body }: Accumulator, axes: readonly Axis[]): Value {
  const { to } = points
  const whole = points.whole(body)
  const lead = whole.shape.slice(0, whole.shape.length - axes.length)
  const line = to.reshape(whole, [...lead, sizeOf(axes.map((axis) => axis.extent))])
  const attributes = { axis: int(lead.length), keepdims: int(0) }
  return to.cast(to.compute('ArgMax', [line], lead, attributes, 'int64'), 'int32')
}

function writeScatter(to: GraphWriter, t: Tensor, block: Block, scatter: Scatter): Value {
  const points = new Points(to, block.axes, new Map())
  const count = sizeOf(points.extents)
  const size = sizeOf(t.shape)
  const nothing = to.filled(scatter.init, t.dtype, [size])
  if (count === 0) return to.reshape(nothing, t.shape)
  if (scatter.combine !== 'add') to.file.need(18)
  const at = to.reshape(to.expand(points.moved(scatter.at, scatter.offset), points.extents), [count])
  const updates = to.reshape(points.whole(block.value), [count])
  const attributes = { axis: int(0), reduction: text(scatter.combine) }
  return to.reshape(to.node('ScatterElements', [nothing, at, updates], [size], attributes), t.shape)
}
