/** The length of a side of a digit as it is stored, and as averages for small models. */
export const SIDE = 28
export const SMALL_SIDE = 8
export const CLASSES = 10

/** Digits one after another; digit `i` shows `i % 10`, so that every stretch of tens has as many of each. */
export interface Digits {
  readonly count: number
  /** [count, 28, 28], 0 for paper to 255 for ink. */
  readonly pixels: Uint8Array
}

/** Digits from the bytes that `data/digits.bin` holds once inflated. */
export function digitsOf(pixels: Uint8Array): Digits {
  const count = pixels.length / SIDE ** 2
  if (!Number.isInteger(count) || count % CLASSES !== 0 || count === 0)
    throw new RangeError(`digits: ${pixels.length} bytes are not tens of images of ${SIDE} by ${SIDE}`)
  return { count, pixels }
}

/** What a sample has: ink from 0 to 1 in as many rows and columns as are asked for. */
export function imagesOf({ count, pixels }: Digits, side: number): Float32Array {
  const images = new Float32Array(count * side * side)
  if (side === SIDE) return images.map((_, i) => pixels[i]! / 255)
  const weights = areas(SIDE, side)
  for (let image = 0; image < count; image++) {
    const from = image * SIDE * SIDE
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        let sum = 0
        for (const [y, height] of weights[row]!)
          for (const [x, width] of weights[column]!) sum += height * width * pixels[from + y * SIDE + x]!
        images[(image * side + row) * side + column] = sum / 255
      }
  }
  return images
}

/** Of each of a few equal stretches of a line of cells: the cells in it, and how much of the stretch each is. */
function areas(cells: number, stretches: number): (readonly [cell: number, share: number])[][] {
  const length = cells / stretches
  return Array.from({ length: stretches }, (_, i) => {
    const [from, to] = [i * length, (i + 1) * length]
    const first = Math.floor(from)
    return Array.from({ length: Math.ceil(to) - first }, (_, k) => {
      const cell = first + k
      return [cell, (Math.min(to, cell + 1) - Math.max(from, cell)) / length] as const
    })
  })
}
