import { compile, entry, grad, mul, sum, type Tensor, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers/index'
import type { AnyLayer } from '../../src/layers/layer'
import { forward, maskOf, setMask } from '../../src/layers/pass'
import { layerOf } from '../../src/layers/registry'
import { input, type Symbolic } from '../../src/layers/symbolic'
import { expectFault } from '../fault'

const SHAPE = [40, 10, 12]
const COUNT = 4800
/** Layers that draw, on images and volumes where they need them, with the extents of what is drawn together. */
const DRAWING: Readonly<Record<string, { make: () => AnyLayer; shape?: number[]; noise?: number[] }>> = {
  dropout: { make: () => layers.dropout({ rate: 0.25 }) },
  'dropout of rows': { make: () => layers.dropout({ rate: 0.25, noiseShape: [null, 1, null] }), noise: [40, 1, 12] },
  'dropout with a seed': { make: () => layers.dropout({ rate: 0.25, seed: 7 }) },
  alphaDropout: { make: () => layers.alphaDropout({ rate: 0.25, noiseShape: [null, null, 1] }), noise: [40, 10, 1] },
  gaussianDropout: { make: () => layers.gaussianDropout({ rate: 0.25 }) },
  gaussianNoise: { make: () => layers.gaussianNoise({ stddev: 0.5 }) },
  spatialDropout1d: { make: () => layers.spatialDropout1d({ rate: 0.25 }), noise: [40, 1, 12] },
  spatialDropout2d: {
    make: () => layers.spatialDropout2d({ rate: 0.25 }),
    shape: [40, 5, 2, 12],
    noise: [40, 1, 1, 12],
  },
  'spatialDropout2d, channels first': {
    make: () => layers.spatialDropout2d({ rate: 0.25, dataFormat: 'channels_first' as never }),
    shape: [40, 12, 5, 2],
    noise: [40, 12, 1, 1],
  },
  spatialDropout3d: {
    make: () => layers.spatialDropout3d({ rate: 0.25 }),
    shape: [40, 5, 2, 1, 12],
    noise: [40, 1, 1, 1, 12],
  },
}
const alpha = -1.6732632423543772 * 1.0507009873554805
/** What becomes of 2 where it is dropped and where it is kept, and the slope there; undefined where any number may. */
const values = (name: string): readonly [dropped: number, kept: number, slope: number] | undefined => {
  if (name.startsWith('gaussian')) return undefined
  if (!name.startsWith('alpha')) return [0, 2 / 0.75, 1 / 0.75]
  const scale = 1 / Math.sqrt(0.75 * (1 + 0.25 * alpha ** 2))
  return [scale * (alpha - 0.25 * alpha), scale * (2 - 0.25 * alpha), scale]
}
const moments = (x: ArrayLike<number>): readonly [mean: number, deviation: number] => {
  const all = Array.from(x)
  const mean = all.reduce((a, b) => a + b) / all.length
  return [mean, Math.sqrt(all.reduce((a, b) => a + (b - mean) ** 2, 0) / all.length)]
}

describe.each(['js', 'wasm'] as const)('layers that draw, on %s', (target) => {
  it.each(Object.entries(DRAWING))('%s', (name, { make, shape = SHAPE, noise = shape }) => {
    const layer = make()
    const frozen = layerOf(layer.getConfig())
    frozen.trainable = false
    const net = compile(
      entry({ x: tensor(shape), m: tensor([40], 'bool') }, ({ x, m }) => {
        setMask(x, m)
        const y = layer(x, { training: true }) as Tensor
        const [still, off] = [layer(x, { training: false }), layer(x)] as Tensor[]
        expect([y, still!, off!].map(maskOf)).toEqual([m, m, m])
        const [gradient] = grad(sum(y) as never, [x])
        return {
          outputs: {
            y,
            still: mul(still!, 1),
            off: mul(off!, 1),
            frozen: frozen(x, { training: true }) as Tensor,
            gradient: gradient,
          },
        }
      }),
      { target, seed: 5 },
    )
    const feeds = { x: new Float32Array(COUNT).fill(2), m: new Uint8Array(40).fill(1) }
    const run = (): Readonly<Record<'y' | 'still' | 'off' | 'frozen' | 'gradient', Float32Array>> => {
      const results = net(feeds) as unknown as Record<string, Float32Array>
      return Object.fromEntries(Object.entries(results).map(([key, v]) => [key, v.slice()])) as never
    }
    const [first, second] = [run(), run()]
    expect([...first.y]).not.toEqual([...second.y])
    expect([...first.off, ...first.still].every((v) => v === 2)).toBe(true)
    // A layer that is frozen goes on to draw.
    expect(new Set(first.frozen).size).toBeGreaterThan(1)
    expect([...first.frozen]).not.toEqual([...first.y])
    const draws = noise.reduce((a, b) => a * b)
    const wanted = values(name)
    if (wanted) {
      const isDropped = (v: number): boolean => Math.abs(v - wanted[0]) < 1e-5
      for (const v of first.y) expect(isDropped(v) || Math.abs(v - wanted[1]) < 1e-5, `${v}`).toBe(true)
      const share = first.y.filter(isDropped).length / COUNT
      // Five deviations of a share of that many draws.
      expect(Math.abs(share - 0.25)).toBeLessThan(5 * Math.sqrt((0.25 * 0.75) / draws))
      // What is drawn together is dropped together.
      const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
      first.y.forEach((v, i) => {
        const leader = strides.reduce((n, s, d) => n + (noise[d] === 1 ? 0 : (Math.floor(i / s) % shape[d]!) * s), 0)
        expect(v).toBe(first.y[leader])
      })
    } else {
      const deviation = name === 'gaussianNoise' ? 0.5 : 2 * Math.sqrt(0.25 / 0.75)
      const [mean, own] = moments(first.y)
      expect(Math.abs(mean - 2)).toBeLessThan((5 * deviation) / Math.sqrt(COUNT))
      expect(Math.abs(own / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * COUNT))
    }
    first.gradient.forEach((g, i) => {
      const v = first.y[i]!
      const own = wanted ? (Math.abs(v - wanted[0]) < 1e-5 ? 0 : wanted[2]) : name === 'gaussianNoise' ? 1 : v / 2
      expect(g).toBeCloseTo(own, 4)
    })
    net.dispose()
  })

  it('seeds choose other numbers', () => {
    const net = compile(
      entry({ x: tensor([100]) }, ({ x }) => {
        const of = (seed?: number): Tensor =>
          layers.dropout({ rate: 0.5, ...(seed === undefined ? {} : { seed }) })(x, { training: true })
        return { outputs: { a: of(1), b: of(2), c: of() } }
      }),
      { target },
    )
    const { a, b, c } = net({ x: new Float32Array(100).fill(1) })
    expect(new Set([a, b, c].map((x) => [...(x as Float32Array)].join())).size).toBe(3)
  })

  it('penalties of activities are for one sample of the batch', () => {
    const x = Float32Array.of(1, -2, 3, -4, 5, -6)
    const net = compile(
      entry({ x: tensor([2, 3]) }, ({ x }) => {
        const by = forward({}, () => layers.activityRegularization({ l1: 0.5, l2: 0.25 })(x))
        const own = forward({}, () => layers.activation({ activation: 'relu', activityRegularizer: 'l2' })(x))
        expect([by.losses.length, own.losses.length]).toEqual([1, 1])
        return { outputs: { y: mul(by.result, 1), by: by.losses[0]!, own: own.losses[0]! } }
      }),
      { target },
    )
    const { y, by, own } = net({ x })
    expect([...(y as Float32Array)]).toEqual([...x])
    expect(by).toBeCloseTo((0.5 * 21 + 0.25 * 91) / 2, 5)
    expect(own).toBeCloseTo((0.01 * 35) / 2, 6)
  })
})

it.each(Object.entries(DRAWING))(
  '%s has its shape for any batch and is made anew by its config',
  (_, { make, shape = SHAPE }) => {
    const layer = make()
    const x = input({ shape: shape.slice(1) })
    for (const training of [true, false]) {
      const y = layer(x, { training }) as Symbolic
      expect(y.shape).toEqual([null, ...shape.slice(1)])
    }
    const config = layer.getConfig()
    expect(layerOf(JSON.parse(JSON.stringify(config)) as typeof config).getConfig()).toEqual(config)
  },
)

it.each([
  ['a rate of 1', () => layers.dropout({ rate: 1 }), ['Dropout: rate', 'not 1', 'it is 1']],
  ['no rate', () => layers.gaussianDropout({} as never), ['GaussianDropout: rate is missing']],
  ['a rank', () => layers.spatialDropout2d({ rate: 0.5 })(input({ shape: [3, 4] })), ['SpatialDropout2D', '4 axes']],
  ['a shape of noise', () => layers.dropout({ rate: 0.5, noiseShape: [0] }), ['noiseShape', 'from 1']],
  [
    'noise that does not fit',
    () => layers.dropout({ rate: 0.5, noiseShape: [3, 1] })(input({ shape: [4] }), { training: true }),
    ['noiseShape'],
  ],
  ['a deviation', () => layers.gaussianNoise({ stddev: -1 }), ['stddev', 'from 0', '-1']],
  ['a penalty', () => layers.activityRegularization({ l1: -1 }), ['ActivityRegularization: l1']],
] as const)('refuses %s', (_, run, parts) => {
  expectFault(run, Error, ...parts)
})
