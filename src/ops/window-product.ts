import { addScaled, type Affine, axisIndex, constIndex } from '../ir/affine'
import type { Axis } from '../ir/affine'
import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { call } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { sameDtype } from './elementwise'

/** Where an operand is read along one dimension: base + sum of coefficient * label. */
export interface LabelIndex {
  readonly base: number
  readonly terms: readonly (readonly [label: number, coefficient: number])[]
}

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
  infer: ([a, b], attrs) => {
    checkInside(a!.shape, attrs.a, attrs.extents)
    checkInside(b!.shape, attrs.b, attrs.extents)
    return { dtype: sameDtype([a!, b!]), shape: attrs.out.map((label) => attrs.extents[label]!) }
  },
  lower: ({ attrs, index, reduceAxis, read }) => {
    const at = new Map(attrs.out.map((label, i) => [label, index[i]!]))
    const axes = attrs.summed.map((label): Axis => {
      const axis = reduceAxis(attrs.extents[label]!, 'k')
      at.set(label, axisIndex(axis))
      return axis
    })
    const point = (dims: readonly LabelIndex[]): Affine[] =>
      dims.map(({ base, terms }) =>
        terms.reduce((sum, [label, k]) => addScaled(sum, at.get(label)!, k), constIndex(base)),
      )
    const body = call('mul', read(0, point(attrs.a)), read(1, point(attrs.b)))
    const total = { combine: 'add', dtype: body.dtype, init: 0, body } as const
    return { value: { kind: 'acc', dtype: body.dtype, of: total }, reduce: { axes, accumulators: [total] } }
  },
  formula: ([a, b], { title }) => `${title}(${a}, ${b})`,
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

export const windowProductT = (a: Tensor, b: Tensor, attrs: WindowProductAttrs): Tensor =>
  apply(windowProductOp, [a, b], attrs)
