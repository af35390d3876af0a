import { pad } from '../../api/arrange'
import type { Tensor } from '../../ir/tensor'
import type { NodeCall } from './node-call'

/** How the windows of a convolution or a pool lie, in numbers for each spatial dimension. */
export interface WindowNumbers {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** What windows reach beyond the padding where their number is rounded up. */
  readonly beyond: readonly number[]
}

const MOST_SPATIAL = 3

/** The spatial extents of [batch, channels, ...spatial], of which there are one to three. */
export function spatialExtents(call: NodeCall, x: Tensor): readonly number[] {
  const spatial = x.shape.slice(2)
  if (spatial.length < 1)
    call.fail(`operand 1 has rank ${x.shape.length}: batch, channels and a spatial axis are needed`)
  return spatial.length <= MOST_SPATIAL ? spatial : call.refuse(`${spatial.length} spatial dimensions`)
}

/** One whole number from `least` for each spatial dimension, or two. */
export function perSpatial(
  call: NodeCall,
  attribute: string,
  count: number,
  otherwise: readonly number[] | undefined,
  least = 1,
): readonly number[] {
  const given = call.attributes.ints(attribute) ?? otherwise ?? call.fail(`the attribute ${attribute} is missing`)
  if (given.length !== count) call.fail(`${attribute} has ${given.length} numbers, ${count} are needed`)
  if (given.some((n) => n < least)) call.refuse(`${attribute} of [${given.join(', ')}]`)
  return given
}

type AutoPad = 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER'
const AUTO_PADS: readonly AutoPad[] = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']

export function autoPad(call: NodeCall): AutoPad {
  const given = call.attributes.text('auto_pad', 'NOTSET')
  return AUTO_PADS.find((kind) => kind === given) ?? call.fail(`auto_pad ${JSON.stringify(given)} is not known`)
}

/** Padding in halves; an odd unit lies in front of `SAME_LOWER`. */
export const halved = (total: number, isOddInFront: boolean): readonly [before: number, after: number] =>
  isOddInFront ? [Math.ceil(total / 2), Math.floor(total / 2)] : [Math.floor(total / 2), Math.ceil(total / 2)]

/** The windows that attributes describe; `kernel` is that of the operand, which an attribute may repeat. */
export function windowNumbers(
  call: NodeCall,
  spatial: readonly number[],
  kernel?: readonly number[],
  ceil = false,
): WindowNumbers {
  const rank = spatial.length
  const ones = spatial.map(() => 1)
  const taps = perSpatial(call, 'kernel_shape', rank, kernel)
  if (kernel && taps.some((n, i) => n !== kernel[i]))
    call.fail(`kernel_shape [${taps.join(', ')}] is not that of the kernel`)
  const strides = perSpatial(call, 'strides', rank, ones)
  const dilations = perSpatial(call, 'dilations', rank, ones)
  const auto = autoPad(call)
  const pads = perSpatial(call, 'pads', 2 * rank, [...ones, ...ones].map(() => 0), 0) // prettier-ignore
  if (auto !== 'NOTSET' && pads.some((n) => n > 0)) call.fail(`pads and auto_pad ${auto} exclude each other`)
  const reach = taps.map((k, i) => (k - 1) * dilations[i]! + 1)
  const pairs = spatial.map((extent, i): readonly [number, number] => {
    if (!auto.startsWith('SAME')) return [pads[i]!, pads[rank + i]!]
    const total = (Math.ceil(extent / strides[i]!) - 1) * strides[i]! + reach[i]! - extent
    return halved(Math.max(0, total), auto === 'SAME_LOWER')
  })
  const beyond = spatial.map((extent, i) => {
    if (!ceil || auto.startsWith('SAME')) return 0
    const [before, after] = pairs[i]!
    const room = extent + before + after - reach[i]!
    const steps = Math.ceil(room / strides[i]!)
    // A window that would begin behind the last element is none.
    const counted = steps * strides[i]! >= extent + before ? steps - 1 : steps
    return Math.max(0, counted * strides[i]! - room)
  })
  const [before, after] = [pairs.map(([b]) => b), pairs.map(([, a]) => a)]
  return { kernel: taps, strides, dilations, before, after, beyond }
}

/** Zeros around the spatial dimensions. */
export function padded(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  if ([...before, ...after].every((n) => n === 0)) return x
  return pad(x, [[0, 0], [0, 0], ...before.map((b, i) => [b, after[i]!] as const)]) // prettier-ignore
}

/** Padding of both kinds as our own functions take it. */
export const pairsOf = ({ before, after, beyond }: WindowNumbers): (readonly [number, number])[] =>
  before.map((b, i) => [b, after[i]! + beyond[i]!] as const)
