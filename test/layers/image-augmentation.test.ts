import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers'
import type { Layer } from '../../src/layers/layer'
import { layerOf } from '../../src/layers/registry'
import { input } from '../../src/layers/symbolic'
import { channelsFirst, gradientError, pictures, ran, sizeOf, TARGETS } from './images'

interface Row {
  readonly make: (options?: object) => Layer
  /** Whether it draws, and hands images on where nothing is trained. */
  readonly draws?: false
  /** Whether the result depends smoothly on the images, and not only on where they lie. */
  readonly smooth?: false
  /** Whether the batch is changed as one. */
  readonly batch?: true
}
const row = (make: (options: never) => Layer, options: object, more: Partial<Row> = {}): Row => ({
  make: (other = {}) => make({ ...options, ...other } as never),
  ...more,
})

/** Every layer over images that keeps their size. */
const LAYERS: readonly Row[] = [
  row(layers.randomFlip, {}),
  row(layers.randomFlip, { mode: 'horizontal' }),
  row(layers.randomFlip, { mode: 'vertical' }),
  row(layers.randomRotation, { factor: 0.3 }),
  row(layers.randomRotation, { factor: [-0.1, 0.4], fillMode: 'constant', fillValue: 9, interpolation: 'nearest' }),
  row(layers.randomTranslation, { heightFactor: 0.4, widthFactor: [0.1, 0.6], fillMode: 'wrap' }),
  row(layers.randomZoom, { heightFactor: 0.5 }),
  row(layers.randomZoom, { heightFactor: [0.1, 0.4], widthFactor: 0.3, fillMode: 'nearest' }),
  row(layers.randomShear, { xFactor: 0.4, yFactor: [0.1, 0.2] }),
  row(layers.randomPerspective, { factor: [1, 1] }),
  row(layers.randomErasing, { scale: [0.1, 0.4], fillValue: 3 }),
  row(layers.randomBrightness, { factor: 0.3 }),
  row(layers.randomContrast, { factor: 0.6 }),
  row(layers.randomHue, { factor: 0.4 }),
  row(layers.randomSaturation, { factor: [0.3, 0.8] }),
  row(layers.randomColorJitter, { brightnessFactor: 0.1, contrastFactor: [0.2, 0.3], saturationFactor: 0.6, hueFactor: 0.2 }), // prettier-ignore
  row(layers.randomColorDegeneration, { factor: 0.7 }),
  row(layers.randomGrayscale, {}),
  row(layers.randomGaussianBlur, { kernelSize: [5, 3] }),
  row(layers.randomInvert, {}),
  row(layers.randomPosterization, { factor: [2, 6] }, { smooth: false }),
  row(layers.randomSharpness, { factor: [0, 1] }),
  row(layers.solarization, { additionFactor: 0.3, thresholdFactor: 0.6 }),
  row(layers.autoContrast, {}, { draws: false }),
  row(layers.randAugment, { numOps: 1, factor: [0.2, 0.4], interpolation: 'nearest' }, { smooth: false, batch: true }),
  row(layers.randAugment, {}, { smooth: false, batch: true }),
  row(layers.augMix, { numChains: 2, chainDepth: 1 }, { smooth: false, batch: true }),
  row(layers.augMix, { numChains: 1, chainDepth: 2, alpha: 0.4, allOps: false }, { smooth: false, batch: true }),
  row(layers.equalization, { bins: 16 }, { draws: false, smooth: false }),
]
const named = LAYERS.map((r, i) => [`${i} ${r.make().className}`, r] as const)

