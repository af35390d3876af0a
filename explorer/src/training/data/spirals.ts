import { generator } from '../../../../examples/lib/shuffle'

/** Points in the plane and the spiral that each lies on. */
export interface Spirals {
  /** [count, 2], within about ±1.1 */
  readonly points: Float32Array
  /** 0 and 1 in turn, so that every even stretch has as many of both. */
  readonly labels: Int32Array
}

const TURNS = 1.5
const NOISE = 0.03

/**
 * Two spirals that wind into each other, the second the first turned by half a turn (after Lang and Witbrock 1988, "Learning to
 * tell two spirals apart"); the same for the same seed.
 */
export function twoSpirals(count: number, seed: number): Spirals {
  const random = generator(seed)
  // Box and Muller 1958.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const points = new Float32Array(2 * count)
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  labels.forEach((label, i) => {
    // By the root, points are about as dense outside as inside.
    const way = Math.sqrt(0.01 + 0.99 * random())
    const angle = 2 * Math.PI * TURNS * way + Math.PI * label
    points[2 * i] = way * Math.cos(angle) + NOISE * normal()
    points[2 * i + 1] = way * Math.sin(angle) + NOISE * normal()
  })
  return { points, labels }
}
