import { type Digits, PIXELS } from './digits'

/** Height and width of a frame, and of the digit in it, in pixels. */
export const FRAME = 32
export const DIGIT = 14
/** A digit moves by 1 to so many pixels a frame along each axis. */
const FASTEST = 2
const ROOM = FRAME - DIGIT

export const DIRECTIONS = ['up and left', 'up and right', 'down and left', 'down and right'] as const

/** Videos of one digit each that bounces off the sides of the frame. */
export interface Videos {
  /** [videos, frames, 32, 32, 1] */
  readonly frames: Float32Array
  /** The place in DIRECTIONS of how the digit came to its place in the last frame. */
  readonly directions: Int32Array
}

/** Videos of digits that are drawn from those given, with places and speeds by `random`. */
export function movingDigits(digits: Digits, count: number, length: number, random: () => number): Videos {
  const below = (n: number): number => Math.floor(random() * n)
  const frames = new Float32Array(count * length * FRAME * FRAME)
  const directions = new Int32Array(count)
  for (let video = 0; video < count; video++) {
    const digit = halved(digits.images, below(digits.labels.length))
    let [down, right] = [axis(below), axis(below)]
    for (let t = 0; t < length; t++) {
      if (t > 0) [down, right] = [moved(down), moved(right)]
      const frame = frames.subarray((video * length + t) * FRAME * FRAME)
      for (let row = 0; row < DIGIT; row++)
        frame.set(digit.subarray(row * DIGIT, (row + 1) * DIGIT), (down.at + row) * FRAME + right.at)
    }
    directions[video] = (down.speed > 0 ? 2 : 0) + (right.speed > 0 ? 1 : 0)
  }
  return { frames, directions }
}

/** Of the upper left corner along one axis. */
interface Motion {
  readonly at: number
  readonly speed: number
}

const axis = (below: (n: number) => number): Motion => ({
  at: below(ROOM + 1),
  speed: (1 + below(FASTEST)) * (below(2) === 0 ? 1 : -1),
})

const moved = ({ at, speed }: Motion): Motion =>
  at + speed < 0 || at + speed > ROOM ? { at: at - speed, speed: -speed } : { at: at + speed, speed }

/** A digit of half the height and width: the mean of each 2 by 2 pixels. */
function halved(images: Float32Array, place: number): Float32Array {
  const image = images.subarray(place * PIXELS, (place + 1) * PIXELS)
  return Float32Array.from({ length: DIGIT * DIGIT }, (_, i) => {
    const corner = 4 * DIGIT * Math.floor(i / DIGIT) + 2 * (i % DIGIT)
    return (image[corner]! + image[corner + 1]! + image[corner + 2 * DIGIT]! + image[corner + 2 * DIGIT + 1]!) / 4
  })
}

/** Of videos of so many frames the frames from one to another, in each video. */
export function cutFrames(frames: Float32Array, length: number, from: number, to: number): Float32Array {
  const size = FRAME * FRAME
  return frames.filter((_, i) => {
    const frame = Math.floor(i / size) % length
    return frame >= from && frame < to
  })
}
