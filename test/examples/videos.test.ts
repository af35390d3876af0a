import { describe, expect, test } from 'vitest'
import { cutFrames, DIGIT, FRAME, movingDigits } from '../../examples/lib/moving-digits'
import { generator } from '../../examples/lib/shuffle'
import { foretellFrames, tellDirections } from '../../examples/moving-mnist'

describe('moving digits', () => {
  // A digit that is all ink, so that its place is where ink is.
  const digits = { images: new Float32Array(784).fill(1), labels: Int32Array.of(0) }
  const [videos, length, size] = [40, 12, FRAME * FRAME]
  const { frames, directions } = movingDigits(digits, videos, length, generator(3))
  const placeOf = (video: number, t: number) => {
    const frame = frames.subarray((video * length + t) * size, (video * length + t + 1) * size)
    const corner = frame.indexOf(1)
    const place = { down: Math.floor(corner / FRAME), right: corner % FRAME }
    const isInk = (i: number): boolean => {
      const [row, column] = [Math.floor(i / FRAME) - place.down, (i % FRAME) - place.right]
      return row >= 0 && row < DIGIT && column >= 0 && column < DIGIT
    }
    expect([...frame]).toEqual(Array.from(frame, (_, i) => (isInk(i) ? 1 : 0)))
    return place
  }

  test('stand whole in every frame, move at one speed, and turn at the sides only', () => {
    let turns = 0
    for (let video = 0; video < videos; video++) {
      const places = Array.from({ length }, (_, t) => placeOf(video, t))
      for (const along of ['down', 'right'] as const) {
        const steps = places.slice(1).map((place, t) => place[along] - places[t]![along])
        const speed = Math.abs(steps[0]!)
        expect([1, 2]).toContain(speed)
        steps.forEach((step, t) => {
          expect(Math.abs(step)).toBe(speed)
          if (t === 0 || step === steps[t - 1]) return
          turns++
          const beyond = places[t]![along] - step
          expect(beyond < 0 || beyond > FRAME - DIGIT).toBe(true)
        })
      }
      const [before, after] = places.slice(-2)
      expect(directions[video]).toBe((after!.down > before!.down ? 2 : 0) + (after!.right > before!.right ? 1 : 0))
    }
    expect(turns).toBeGreaterThan(20)
    expect(new Set(directions).size).toBe(4)
  })

  test('are the same for the same seed', () => {
    const few = (seed: number) => movingDigits(digits, 4, 2, generator(seed))
    expect(few(3)).toEqual(few(3))
    expect(few(3)).not.toEqual(few(4))
  })

  test('have the mean of each 2 by 2 pixels of a digit', () => {
    const images = Float32Array.from({ length: 784 }, (_, i) => (i === 28 * 3 + 5 ? 1 : i === 28 * 2 + 4 ? 0.5 : 0.1))
    const still = movingDigits({ images, labels: Int32Array.of(0) }, 1, 1, generator(1)).frames
    const brightest = Math.max(...still)
    expect(brightest).toBeCloseTo((1 + 0.5 + 0.1 + 0.1) / 4, 6)
    const inked = [...still].filter((value) => value > 0)
    expect(inked).toHaveLength(DIGIT * DIGIT)
    expect(inked.indexOf(brightest)).toBe(1 * DIGIT + 2)
  })

  test('are cut by frames', () => {
    const numbered = Float32Array.from({ length: 2 * 3 * size }, (_, i) => Math.floor(i / size))
    const firsts = (cut: Float32Array) => [...cut].filter((_, i) => i % size === 0)
    expect(firsts(cutFrames(numbered, 3, 0, 2))).toEqual([0, 1, 3, 4])
    expect(firsts(cutFrames(numbered, 3, 1, 3))).toEqual([1, 2, 4, 5])
  })
})

test.each(['channelsLast', 'channelsFirst'] as const)(
  'moving-mnist: directions are told with %s',
  async (dataFormat) => {
    const { accuracy, majority } = await tellDirections(dataFormat, { videos: 240, epochs: 5 })
    expect(majority).toBeLessThan(0.4)
    expect(accuracy).toBeGreaterThan(majority + 0.1)
  },
)

test('moving-mnist: next frames are foretold better than by the last frame', async () => {
  const { error, errorOfLast } = await foretellFrames({ videos: 32, epochs: 1 })
  expect(errorOfLast).toBeGreaterThan(0.01)
  expect(error).toBeLessThan(0.99 * errorOfLast)
})
