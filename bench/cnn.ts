import { normals, oneHotRows } from './data'

/** The classifier of images, W3: twice a 3 x 3 convolution that keeps the extents, relu and a pool of 2 x 2, then a dense layer. */
export const CNN = { batch: 32, side: 28, channels: [1, 16, 32], window: 3, pool: 2, classes: 10 } as const

/** Where the channels of an image stand: before its rows and columns, or last. */
export type Layout = 'nchw' | 'nhwc'

export interface ConvolutionData {
  readonly inputs: number
  readonly outputs: number
  /** [outputs, inputs, 3, 3] before rows and columns, [3, 3, inputs, outputs] with channels last. */
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

export interface CnnData {
  /** One channel, so it is the same in both layouts. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly convolutions: readonly [ConvolutionData, ConvolutionData]
  readonly dense: { readonly inputs: number; readonly weights: Float32Array; readonly bias: Float32Array }
}

const [IMAGE, FIRST, SECOND] = CNN.channels
const TAPS = CNN.window ** 2
/** Side of an image after both pools. */
const LEFT = CNN.side / CNN.pool ** 2

/** The same net in either layout: made with channels first, permuted for channels last. */
export function cnnData(layout: Layout): CnnData {
  const { batch, side, classes } = CNN
  const last = layout === 'nhwc'
  const convolution = (inputs: number, outputs: number, deviation: number, seed: number): ConvolutionData => {
    const kernel = normals(outputs * inputs * TAPS, deviation, seed)
    return {
      inputs,
      outputs,
      kernel: last ? permuted(kernel, [outputs, inputs, TAPS], [2, 1, 0]) : kernel,
      bias: new Float32Array(outputs),
    }
  }
  const inputs = SECOND * LEFT ** 2
  const weights = normals(inputs * classes, 0.03, 3)
  return {
    x: normals(batch * side ** 2 * IMAGE, 1, 5),
    y: oneHotRows(batch, classes, 6),
    convolutions: [convolution(IMAGE, FIRST, 0.4, 1), convolution(FIRST, SECOND, 0.1, 2)],
    dense: {
      inputs,
      weights: last ? permuted(weights, [SECOND, LEFT ** 2, classes], [1, 0, 2]) : weights,
      bias: new Float32Array(classes),
    },
  }
}

type Triple = readonly [number, number, number]

/** The elements of a tensor of rank 3 in the order of its axes after the permutation. */
function permuted(values: Float32Array, shape: Triple, axes: Triple): Float32Array {
  const strides = [shape[1] * shape[2], shape[2], 1]
  const [m, n, p] = axes.map((axis) => shape[axis]!) as unknown as Triple
  const [a, b, c] = axes.map((axis) => strides[axis]!) as unknown as Triple
  return Float32Array.from({ length: m * n * p }, (_, at) => {
    const [i, j, k] = [Math.floor(at / (n * p)), Math.floor(at / p) % n, at % p]
    return values[i * a + j * b + k * c]!
  })
}

/** The first class of the first image before any update, in float64. */
export function firstImageLogit(): number {
  const { x, convolutions, dense } = cnnData('nhwc')
  const { side, pool, classes } = CNN
  const [first, second] = convolutions
  const pooled = convolvedAndPooled(Array.from(x.subarray(0, side ** 2 * IMAGE)), side, first)
  const features = convolvedAndPooled(pooled, side / pool, second)
  return features.reduce((sum, value, i) => sum + value * dense.weights[i * classes]!, dense.bias[0]!)
}

/** One image, channels last: convolution, bias, relu, the greatest of each window. */
function convolvedAndPooled(image: readonly number[], side: number, data: ConvolutionData): number[] {
  const { inputs, outputs, kernel, bias } = data
  const { pool, window } = CNN
  const before = (window - 1) / 2
  const at = (row: number, column: number, channel: number): number => {
    let sum = bias[channel]!
    for (let tap = 0; tap < TAPS; tap++) {
      const [i, j] = [row + Math.floor(tap / window) - before, column + (tap % window) - before]
      if (i < 0 || j < 0 || i >= side || j >= side) continue
      for (let c = 0; c < inputs; c++)
        sum += image[(i * side + j) * inputs + c]! * kernel[(tap * inputs + c) * outputs + channel]!
    }
    return Math.max(0, sum)
  }
  const half = side / pool
  return Array.from({ length: half * half * outputs }, (_, index) => {
    const [row, column] = [Math.floor(index / (half * outputs)), Math.floor(index / outputs) % half]
    const window = Array.from({ length: pool ** 2 }, (_, k) =>
      at(row * pool + Math.floor(k / pool), column * pool + (k % pool), index % outputs),
    )
    return Math.max(...window)
  })
}
