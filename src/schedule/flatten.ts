import { addScaled, type Affine, type AxisMap, axisIndex, constIndex, flatten, rangeOf, substitute } from '../ir/affine'
import type { Accumulator } from '../ir/block'
import type { Param } from '../ir/loop'
import type { Buffer, Plan, PlannedKernel } from '../ir/plan'
import { indexValue, type Load, mapScalars, mostOf, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { isEmpty, sizeOf, stridesOf } from '../ir/type'
import { longAxes } from '../lower/form'
import type { FlatKernel } from './flat'

/** Where tensors lie. */
export interface Placing {
  readonly place: Plan['place']
  readonly shifts?: Plan['shifts']
  readonly strides?: Plan['strides']
}
const NO_SHIFTS: Plan['shifts'] = new Map()
const NO_STRIDES: Plan['strides'] = new Map()

/** Replaces loads and stores of tensors by positions in buffers. */
export function flattenKernel(
  { fused, stores, workspace }: PlannedKernel,
  { place, shifts = NO_SHIFTS, strides = NO_STRIDES }: Placing,
  partial: 'guarded' | 'clamped' = 'guarded',
): FlatKernel {
  const params = new Map<Buffer, Param>()
  const written = new Set(stores.values())
  const param = (buffer: Buffer): Param => {
    const known = params.get(buffer)
    if (known) return known
    const made: Param = { buffer, access: written.has(buffer) || buffer === workspace ? 'update' : 'read' }
    params.set(buffer, made)
    return made
  }
  const { tensor, value } = fused.values[0]!
  if (tensor.op.kind === 'loops' && value.kind === 'call') {
    const operands = value.args.map((s) => param(place.get((s as Load).from)!))
    const result = param(stores.get(tensor)!)
    const { inputs, attrs } = tensor
    const more = workspace ? { workspace: param(workspace) } : {}
    // Where there are no results, loops may still have steps before and between those that would write them.
    const loops = isEmpty(tensor) ? [] : tensor.op.loops({ inputs, output: tensor, attrs, operands, result, ...more })
    return { axes: [], reduceAxes: [], accumulators: [], stores: [], values: [], params: [...params.values()], loops }
  }
  const stridesIn = (t: Tensor): readonly number[] => strides.get(t) ?? stridesOf(t.shape)
  const moved = (index: Affine, t: Tensor): Affine => {
    const shift = shifts.get(t)
    return shift ? addScaled(index, shift, 1) : index
  }
  const drop: AxisMap = new Map(
    [...fused.axes, ...(fused.reduce?.axes ?? [])].filter((a) => a.extent === 1).map((a) => [a, constIndex(0)]),
  )
  const element = (s: Scalar): Scalar | undefined => {
    if (s.kind === 'axis') return drop.has(s.axis) ? indexValue(constIndex(0)) : undefined
    if (s.kind !== 'load') return undefined
    const buffer = place.get(s.from)!
    const own = substitute(s.flat ? s.index[0]! : flatten(s.index, stridesIn(s.from)), drop)
    const index = moved(own, s.from)
    const [low, high] = rangeOf(index)
    const made: Scalar = {
      kind: 'element',
      dtype: s.dtype,
      from: param(buffer),
      at: { index, ...(s.offset ? { offset: s.offset } : {}) },
      lanes: 1,
    }
    const most = high + (s.offset ? mostOf(s.offset) : 0)
    return low < 0 || most >= buffer.size ? { ...made, partial } : made
  }
  const memo = new Map<Scalar, Scalar>()
  const convert = (s: Scalar): Scalar => mapScalars([s], element, memo)[0]!
  const renewed = new Map<Accumulator, Accumulator>()
  for (const a of fused.reduce?.accumulators ?? [])
    renewed.set(a, { ...a, body: convert(a.body), ...(a.of ? { of: renewed.get(a.of)! } : {}) })
  const follow = (s: Scalar): Scalar | undefined => (s.kind === 'acc' ? { ...s, of: renewed.get(s.of)! } : element(s))
  const values = fused.values.map(({ tensor, value }) => ({ tensor, value: mapScalars([value], follow, memo)[0]! }))
  const axes = longAxes(fused.axes)
  // Tensors of one kernel may differ in where their extents of 1 are.
  const pointOf = ({ shape }: Tensor): Affine[] => {
    let next = 0
    return shape.map((extent) => (extent === 1 ? constIndex(0) : axisIndex(axes[next++]!)))
  }
  const { scatter } = fused
  const falls = scatter && { ...scatter, offset: convert(scatter.offset) }
  const wanted = new Set(fused.outputs.map((o) => o.tensor))
  return {
    axes,
    reduceAxes: longAxes(fused.reduce?.axes ?? []),
    accumulators: [...renewed.values()],
    values,
    stores: values.flatMap(({ tensor, value }) =>
      wanted.has(tensor)
        ? [
            scatter
              ? {
                  tensor,
                  value,
                  to: param(stores.get(tensor)!),
                  at: moved(substitute(scatter.at, drop), tensor),
                  scatter: { ...falls!, start: moved(constIndex(0), tensor), size: sizeOf(tensor.shape) },
                }
              : {
                  tensor,
                  value,
                  to: param(stores.get(tensor)!),
                  at: moved(flatten(pointOf(tensor), stridesIn(tensor)), tensor),
                },
          ]
        : [],
    ),
    params: [...params.values()],
  }
}
