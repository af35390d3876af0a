import { type Digits, PIXELS } from './digits'

const SIDE = 28

/** Moves every image by up to `most` pixels along each side, in place; what moves in from outside is paper. */
export function shiftImages({ images, labels }: Digits, most: number, random: () => number): void {
  const draw = (): number => Math.floor(random() * (2 * most + 1)) - most
  const moved = new Float32Array(PIXELS)
  for (let i = 0; i < labels.length; i++) {
    const image = images.subarray(i * PIXELS, (i + 1) * PIXELS)
    const [down, right] = [draw(), draw()]
    moved.fill(0)
    for (let row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row++) {
      const from = (row - down) * SIDE
      const [first, end] = [Math.max(0, -right), Math.min(SIDE, SIDE - right)]
      moved.set(image.subarray(from + first, from + end), row * SIDE + first + right)
    }
    image.set(moved)
  }
}