describe.each(named)('%s', (_, { make, draws = true, smooth = true, batch }) => {
  const x = pictures([6, 5, 7, 3])

  it('comes back from its config, and gives the shape that a model expects', () => {
    const layer = make({ name: 'mine' })
    const again = layerOf(JSON.parse(JSON.stringify(layer.getConfig())) as never) as Layer
    expect(again.getConfig()).toEqual(layer.getConfig())
    expect(ran(again, x)).toEqual(ran(layer, x))
    const symbolic = layer(input({ shape: [5, 7, 3] }))
    expect(symbolic.shape).toEqual([null, 5, 7, 3])
    expect(layer(input({ shape: [null, null, 3] })).shape).toEqual([null, null, null, 3])
  })

  it('hands images on unless it is trained', () => {
    const same = ran(make(), x, { training: false })[0]!
    if (!('seed' in make().getConfig().config)) expect(same.data).not.toEqual(x.data)
    else expect(same).toEqual({ shape: [...x.shape], data: x.data })
    expect(ran(make(), x)[0]!.data).not.toEqual(x.data)
  })

  it('gives the same on js and wasm, in float32 as in float64, and float for bytes', () => {
    const whole = pictures([6, 5, 7, 3], 3, true)
    for (const dtype of ['float64', 'float32', 'uint8'] as const) {
      const [js, wasm] = TARGETS.map((target) => ran(make(), whole, { target, dtype })[0]!)
      expect(js!.shape).toEqual([...whole.shape])
      js!.data.forEach((v, i) => expect(Math.abs(v - wasm!.data[i]!)).toBeLessThan(dtype === 'float64' ? 1e-8 : 2e-3))
    }
  })

  it('does to channelsFirst what it does to channelsLast, and to one image what it does to a batch of one', () => {
    const last = channelsFirst(ran(make(), x)[0]!)
    const first = ran(make({ dataFormat: 'channels_first' }), channelsFirst(x))[0]!
    expect(first.shape).toEqual(last.shape)
    first.data.forEach((v, i) => expect(v).toBeCloseTo(last.data[i]!, 9))
    const [one, single] = [
      [1, 5, 7, 3],
      [5, 7, 3],
    ].map((shape) => ran(make(), pictures(shape))[0]!)
    expect(single!.shape).toEqual([5, 7, 3])
    expect(single!.data).toEqual(one!.data)
  })

  it.runIf(draws)('draws anew for each image, each step and each seed', () => {
    const many = { shape: [64, ...x.shape.slice(1)], data: new Float64Array(64 * sizeOf(x.shape.slice(1))) }
    many.data.forEach((_, i) => (many.data[i] = x.data[i % sizeOf(x.shape.slice(1))]!))
    const [a, b] = ran(make(), many, {}, 2)
    const size = sizeOf(x.shape.slice(1))
    const texts = Array.from({ length: 64 }, (_, n) => a!.data.slice(n * size, (n + 1) * size).join())
    if (!batch) expect(new Set(texts).size).toBeGreaterThan(1)
    expect(b!.data).not.toEqual(a!.data)
    expect(ran(make({ seed: 5 }), many)[0]!.data).not.toEqual(a!.data)
    expect(ran(make({ seed: 5 }), many)).toEqual(ran(make({ seed: 5 }), many))
  })

  it.runIf(smooth).each(TARGETS)('has the gradient of its differences on %s', (target) => {
    const { found, wanted } = gradientError(make(), x, target)
    expect(Math.abs(found)).toBeGreaterThan(1e-3)
    expect(Math.abs(found - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted)))
  })
})

it('every layer over images that keeps their size is in the table', () => {
  const index = readFileSync(new URL('../../src/layers/index.ts', import.meta.url), 'utf8')
  const names = new Set(Array.from(index.matchAll(/\{ (\w+) \} from '\.\/preprocessing\//g), ([, name]) => name!))
  const others = /^(resizing|centerCrop|randomCrop|mixUp|cutMix)$/
  const over = Object.entries(layers).filter(
    ([name, make]) => names.has(name) && 'dataFormat' in make.rule.options && !others.test(name),
  )
  const wanted = over.map(([, make]) => make.rule.className)
  expect(wanted.length).toBeGreaterThan(20)
  expect([...new Set(LAYERS.map((r) => r.make().className))].sort()).toEqual(wanted.sort())
})
