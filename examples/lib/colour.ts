import { type Digits, PIXELS } from './digits'

/** Red, green and blue. */
export const CHANNELS = 3

/** Gray digits [images, 28, 28] in ink of a random colour each: [images, 28, 28, 3]. Colours say nothing about digits. */
export function coloured({ images, labels }: Digits, random: () => number): Float32Array {
  const pixels = new Float32Array(images.length * CHANNELS)
  for (let image = 0; image < labels.length; image++) {
    const ink = Array.from({ length: CHANNELS }, () => 0.5 + 0.5 * random())
    for (let p = image * PIXELS; p < (image + 1) * PIXELS; p++)
      ink.forEach((share, channel) => (pixels[p * CHANNELS + channel] = share * images[p]!))
  }
  return pixels
}

/** [samples, ...positions, channels] as [samples, channels, ...positions], of so many positions. */
export function channelsFirst(pixels: Float32Array, positions: number, channels: number): Float32Array {
  const size = positions * channels
  return pixels.map((_, i) => {
    const [sample, channel, position] = [Math.floor(i / size), Math.floor((i % size) / positions), i % positions]
    return pixels[sample * size + position * channels + channel]!
  })
}
