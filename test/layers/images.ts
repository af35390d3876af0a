import { cast, compile, entry, grad, mul, constant, sum, tensor, type Tensor } from 'gradloom'
import { forward } from '../../src/layers/pass'
import type { Layer } from '../../src/layers/layer'
import { randomNumbers } from '../ops/operands'

export type Target = 'js' | 'wasm'
export const TARGETS: readonly Target[] = ['js', 'wasm']

export interface Pictures {
  readonly shape: readonly number[]
  readonly data: Float64Array
}
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Pictures of values from 0 up to 255, or whole ones. */
export function pictures(shape: readonly number[], seed = 1, isWhole = false): Pictures {
  const random = randomNumbers(seed)
  const draw = (): number => (isWhole ? Math.floor(256 * random()) : 2 + 250 * random())
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, draw) }
}
/** A picture by rows of pixels of one channel. */
export const grey = (rows: readonly (readonly number[])[]): Pictures => ({
  shape: [1, rows.length, rows[0]!.length, 1],
  data: Float64Array.from(rows.flat()),
})

/** [batch, height, width, channels] as [batch, channels, height, width]. */
export function channelsFirst({ shape: [b, h, w, c], data }: Pictures): Pictures {
  const moved = new Float64Array(data.length)
  let i = 0
  for (let n = 0; n < b!; n++)
    for (let y = 0; y < h!; y++)
      for (let x = 0; x < w!; x++) for (let k = 0; k < c!; k++) moved[((n * c! + k) * h! + y) * w! + x] = data[i++]!
  return { shape: [b!, c!, h!, w!], data: moved }
}

export interface RunOptions {
  readonly training?: boolean
  readonly target?: Target
  readonly seed?: number
  readonly dtype?: 'float32' | 'float64' | 'uint8'
}
/** What a layer makes of pictures, once for each step that is asked for. */
export function ran(layer: Layer, x: Pictures, options: RunOptions = {}, steps = 1): Pictures[] {
  const { training = true, target = 'js', seed = 7, dtype = 'float64' } = options
  const net = compile(
    entry({ x: tensor([...x.shape], dtype) }, ({ x }) => ({
      outputs: { y: forward({ training }, () => layer(x)).result },
    })),
    { target, seed },
  )
  const feed = dtype === 'uint8' ? Uint8Array.from(x.data) : dtype === 'float32' ? Float32Array.from(x.data) : x.data
  const results = Array.from({ length: steps }, () => {
    const { y } = net({ x: feed }) as unknown as { y: ArrayLike<number> & { shape: readonly number[] } }
    return { shape: [...y.shape], data: Float64Array.from(y) }
  })
  net.dispose()
  return results
}

/** How far the derivative of a weighed sum along a random direction is from its central difference, for the same draws. */
export function gradientError(layer: Layer, x: Pictures, target: Target): { found: number; wanted: number } {
  const random = randomNumbers(11)
  const direction = x.data.map(() => random() - 0.5)
  const net = compile(
    entry({ x: tensor([...x.shape], 'float64') }, ({ x }) => {
      const y = cast(forward({ training: true }, () => layer(x)).result, 'float64') as Tensor
      const weights = Float64Array.from({ length: sizeOf(y.shape) }, () => random() - 0.5)
      const loss = sum(mul(y, constant(weights, { shape: [...y.shape] })))
      return { outputs: { loss, g: grad(loss as never, [x])[0] } }
    }),
    { target, seed: 7 },
  )
  const at = (h: number): { loss: number; g: ArrayLike<number> } => {
    if ('seed' in layer.getConfig().config) net.state.set('random/step' as never, 0 as never)
    return net({ x: x.data.map((v, i) => v + h * direction[i]!) }) as never
  }
  const h = 1e-3
  const found = Array.from(at(0).g).reduce((s, g, i) => s + g * direction[i]!, 0)
  const wanted = (at(h).loss - at(-h).loss) / (2 * h)
  net.dispose()
  return { found, wanted }
}
