import { resize, type ResizeOptions } from '../../../api/image'
import { gather } from '../../../api/indexing'
import { constant } from '../../../api/leaf'
import { add, mul, where } from '../../../api/math'
import { tensordot } from '../../../api/products'
import { moveAxis } from '../../../api/rearrange'
import type { Tensor } from '../../../ir/tensor'
import { type Data, isFloat, newData } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'
import { cubic, kernelTaps, LINEAR, nearestTaps, POSITIONS, type ResizedAxis, ROUNDED, type Taps } from '../resize-taps'
import { MAX_ELEMENTS, requireSize } from '../size'

interface Form {
  readonly mode: string
  readonly coordinates: string
  readonly rounding: string
}

const MODES = ['nearest', 'linear', 'cubic']
const MANY_TAPS = 6

/** The axes that change, each with where its elements come from. */
function axesOf(call: NodeCall, x: Tensor): ResizedAxis[] {
  const rank = x.shape.length
  const some = call.opset >= 18 ? call.attributes.ints('axes') : undefined
  const axes = some ? call.axes(some, rank) : x.shape.map((_, i) => i)
  const list = (at: number): readonly number[] | undefined => {
    const stored = call.optionalValues(at)
    return stored && stored.data.length > 0 ? [...stored.data] : undefined
  }
  const [roi, scales, sizes] = call.opset < 11 ? [undefined, list(1), undefined] : [list(1), list(2), list(3)]
  const isNeeded = (values: readonly number[] | undefined, count: number, what: string): void => {
    if (values && values.length !== count) call.fail(`there are ${values.length} ${what}, ${count} are needed`)
  }
  if ((scales === undefined) === (sizes === undefined)) call.fail('either scales or sizes are needed')
  isNeeded(scales, axes.length, 'scales')
  isNeeded(sizes, axes.length, 'sizes')
  if (scales?.some((s) => !(s > 0))) call.fail(`the scales are [${scales.join(', ')}]`)
  const policy = call.opset >= 18 ? call.attributes.text('keep_aspect_ratio_policy', 'stretch') : 'stretch'
  const ratios = sizes?.map((size, i) => size / x.shape[axes[i]!]!)
  const common =
    ratios && policy !== 'stretch' ? (policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)) : undefined
  if (!['stretch', 'not_larger', 'not_smaller'].includes(policy)) call.fail(`the policy ${policy} is not known`)
  if (roi) isNeeded(roi, 2 * axes.length, 'numbers of roi')
  return x.shape.map((extent, axis) => {
    const i = axes.indexOf(axis)
    if (i < 0) return { extent, size: extent, scale: 1, roi: [0, 1] }
    const span = roi ? ([roi[i]!, roi[axes.length + i]!] as const) : ([0, 1] as const)
    if (scales) return { extent, size: sizeBy(extent, scales[i]!), scale: scales[i]!, roi: span }
    if (common !== undefined) return { extent, size: Math.floor(extent * common + 0.5), scale: common, roi: span }
    return { extent, size: sizes![i]!, scale: sizes![i]! / extent, roi: span }
  })
}

/** As exporters and runtimes have it: scales are float32, and so is the product. */
const sizeBy = (extent: number, scale: number): number => Math.floor(Math.fround(extent * scale))

function formOf(call: NodeCall): Form {
  const isOld = call.opset < 11
  const mode = call.attributes.text('mode', 'nearest')
  const coordinates = isOld ? 'asymmetric' : call.attributes.text('coordinate_transformation_mode', 'half_pixel')
  const rounding = isOld ? 'floor' : call.attributes.text('nearest_mode', 'round_prefer_floor')
  if (!MODES.includes(mode)) call.refuse(`mode ${JSON.stringify(mode)}`)
  if (!POSITIONS.has(coordinates)) call.refuse(`coordinate_transformation_mode ${JSON.stringify(coordinates)}`)
  if (!ROUNDED.has(rounding)) call.refuse(`nearest_mode ${JSON.stringify(rounding)}`)
  return { mode, coordinates, rounding }
}

