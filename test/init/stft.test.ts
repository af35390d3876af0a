import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/init/random'
import { stftInit, type StftOptions } from '../../src/init/stft'

const values = (options: StftOptions, shape: readonly number[]): number[] =>
  Array.from(stftInit(options)(shape, randomStream(1, 'w')))

/** The general cosine windows of two terms, by half-angles. */
const named = (a: number, n: number, period: number): number[] =>
  Array.from({ length: n }, (_, t) => 2 * a - 1 + 2 * (1 - a) * Math.sin((Math.PI * t) / period) ** 2)
const WINDOWS: readonly (readonly [Partial<StftOptions>, (n: number) => number[]])[] = [
  [{}, (n) => named(0.5, n, n - 1)],
  [{ window: 'hann', periodic: true }, (n) => named(0.5, n, n)],
  [{ window: 'hamming' }, (n) => named(0.54, n, n - 1)],
  [{ window: [1, 2, 3, 4, 5, 6], scaling: 'spectrum' }, () => [1, 2, 3, 4, 5, 6]],
  [{ window: [1, -2, 3, -4, 5, 6], scaling: 'spectrum' }, () => [1, -2, 3, -4, 5, 6]],
  [{ window: 'hamming', scaling: null }, (n) => named(0.54, n, n - 1)],
  [{ window: null }, (n) => new Array<number>(n).fill(1)],
]

describe.each(WINDOWS)('stftInit of %j', (options, window) => {
  it.each([9, 5, 2])('gives both sides of the transform of a frame of 6 in %i bins', (bins) => {
    const [frame, length] = [6, 2 * (bins - 1)]
    const factors = window(frame)
    const { scaling = 'density' } = options
    const divisor =
      options.window === null || scaling === null
        ? 1
        : scaling === 'density'
          ? Math.hypot(...factors)
          : factors.reduce((sum, v) => sum + Math.abs(v), 0)
    const real = values({ ...options, side: 'real' }, [frame, 1, bins])
    const imag = values({ ...options, side: 'imag' }, [frame, 1, bins])
    for (let t = 0; t < frame; t++) {
      for (let f = 0; f < bins; f++) {
        const angle = (-2 * Math.PI * t * f) / length
        expect(real[t * bins + f]).toBeCloseTo((factors[t]! * Math.cos(angle)) / divisor, 12)
        expect(imag[t * bins + f]).toBeCloseTo((factors[t]! * Math.sin(angle)) / divisor, 12)
      }
    }
  })
})

it.each<[unknown, readonly number[], string]>([
  [{}, [6, 1, 5], 'stftInit: side must be one of real, imag, it is undefined'],
  [{ side: 'real', window: 'kaiser' }, [6, 1, 5], 'stftInit: window must be one of hann, hamming, it is "kaiser"'],
  [{ side: 'real', window: [NaN] }, [6, 1, 5], 'stftInit: window must be a name, an array of finite numbers or null'],
  [{ side: 'real', scaling: 'power' }, [6, 1, 5], 'stftInit: scaling must be one of density, spectrum, it is "power"'],
  [{ side: 'real', size: 3 }, [6, 1, 5], 'stftInit: unknown option "size"; known are side, window, scaling, periodic'],
  [{ side: 'real' }, [6, 2, 5], 'stftInit: the shape must be [frame, 1, n / 2 + 1], it is [6, 2, 5]'],
  [{ side: 'real' }, [6, 1, 1], 'stftInit: the shape must be [frame, 1, n / 2 + 1], it is [6, 1, 1]'],
  [{ side: 'real' }, [6, 5], 'stftInit: the shape must be [frame, 1, n / 2 + 1], it is [6, 5]'],
  [{ side: 'real', window: [1, 2] }, [6, 1, 5], 'stftInit: 6 samples of a frame need as many of the window, it has 2'],
])('%j of %j is refused', (options, shape, message) => {
  expect(() => values(options as StftOptions, shape)).toThrow(message)
})
