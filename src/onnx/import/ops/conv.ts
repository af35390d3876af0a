import { pad, slice } from '../../../api/arrange'
import { conv1d, conv2d, conv3d } from '../../../api/conv'
import type { ConvOptions, ConvTransposeOptions } from '../../../api/conv-options'
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from '../../../api/conv-transpose'
import { add, cast, sub } from '../../../api/math'
import { reshape, transpose } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import type { NodeCall, OnnxOps } from '../node-call'
import { autoPad, halved, pairsOf, perSpatial, spatialExtents, windowNumbers } from '../windows'

type Convolution<O> = (x: Tensor, kernel: Tensor, options: O) => Tensor
const CONV = [conv1d, conv2d, conv3d] as readonly unknown[] as readonly Convolution<ConvOptions>[]
const TRANSPOSED = [
  conv1dTranspose,
  conv2dTranspose,
  conv3dTranspose,
] as readonly unknown[] as readonly Convolution<ConvTransposeOptions>[]

/** A convolution by what the attributes of a node say: x [batch, in, ...spatial], kernel [out, in / group, ...taps]. */
export function convolved(call: NodeCall, x: Tensor, kernel: Tensor): Tensor {
  const spatial = spatialExtents(call, x)
  requireKernel(call, x, kernel)
  const numbers = windowNumbers(call, spatial, kernel.shape.slice(2))
  const { strides, dilations } = numbers
  const groups = call.attributes.int('group', 1)
  return CONV[spatial.length - 1]!(x, turned(kernel, [1, 0]), {
    strides,
    dilations,
    padding: pairsOf(numbers),
    groups,
    dataFormat: 'channelsFirst',
  })
}

/** A kernel with its taps first, as ours are, and then the two axes of channels. */
const turned = (kernel: Tensor, channels: readonly [number, number]): Tensor =>
  transpose(kernel, [...kernel.shape.slice(2).map((_, i) => i + 2), ...channels])

function requireKernel(call: NodeCall, x: Tensor, kernel: Tensor): void {
  if (kernel.shape.length !== x.shape.length)
    call.fail(`the kernel has rank ${kernel.shape.length}, operand 1 has rank ${x.shape.length}`)
}

/** What is added to each channel, [channels]. */
export function perChannel(call: NodeCall, t: Tensor, x: Tensor): Tensor {
  if (t.shape.length !== 1) call.fail(`a bias must have rank 1, it has rank ${t.shape.length}`)
  return reshape(t, [t.shape[0]!, ...x.shape.slice(2).map(() => 1)])
}

function conv(call: NodeCall): Tensor {
  const made = convolved(call, call.input(0), call.input(1))
  const bias = call.optional(2)
  return bias ? add(made, perChannel(call, bias, made)) : made
}

/** Zero points as ONNX has them for convolutions: one of x, one or one a channel of the kernel. */
export function convolvedWhole(
  call: NodeCall,
  x: Tensor,
  kernel: Tensor,
  zeros: readonly (Tensor | undefined)[],
): Tensor {
  const [zeroX, zeroKernel] = zeros
  const whole = cast(x, 'int32')
  const taps = cast(kernel, 'int32')
  const one = (t: Tensor): Tensor => cast(t.shape.length === 1 && t.shape[0] === 1 ? reshape(t, []) : t, 'int32')
  const own = (t: Tensor): Tensor =>
    t.shape.length === 1 && t.shape[0]! > 1 ? cast(reshape(t, [t.shape[0]!, ...kernel.shape.slice(1).map(() => 1)]), 'int32') : one(t) // prettier-ignore
  return convolved(call, zeroX ? sub(whole, one(zeroX)) : whole, zeroKernel ? sub(taps, own(zeroKernel)) : taps)
}

/** Transposed convolution: x [batch, in, ...spatial], kernel [in, out / group, ...taps]. */
function convTranspose(call: NodeCall): Tensor {
  const [x, kernel] = [call.input(0), call.input(1)]
  const spatial = spatialExtents(call, x)
  requireKernel(call, x, kernel)
  const rank = spatial.length
  const [ones, none] = [spatial.map(() => 1), spatial.map(() => 0)]
  const taps = kernel.shape.slice(2)
  const strides = perSpatial(call, 'strides', rank, ones)
  const dilations = perSpatial(call, 'dilations', rank, ones)
  perSpatial(call, 'kernel_shape', rank, taps).forEach((n, i) => n === taps[i] || call.fail('kernel_shape is not that of the kernel')) // prettier-ignore
  const extra = perSpatial(call, 'output_padding', rank, none, 0)
  const pads = perSpatial(call, 'pads', 2 * rank, [...none, ...none], 0)
  const auto = autoPad(call)
  const isSame = auto.startsWith('SAME')
  const wanted = outputShape(call, rank) ?? (isSame ? spatial.map((n, i) => n * strides[i]!) : undefined)
  const full = fullSizes(spatial, taps, strides, dilations)
  const cuts = full.map((n, i): readonly [number, number] => {
    if (!wanted) return [pads[i]!, pads[rank + i]! - extra[i]!]
    const [before, after] = halved(n + extra[i]! - wanted[i]!, auto !== 'SAME_UPPER')
    return [before, after - extra[i]!]
  })
  const groups = call.attributes.int('group', 1)
  // In groups the channels of x are those of the result of a convolution, in the same order.
  const options = { strides, dilations, padding: none, groups, dataFormat: 'channelsFirst' } as const
  const made = cropped(call, TRANSPOSED[rank - 1]!(x, turned(kernel, [1, 0]), options), cuts)
  const bias = call.optional(2)
  return bias ? add(made, perChannel(call, bias, made)) : made
}

const fullSizes = (
  spatial: readonly number[],
  taps: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] => spatial.map((n, i) => (n - 1) * strides[i]! + (taps[i]! - 1) * dilations[i]! + 1)

/** Sizes of the spatial dimensions; old files give those of batch and channels too. */
function outputShape(call: NodeCall, rank: number): readonly number[] | undefined {
  const given = call.attributes.ints('output_shape')
  return given?.length === rank + 2 ? given.slice(2) : given && perSpatial(call, 'output_shape', rank, given)
}

/** Without what lies in front of and behind it; fewer than none are zeros more. */
function cropped(call: NodeCall, x: Tensor, cuts: readonly (readonly [number, number])[]): Tensor {
  const kept = cuts.map(([before, after], i) => ({
    start: Math.max(0, before),
    end: x.shape[i + 2]! - Math.max(0, after),
  }))
  if (kept.some(({ start, end }) => end <= start)) call.fail('nothing of the result is left by its padding')
  const inner = cuts.some((pair) => pair.some((n) => n > 0)) ? slice(x, [null, null, ...kept]) : x
  const more = cuts.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)] as const)
  return more.some((pair) => pair.some((n) => n > 0)) ? pad(inner, [[0, 0], [0, 0], ...more]) : inner // prettier-ignore
}

/** Convolutions. */
export const CONVOLUTION: OnnxOps = {
  Conv: conv,
  ConvTranspose: convTranspose,
  ConvInteger: (call) => convolvedWhole(call, call.input(0), call.input(1), [call.optional(2), call.optional(3)]),
}
