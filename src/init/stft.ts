import { cosineWindowOf } from '../ir/cosine-window'
import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys, checkOneOf } from '../ir/names-of'
import { partFrom } from '../ir/part'
import { showShape } from '../ir/type'
import type { Initializer } from './draws'

const SIDES = ['real', 'imag'] as const
const WINDOWS = { hann: 0.5, hamming: 0.54 } as const
const SCALINGS = ['density', 'spectrum'] as const

/** Options of `stftInit`. */
export interface StftOptions {
  /** Which part of the spectrum the kernel gives. */
  readonly side: (typeof SIDES)[number]
  /** By name, as one number for each sample of a frame, or none. Default `hann`. */
  readonly window?: keyof typeof WINDOWS | readonly number[] | null
  /** What the window is divided by: `density`, the default, by the root of the sum of its squares, `spectrum` by its sum. */
  readonly scaling?: (typeof SCALINGS)[number] | null
  /** Whether a window that is named is one period; by default it is symmetric. */
  readonly periodic?: boolean
}

/**
 * The kernel [frame, 1, n / 2 + 1] with which a convolution over time gives the short-time Fourier transform of length n:
 * window[t] cos(2 pi t f / n), or -sin for the imaginary side, over the scaling. Throws for any other shape. As
 * `STFTInitializer` in Keras.
 */
export function stftInit(options: StftOptions): Initializer {
  checkKeys('stftInit', options, ['side', 'window', 'scaling', 'periodic'])
  checkFlags('stftInit', options, ['periodic'])
  const { side, window = 'hann', scaling = 'density', periodic = false } = options
  checkOneOf('stftInit', 'side', side, SIDES)
  if (scaling !== null) checkOneOf('stftInit', 'scaling', scaling, SCALINGS)
  if (typeof window === 'string') checkOneOf('stftInit', 'window', window, Object.keys(WINDOWS))
  else if (window !== null && !(Array.isArray(window) && window.every(Number.isFinite)))
    throw new GraphError('stftInit: window must be a name, an array of finite numbers or null')
  return partFrom('STFTInitializer', { side, window, scaling, periodic }, (shape: readonly number[]) => {
    const [frame, channels, bins] = shape
    if (shape.length !== 3 || channels !== 1 || bins! < 2)
      throw new GraphError(`stftInit: the shape must be [frame, 1, n / 2 + 1], it is ${showShape(shape)}`)
    const factors = factorsOf(window, frame!, periodic)
    if (factors.length !== frame)
      throw new GraphError(`stftInit: ${frame} samples of a frame need as many of the window, it has ${factors.length}`)
    const divisor = window === null ? 1 : divisorOf(factors, scaling)
    const length = 2 * (bins! - 1)
    const wave = side === 'real' ? Math.cos : (angle: number): number => -Math.sin(angle)
    const out = new Float64Array(frame * bins!)
    for (let t = 0; t < frame; t++)
      // Whole turns are taken off while they are whole numbers.
      for (let f = 0; f < bins!; f++)
        out[t * bins! + f] = (factors[t]! * wave((2 * Math.PI * ((t * f) % length)) / length)) / divisor
    return out
  })
}

function factorsOf(window: NonNullable<StftOptions['window']> | null, frame: number, periodic: boolean) {
  if (window === null) return new Float64Array(frame).fill(1)
  return typeof window === 'string' ? cosineWindowOf(frame, WINDOWS[window], periodic) : window
}

function divisorOf(window: ArrayLike<number>, scaling: StftOptions['scaling']): number {
  const sum = (f: (v: number) => number): number => Array.from(window).reduce((total, v) => total + f(v), 0)
  if (scaling === 'density') return Math.sqrt(sum((v) => v * v))
  return scaling === 'spectrum' ? sum(Math.abs) : 1
}
