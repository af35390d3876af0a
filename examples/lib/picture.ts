import { writeFileSync } from 'node:fs'

/** Writes gray images of one size, `columns` side by side, as a PGM file; values from 0 (black) to 1. */
export function writePictures(
  file: string,
  images: ArrayLike<number>,
  { side, columns }: { readonly side: number; readonly columns: number },
): void {
  const count = Math.floor(images.length / (side * side))
  const rows = Math.ceil(count / columns)
  const [width, height] = [columns * side, rows * side]
  const pixels = new Uint8Array(width * height)
  for (let i = 0; i < count; i++) {
    const [top, left] = [Math.floor(i / columns) * side, (i % columns) * side]
    for (let p = 0; p < side * side; p++) {
      const value = Math.min(1, Math.max(0, images[i * side * side + p]!))
      pixels[(top + Math.floor(p / side)) * width + left + (p % side)] = Math.round(255 * value)
    }
  }
  writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]))
}