function resized(call: NodeCall, x: Tensor, axes: readonly ResizedAxis[]): Tensor {
  const form = formOf(call)
  const excludesOutside = call.attributes.flag('exclude_outside')
  const isSmoothed = call.opset >= 18 && call.attributes.flag('antialias')
  const kernel = form.mode === 'cubic' ? cubic(call.attributes.float('cubic_coeff_a', -0.75)) : LINEAR
  const beyond = call.attributes.float('extrapolation_value', 0)
  call.attributes.ignore('cubic_coeff_a', 'nearest_mode')
  if (form.mode !== 'nearest' && !isFloat(x.dtype)) call.refuse(`mode ${form.mode} for ${x.dtype}`)
  if (axes.some(({ size }) => !(size >= 1)))
    call.fail(`the result would be [${axes.map(({ size }) => size).join(', ')}]`)
  if (x.shape.includes(0)) call.fail('operand 1 has no elements')
  requireSize(call, axes.map(({ size }) => size)) // prettier-ignore
  const own = excludesOutside || isSmoothed ? undefined : ownForm(form, axes)
  if (own) return resize(x, axes.slice(2).map(({ size }) => size), own) // prettier-ignore
  const isCrop = form.coordinates === 'tf_crop_and_resize'
  const outside: Tensor[] = []
  const made = axes.reduce((t, axis, i) => {
    if (axis.size === axis.extent && axis.scale === 1 && !isCrop) return t
    requireSize(call, [axis.size], MAX_ELEMENTS.known)
    const at = Float64Array.from({ length: axis.size }, (_, o) => POSITIONS.get(form.coordinates)!(o, axis))
    if (isCrop) outside.push(...beyondEdges(axis, at, i, axes.length))
    if (form.mode === 'nearest') return gather(t, indices(nearestTaps(axis, at, ROUNDED.get(form.rounding)!)), { axis: i }) // prettier-ignore
    return weighted(call, t, i, axis, kernelTaps(axis, at, kernel, { excludesOutside, isSmoothed }))
  }, x)
  return outside.reduce((t, mask) => where(mask, constant(beyond, { dtype: x.dtype }), t), made)
}

/** The form of our own function, which knows nothing of batches that change, where it says the same. */
function ownForm({ mode, coordinates, rounding }: Form, axes: readonly ResizedAxis[]): ResizeOptions | undefined {
  const ours = { half_pixel: 'halfPixel', align_corners: 'alignCorners', asymmetric: 'asymmetric' } as const
  const roundings = { floor: 'floor', ceil: 'ceil', round_prefer_floor: 'preferFloor', round_prefer_ceil: 'preferCeil' } as const // prettier-ignore
  const isExact = axes.every(({ extent, size, scale }) => extent * scale === size)
  const spatial = axes.length - 2
  const isFixed = axes.slice(0, 2).every(({ extent, size }) => extent === size)
  if (!isExact || !isFixed || mode === 'cubic' || spatial < 1 || spatial > 3 || !(coordinates in ours)) return undefined
  return {
    dataFormat: 'channelsFirst',
    interpolation: mode === 'nearest' ? 'nearest' : 'bilinear',
    coordinates: ours[coordinates as keyof typeof ours],
    ...(mode === 'nearest' ? { rounding: roundings[rounding as keyof typeof roundings] } : {}),
  }
}

const indices = ({ index }: Taps): Tensor<readonly number[], 'int32'> => constant(index, { shape: [index.length] })

function weighted(call: NodeCall, x: Tensor, axis: number, along: ResizedAxis, taps: readonly Taps[]): Tensor {
  if (taps.length > MANY_TAPS) return byMatrix(call, x, axis, along, taps)
  const shape = x.shape.map((_, i) => (i === axis ? along.size : 1))
  return taps
    .map((tap) => mul(gather(x, indices(tap), { axis }), constant(filled(x, tap.weight), { shape })))
    .reduce((a, b) => add(a, b))
}

/** Many taps are a matrix. */
function byMatrix(
  call: NodeCall,
  x: Tensor,
  axis: number,
  { extent, size }: ResizedAxis,
  taps: readonly Taps[],
): Tensor {
  requireSize(call, [extent, size], MAX_ELEMENTS.known)
  const matrix = newData(x.dtype, extent * size)
  for (const { index, weight } of taps)
    for (let o = 0; o < size; o++) matrix[index[o]! * size + o] = matrix[index[o]! * size + o]! + weight[o]!
  const made = tensordot(x, constant(matrix, { shape: [extent, size] }), [[axis], [0]])
  return moveAxis(made, -1, axis)
}

const filled = ({ dtype }: Tensor, values: Float64Array): Data => {
  const data = newData(dtype, values.length)
  data.set(values)
  return data
}

/** Where positions lie beyond the operand along an axis; nothing where none does. */
function beyondEdges({ extent, size }: ResizedAxis, at: Float64Array, axis: number, rank: number): Tensor[] {
  const mask = Uint8Array.from(at, (position) => (position < 0 || position > extent - 1 ? 1 : 0))
  if (!mask.includes(1)) return []
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? size : 1))
  return [constant(mask, { shape, dtype: 'bool' })]
}

/** What Resize was before opset 10. */
function upsample(call: NodeCall): Tensor {
  const x = call.input(0)
  if (call.opset >= 9) return resized(call, x, axesOf(call, x))
  const scales = call.attributes.floats('scales') ?? call.fail('the attribute scales is missing')
  if (scales.length !== x.shape.length) call.fail(`there are ${scales.length} scales, ${x.shape.length} are needed`)
  const axes = scales.map((scale, i) => ({ extent: x.shape[i]!, size: sizeBy(x.shape[i]!, scale), scale, roi: [0, 1] as const })) // prettier-ignore
  return resized(call, x, axes)
}

/** Images at another size. */
export const RESIZING: OnnxOps = {
  Resize: (call) => resized(call, call.input(0), axesOf(call, call.input(0))),
  Upsample: upsample,
}
