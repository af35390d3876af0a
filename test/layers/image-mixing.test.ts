import { compile, entry, fill, type Tensor, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers'
import type { Layer, LayerConfig } from '../../src/layers/layer'
import { forward } from '../../src/layers/pass'
import { betas, gammas } from '../../src/layers/preprocessing/beta'
import { layerOf } from '../../src/layers/registry'
import { input } from '../../src/layers/symbolic'
import { channelsFirst, type Pictures, pictures, ran, type Target, TARGETS } from './images'

/** Moments of what is drawn, and its share below a bound. */
function drawn(make: (count: number) => Tensor, target: Target): Float64Array {
  const net = compile(
    entry({ x: tensor([1], 'float32') }, () => ({ outputs: { y: make(4000) } })),
    { target, seed: 3 },
  )
  return Float64Array.from(net({ x: [0] }).y as never)
}
const momentsOf = (v: Float64Array): { mean: number; variance: number } => {
  const mean = v.reduce((a, b) => a + b, 0) / v.length
  return { mean, variance: v.reduce((a, b) => a + (b - mean) ** 2, 0) / v.length }
}
describe.each(TARGETS)('draws on %s', (target) => {
  it.each([
    [0.2, 0.2],
    [1, 1],
    [0.5, 0.5],
    [0.3, 0.9],
    [0.001, 0.001],
  ])('Beta(%f, %f) has its mean and variance', (a, b) => {
    const values = drawn((n) => betas([n], a, fill([1], b), 'float32'), target)
    const { mean, variance } = momentsOf(values)
    const spread = (a * b) / ((a + b) ** 2 * (a + b + 1))
    expect(values.every((v) => v >= 0 && v <= 1)).toBe(true)
    expect(Math.abs(mean - a / (a + b))).toBeLessThan(5 * Math.sqrt(spread / 4000))
    // The fourth moment of what lies in [0, 1] is at most its second one.
    expect(Math.abs(variance - spread)).toBeLessThan(5 * Math.sqrt(spread / 4000))
  })
  it('Beta(1, 1) is uniform', () => {
    const sorted = drawn((n) => betas([n], 1, 1, 'float32'), target).sort()
    // Kolmogorov and Smirnov: 1.95 / sqrt(n) once in a thousand.
    sorted.forEach((v, i) => expect(Math.abs(v - i / 4000)).toBeLessThan(1.95 / Math.sqrt(4000) + 1 / 4000))
  })
  it.each([0.3, 1, 2, 2.5])('Gamma(%f) has its mean and variance', (a) => {
    const { mean, variance } = momentsOf(drawn((n) => gammas([n], a, 'float32'), target))
    expect(Math.abs(mean - a)).toBeLessThan(5 * Math.sqrt(a / 4000))
    expect(Math.abs(variance - a)).toBeLessThan(5 * Math.sqrt((6 * a + 2 * a * a) / 4000))
  })
})

const BATCH = 6
const x = pictures([BATCH, 5, 7, 3])
const size = 5 * 7 * 3
/** One label for each image, so that what it is mixed of shows. */
const labels = Float64Array.from({ length: BATCH * BATCH }, (_, i) => Number(i % (BATCH + 1) === 0))
function mixed(
  layer: Layer,
  target: Target,
  steps: number,
  training = true,
): { images: Float64Array; labels: Float64Array }[] {
  // prettier-ignore
  const net = compile(
    entry({ x: tensor([...x.shape], 'float64'), l: tensor([BATCH, BATCH], 'float64') }, ({ x, l }) => {
      const [y, m] = forward({ training }, () => layer([x, l])).result as unknown as Tensor[]
      return { outputs: { y: y!, m: m! } }
    }),
    { target, seed: 5 },
  )
  return Array.from({ length: steps }, () => {
    const { y, m } = net({ x: x.data, l: labels }) as unknown as { y: Float64Array; m: Float64Array }
    return { images: Float64Array.from(y), labels: Float64Array.from(m) }
  })
}
const partner = (row: ArrayLike<number>, n: number): number => Array.from(row).findIndex((v, k) => k !== n && v > 0)

describe.each(TARGETS)('mixing on %s', (target) => {
  it('mixUp weighs images and labels alike', () => {
    const weights = mixed(layers.mixUp({ alpha: 0.6 }), target, 40).map((step) => {
      const found = Array.from({ length: BATCH }, (_, n) => {
        const row = step.labels.slice(n * BATCH, (n + 1) * BATCH)
        const other = partner(row, n)
        const w = row[n]!
        const from = other === -1 ? n : other
        for (let i = 0; i < size; i++)
          expect(step.images[n * size + i]).toBeCloseTo(w * x.data[n * size + i]! + (1 - w) * x.data[from * size + i]!, 6) // prettier-ignore
        return other === -1 ? undefined : w
      }).filter((w) => w !== undefined)
      for (const w of found) expect(w).toBeCloseTo(found[0]!, 9)
      return found[0]
    })
    expect(new Set(weights).size).toBeGreaterThan(20)
  })
  it('cutMix takes one box, and weighs labels by its part', () => {
    const areas = mixed(layers.cutMix(), target, 30).flatMap((step) =>
      Array.from({ length: BATCH }, (_, n) => {
        const row = step.labels.slice(n * BATCH, (n + 1) * BATCH)
        const other = partner(row, n)
        if (other === -1) return 0
        const taken: [number, number][] = []
        for (let p = 0; p < 35; p++) {
          const at = (image: number): number => x.data[image * size + 3 * p]!
          const v = step.images[n * size + 3 * p]!
          expect([at(n), at(other)]).toContain(v)
          if (v === at(other)) taken.push([Math.floor(p / 7), p % 7])
        }
        const [rows, columns] = [0, 1].map((k) => new Set(taken.map((p) => p[k as 0 | 1])).size)
        expect(taken.length).toBe(rows! * columns!)
        // Edges lie between pixels: each extent is off by less than one.
        const [h, w] = [5, 7].map((d) => d * Math.sqrt(1 - row[n]!))
        expect(Math.abs(rows! - h!)).toBeLessThan(1)
        expect(Math.abs(columns! - w!)).toBeLessThan(1)
        return taken.length
      }),
    )
    expect(new Set(areas).size).toBeGreaterThan(8)
  })
})

describe.each([layers.mixUp(), layers.cutMix()] as const)('%#', (layer) => {
  it('comes back from its config, hands both on unless it is trained, and takes both layouts', () => {
    const again = layerOf(JSON.parse(JSON.stringify(layer.getConfig())) as LayerConfig) as Layer
    expect(again.getConfig()).toEqual(layer.getConfig())
    expect(ran(again, x)).toEqual(ran(layer, x))
    const [same] = mixed(layer, 'js', 1, false)
    expect(same).toEqual({ images: x.data, labels })
    const first = layerOf({
      ...layer.getConfig(),
      config: { ...layer.getConfig().config, dataFormat: 'channelsFirst' },
    })
    expect(ran(first as Layer, channelsFirst(x))[0]).toEqual(channelsFirst(ran(layer, x)[0]!))
    const [images, classes] = layer([input({ shape: [5, 7, 3] }), input({ shape: [4] })]) as unknown as { shape: unknown }[] // prettier-ignore
    expect([images!.shape, classes!.shape]).toEqual([
      [null, 5, 7, 3],
      [null, 4],
    ])
  })
  it('asks for labels that can be mixed', () => {
    const net = (): unknown =>
      compile(
        entry({ x: tensor([2, 3, 3, 1], 'float32'), l: tensor([2], 'int32') }, ({ x, l }) => ({
          outputs: { y: (forward({ training: true }, () => layer([x, l])).result as unknown as Tensor[])[0]! },
        })),
      )
    expect(net).toThrow(/labels are floats \[batch, classes\]: give classes as oneHot/)
  })
})

it('randAugment chooses among its changes, each as a layer of its own makes it', () => {
  const f: [number, number] = [0.25, 0.25]
  const images: Pictures = pictures([2, 6, 6, 3], 8)
  const fixed: readonly Layer[] = [
    layers.randomTranslation({ heightFactor: f, widthFactor: f }),
    layers.randomRotation({ factor: f }),
    layers.randomPosterization({ factor: 2 }),
    layers.solarization({ additionFactor: f, thresholdFactor: f }),
    layers.autoContrast(),
    layers.equalization(),
    layers.randomBrightness({ factor: f }),
    layers.randomColorDegeneration({ factor: f }),
    layers.randomSharpness({ factor: f }),
  ]
  const known = fixed.map((layer) => Array.from(ran(layer, images)[0]!.data, (v) => v.toFixed(6)).join())
  const steps = ran(layers.randAugment({ numOps: 1, factor: f }), images, {}, 220)
  const found = steps.map(({ data }) => known.indexOf(Array.from(data, (v) => v.toFixed(6)).join()))
  // Shear and contrast draw a sign and a number besides.
  const counts = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8].map((k) => found.filter((i) => i === k).length)
  const expected = (k: number): number => (k === 0 ? 40 : 20)
  counts.forEach((n, k) => expect(Math.abs(n - expected(k))).toBeLessThan(5 * Math.sqrt(expected(k))))
})

