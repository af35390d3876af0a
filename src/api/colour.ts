import { checkKeys } from '../ir/names-of'
import { apply, explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { addT, divT, mulT, subT } from '../ops/arith'
import { partT, concatT } from '../ops/pieces'
import { equalOp, lessT, whereT } from '../ops/select'
import { like } from '../ops/unary'
import { asFloat } from './build'
import { abs, clip, mod } from './elementary'
import { maximum, minimum } from './math'
import type { Floating, SameRank } from './signatures'
import { channelAxis, spatialAxes } from './spatial'
import type { FormatOption } from './window-options'

/** Three channels, each with an axis of extent 1. */
function channelsOf(
  op: string,
  images: Tensor,
  options: FormatOption,
): { readonly axis: number; readonly parts: [Tensor, Tensor, Tensor] } {
  checkKeys(op, options, ['dataFormat'])
  // prettier-ignore
  const x = asFloat(op, images)
  spatialAxes(op, x, 2, options)
  const axis = channelAxis(x, 2, options)
  if (x.shape[axis] !== 3)
    throw explained(op, `three channels are needed, in ${options.dataFormat ?? 'channelsLast'} order; the shape is ${showShape(x.shape)}`, [images]) // prettier-ignore
  return { axis, parts: [partT(x, axis, 0, 1), partT(x, axis, 1, 1), partT(x, axis, 2, 1)] }
}

const isEqual = (a: Tensor, b: Tensor): Tensor => apply(equalOp, [a, b], {})

/**
 * Images of red, green and blue as hue, saturation and value, in their shape: hue from 0 to 1 around the circle, saturation the
 * part of the value by which the channels differ, value the largest of them, in the range of the images. Grey has hue 0,
 * black saturation 0. Integers become float32. As `rgb_to_hsv` in Keras. Throws unless there are three channels.
 */
export function rgbToHsv<X extends Tensor>(
  images: X,
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  const { axis, parts } = channelsOf('rgbToHsv', images, options)
  const [red, green, blue] = parts
  const zero = like(0, red)
  const one = like(1, red)
  const value = maximum(maximum(red, green), blue)
  const range = subT(value, minimum(minimum(red, green), blue))
  const isGrey = isEqual(range, zero)
  const isBlack = isEqual(value, zero)
  const saturation = whereT(isBlack, zero, divT(range, whereT(isBlack, one, value)))
  const sixths = mulT(like(6, red), whereT(isGrey, one, range))
  const between = (a: Tensor, b: Tensor, from: number): Tensor => addT(divT(subT(a, b), sixths), like(from / 6, red))
  const along = whereT(
    isEqual(value, red),
    between(green, blue, 0),
    whereT(isEqual(value, green), between(blue, red, 2), between(red, green, 4)),
  )
  const hue = whereT(isGrey, zero, whereT(lessT(along, zero), addT(along, one), along))
  return concatT([hue, saturation, value], axis) as never
}

/**
 * Images of hue (of which the fraction counts), saturation and value as red, green and blue, in their shape. Integers become
 * float32. As `hsv_to_rgb` in Keras. Throws unless there are three channels.
 */
export function hsvToRgb<X extends Tensor>(
  images: X,
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  const { axis, parts } = channelsOf('hsvToRgb', images, options)
  const [hue, saturation, value] = parts
  const place = mulT(mod(hue, 1), like(6, hue))
  const away = (from: number): Tensor => abs(subT(place, like(from, hue)))
  const weights = [
    clip(subT(away(3), like(1, hue)), 0, 1),
    clip(subT(like(2, hue), away(2)), 0, 1),
    clip(subT(like(2, hue), away(4)), 0, 1),
  ]
  const pale = subT(like(1, hue), saturation)
  return concatT(weights.map((w) => mulT(value, addT(pale, mulT(saturation, w)))), axis) as never // prettier-ignore
}
