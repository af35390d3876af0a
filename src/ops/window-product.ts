import { addScaled, type Affine, axisIndex, constIndex, flatten } from '../ir/affine'
import type { Axis } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, infixF } from '../ir/formula'
import type { Op } from '../ir/op'
import { call } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isEmpty, showShape, stridesOf, type TensorType } from '../ir/type'
import { sameDtype } from './elementwise'

/** Where an operand is read along one dimension: base + sum of coefficient * label. */
export interface LabelIndex {
  readonly base: number
  readonly terms: readonly (readonly [label: number, coefficient: number])[]
}

/** The index that a label is. */
export const plain = (label: number): LabelIndex => ({ base: 0, terms: [[label, 1]] })

/**
 * A sum of products whose operands are read at affine indices: `extents` gives the extent of each label, those that are
 * not in `out` are summed in the order in which they stand in `summed`.
 */
export interface WindowProductAttrs {
  readonly extents: readonly number[]
  readonly a: readonly LabelIndex[]
  readonly b: readonly LabelIndex[]
  readonly out: readonly number[]
  readonly summed: readonly number[]
  /** Where a third operand is read, an int32 that is added to the row-major position in the first: a gather. */
  readonly moved?: readonly LabelIndex[]
  /** What people call it. */
  readonly title: string
}

/**
 * The contraction that convolutions and their gradients are written in: their windows, strides, gaps, groups and layouts are
 * index arithmetic. Written by expansions only, which are differentiated before.
 */
export const windowProductOp: Op<'windowProduct', WindowProductAttrs> = {
  name: 'windowProduct',
  kind: 'point',
  vjp: null,
  infer: ([a, b, moved], attrs) => {
    const isAny = [...attrs.out, ...attrs.summed].every((label) => attrs.extents[label]! > 0)
    if (attrs.moved) {
      checkGathered(a!, isAny)
      checkInside(moved!.shape, attrs.moved, attrs.extents)
    } else checkInside(a!.shape, attrs.a, attrs.extents)
    checkInside(b!.shape, attrs.b, attrs.extents)
    return { dtype: sameDtype([a!, b!]), shape: attrs.out.map((label) => attrs.extents[label]!) }
  },
  lower: ({ inputs: [a], attrs, index, reduceAxis, read, readFlat }) => {
    const at = new Map(attrs.out.map((label, i) => [label, index[i]!]))
    const axes = attrs.summed.map((label): Axis => {
      const axis = reduceAxis(attrs.extents[label]!, 'k')
      at.set(label, axisIndex(axis))
      return axis
    })
    const left = attrs.moved
      ? readFlat(0, flatten(pointOf(attrs.a, at), stridesOf(a!.shape)), read(2, pointOf(attrs.moved, at)))
      : read(0, pointOf(attrs.a, at))
    const body = call('mul', left, read(1, pointOf(attrs.b, at)))
    const total = { combine: 'add', dtype: body.dtype, init: 0, body } as const
    return { value: { kind: 'acc', dtype: body.dtype, of: total }, reduce: { axes, accumulators: [total] } }
  },
  formula: ([a, b, at], { title }) => callF(title, [a!, at ? infixF('at', b!, at) : b!]),
}

const pointOf = (dims: readonly LabelIndex[], at: ReadonlyMap<number, Affine>): Affine[] =>
  dims.map(({ base, terms }) => terms.reduce((sum, [label, k]) => addScaled(sum, at.get(label)!, k), constIndex(base)))

/** What is gathered lies inside by the making of its offsets, if there is anything inside. */
function checkGathered(x: TensorType, isAny: boolean): void {
  if (isAny && isEmpty(x)) throw new GraphError(`nothing can be read from ${showShape(x.shape)}`)
}

/** No point reads outside of an operand. */
function checkInside(shape: readonly number[], dims: readonly LabelIndex[], extents: readonly number[]): void {
  dims.forEach(({ base, terms }, i) => {
    const reach = (sign: 1 | -1): number =>
      terms.reduce((sum, [label, k]) => sum + (k * sign > 0 ? k * Math.max(0, extents[label]! - 1) : 0), base)
    const isEmpty = terms.some(([label]) => extents[label] === 0)
    if (!isEmpty && (reach(-1) < 0 || reach(1) >= shape[i]!))
      throw new GraphError(`positions ${reach(-1)} to ${reach(1)} lie outside an axis of ${shape[i]}`)
  })
}

export const windowProductT = (a: Tensor, b: Tensor, attrs: WindowProductAttrs, moved?: Tensor): Tensor =>
  apply(windowProductOp, moved ? [a, b, moved] : [a, b], attrs)

/** Products that are added up where they fall: at an affine index of the result, moved by a third operand. */
export interface WindowScatterAttrs {
  readonly extents: readonly number[]
  /** Labels from the outermost loop to the innermost; the first is the first dimension of the result. */
  readonly labels: readonly number[]
  readonly a: readonly LabelIndex[]
  /** The second operand is read by row-major position. */
  readonly b: readonly LabelIndex[]
  readonly moved: readonly LabelIndex[]
  readonly to: readonly LabelIndex[]
  readonly shape: readonly number[]
  readonly title: string
}

/** The adjoint of a gather in a contraction. Written by rewriting only. */
export const windowScatterOp: Op<'windowScatter', WindowScatterAttrs> = {
  name: 'windowScatter',
  kind: 'point',
  vjp: null,
  infer: ([a, b, moved], { extents, labels, shape, ...at }) => {
    checkInside(a!.shape, at.a, extents)
    checkGathered(b!, labels.every((label) => extents[label]! > 0)) // prettier-ignore
    checkInside(moved!.shape, at.moved, extents)
    return { dtype: sameDtype([a!, b!]), shape }
  },
  lower: ({ inputs: [, b], attrs, reduceAxis, read, readFlat }) => {
    const axes = attrs.labels.map((label) => reduceAxis(attrs.extents[label]!, 'ijlmnopq'[attrs.labels.indexOf(label)]))
    const at = new Map(attrs.labels.map((label, i) => [label, axisIndex(axes[i]!)]))
    const right = readFlat(1, flatten(pointOf(attrs.b, at), stridesOf(b!.shape)))
    const strides = stridesOf(attrs.shape)
    return {
      value: call('mul', read(0, pointOf(attrs.a, at)), right),
      scatter: {
        combine: 'add',
        init: 0,
        axes,
        at: flatten(pointOf(attrs.to, at), strides),
        offset: read(2, pointOf(attrs.moved, at)),
        slab: strides[0]!,
        isSparse: true,
      },
    }
  },
  formula: ([a, b, at], { title }) => callF(title, [a!, infixF('at', b!, at!)]),
}
export const windowScatterT = (a: Tensor, b: Tensor, moved: Tensor, attrs: WindowScatterAttrs): Tensor =>
  apply(windowScatterOp, [a, b, moved], attrs)
