import { concat } from '../../api/arrange'
import { hsvToRgb, rgbToHsv } from '../../api/colour'
import { add, mul } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { partT } from '../../ops/pieces'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn, signs } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { between, held, UNIT } from './value-range'

/** Images with other hue, saturation or value. */
export function inHsv(
  { x, dataFormat, axes }: Images,
  range: ColourOptions['valueRange'],
  change: (hue: Tensor, saturation: Tensor) => readonly [hue: Tensor, saturation: Tensor],
): Tensor {
  const hsv = rgbToHsv(between(x, range, UNIT), { dataFormat })
  const part = (i: number): Tensor => partT(hsv, axes.channels, i, 1)
  const changed = concat([...change(part(0), part(1)), part(2)], { axis: axes.channels })
  return between(held(hsvToRgb(changed, { dataFormat }), UNIT), UNIT, range)
}

export const hued = (images: Images, { factor, valueRange }: ColourOptions): Tensor => {
  const turn = mul(mul(signs(images), eachIn(images, factor)), 0.5)
  // Of a hue only its fraction counts.
  return inHsv(images, valueRange, (hue, saturation) => [add(hue, turn), saturation])
}

/** Images of three channels in training with their hue turned either way by a part of half the circle; f stands for [0, f]. */
export const randomHue = augmentation({
  className: 'RandomHue',
  name: 'random_hue',
  options: { factor: required(factor([0, 1], upTo)), valueRange: valueRange() },
  change: hued,
})