it('augMix of one change lies between the images and what the change makes of them', () => {
  const f: [number, number] = [0.25, 0.25]
  const images = pictures([2, 6, 6, 3], 8)
  const fixed: readonly Layer[] = [
    layers.randomTranslation({ heightFactor: f, widthFactor: f }),
    layers.randomRotation({ factor: f }),
    layers.randomPosterization({ factor: 2 }),
    layers.solarization({ additionFactor: f, thresholdFactor: f }),
    layers.autoContrast(),
    layers.equalization(),
  ]
  const changes = fixed.map((layer) => ran(layer, images)[0]!.data.map((v, i) => v - images.data[i]!))
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
  const layer = layers.augMix({ factor: f, allOps: false, numChains: 1, chainDepth: 1 })
  const parts = ran(layer, images, {}, 160).flatMap(({ data }) => {
    const change = data.map((v, i) => v - images.data[i]!)
    const k = changes.findIndex((c) => Math.abs(dot(c, change) ** 2 / (dot(c, c) * dot(change, change)) - 1) < 1e-9)
    return k === -1 ? [] : [{ k, part: dot(changes[k]!, change) / dot(changes[k]!, changes[k]!) }]
  })
  // Shear draws a sign, and one choice in eight is none.
  expect(new Set(parts.map(({ k }) => k)).size).toBe(6)
  expect(Math.abs(parts.length - 120)).toBeLessThan(5 * Math.sqrt(30))
  // Beta(1, 1) is uniform.
  expect(parts.every(({ part }) => part >= 0 && part <= 1)).toBe(true)
  const mean = parts.reduce((sum, { part }) => sum + part, 0) / parts.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * parts.length))
})
