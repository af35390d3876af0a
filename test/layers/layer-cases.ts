import { add, compile, constant, entry, grad, mul, sum, type Tensor, tensor } from 'gradloom'
import { forward, input, type Layer, type OpenShape, type Symbolic } from 'gradloom/nn'
import { expect } from 'vitest'
import type { AnyLayer, CallOptions } from '../../src/layers/layer'
import { layerOf } from '../../src/layers/registry'

export const TARGETS = ['js', 'wasm'] as const
export type Target = (typeof TARGETS)[number]

/** Values without pattern, kept away from 0. */
export const wave = (n: number, by = 1.7): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => 0.9 * Math.sin(by * (i + 1)) + 0.05)
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A layer on inputs, the batch first; null stands for what is open. */
export interface LayerCase {
  readonly make: () => AnyLayer
  readonly inputs: readonly OpenShape[]
  /** Extents in the place of those that are open. */
  readonly open?: number
  readonly options?: CallOptions
}

const listed = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as T[]) : [x as T])
const many = (layer: AnyLayer): Layer<true> => layer
/** A layer on symbolic inputs, so that its weights are there; they are given values. */
export function built({ make, inputs, options }: LayerCase, layer = make()) {
  const symbols = inputs.map((shape) => input({ batchShape: shape, dtype: 'float64' }))
  const results = listed<Symbolic>(many(layer)(symbols.length > 1 ? symbols : symbols[0]!, options as never))
  const positive = (values: Float64Array): Float64Array => values.map((v) => Math.abs(v) + 0.2)
  layer.setWeights(
    layer.weights.map((w, i) => {
      const values = wave(w.size, 0.7 + i / 3)
      return w.name.includes('variance') ? positive(values) : values
    }),
  )
  return { layer, results }
}
const called = (layer: AnyLayer, xs: readonly Tensor[], options?: CallOptions): readonly Tensor[] =>
  listed<Tensor>(many(layer)(xs.length > 1 ? xs : xs[0]!, options as never))

const closed = (shape: OpenShape, open: number): number[] => shape.map((d, i) => d ?? (i === 0 ? 2 : open))

/**
 * That the shapes of a symbolic call are those of what is computed, that a config gives the same layer again, and that
 * gradients by all inputs and trained weights are those of central differences.
 */
export function checkLayer(target: Target, layerCase: LayerCase): void {
  const { inputs, open = 4, options } = layerCase
  const { layer, results } = built(layerCase)
  const config = JSON.parse(JSON.stringify(layer.getConfig())) as ReturnType<AnyLayer['getConfig']>
  const { layer: again } = built(layerCase, layerOf(config))
  expect(again.getConfig()).toEqual(layer.getConfig())
  expect(again.weights.map((w) => [w.name, ...w.shape])).toEqual(layer.weights.map((w) => [w.name, ...w.shape]))

  const shapes = inputs.map((shape) => closed(shape, open))
  const specs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, tensor(shape, 'float64')]))
  const trained = layer.weights.filter((w) => w.isTrained)
  const net = compile(
    entry(specs, (feeds) => {
      const xs = shapes.map((_, i) => (feeds as unknown as Record<string, Tensor>)[`x${i}`]!)
      const { result } = forward({}, () => ({ a: called(layer, xs, options), b: called(again, xs, options) }))
      const loss = result.a
        .map((y, i) => sum(mul(y, constant(wave(sizeOf(y.shape), 0.31 + i), { shape: y.shape }))))
        .reduce((a, b) => add(a, b))
      const found = grad(loss as never, [...xs, ...trained.map((w) => w.variable!)])
      return {
        outputs: {
          loss,
          ...Object.fromEntries(result.a.map((y, i) => [`a${i}`, y])),
          ...Object.fromEntries(result.b.map((y, i) => [`b${i}`, y])),
          ...Object.fromEntries(found.map((g, i) => [`g${i}`, g])),
        },
      }
    }),
    { target },
  )
  const given = shapes.map((shape, i) => wave(sizeOf(shape), 1.3 + i / 5))
  const run = (feeds: readonly Float64Array[]) =>
    net(Object.fromEntries(feeds.map((x, i) => [`x${i}`, x]))) as unknown as Readonly<
      Record<string, Float64Array & { readonly shape: readonly number[] }>
    >
  const first = run(given)
  results.forEach((y, i) => {
    const shape = [...(first[`a${i}`]!.shape ?? [])]
    expect(shape.map((d, k) => (y.shape[k] === null ? null : d))).toEqual([...y.shape])
    expect([...first[`b${i}`]!]).toEqual([...first[`a${i}`]!])
    expect(first[`a${i}`]!.some((v) => Math.abs(v) > 1e-3)).toBe(true)
  })
  const lossAt = (): number => Number(run(given)['loss'])
  const step = 1e-5
  const compare = (what: string, g: ArrayLike<number>, size: number, move: (i: number, by: number) => void): void => {
    for (let i = 0; i < size; i += Math.max(1, Math.floor(size / 7))) {
      move(i, step)
      const above = lossAt()
      move(i, -2 * step)
      const below = lossAt()
      move(i, step)
      const slope = (above - below) / (2 * step)
      expect(Math.abs(g[i]! - slope), `${what}[${i}] is ${g[i]}, differences give ${slope}`).toBeLessThan(1e-6 * (1 + Math.abs(slope))) // prettier-ignore
    }
  }
  const gradientOf = (k: number): ArrayLike<number> => {
    const g = first[`g${k}`]! as Float64Array | number
    return typeof g === 'number' ? [g] : [...g]
  }
  given.forEach((x, k) => compare(`gradient of input ${k}`, gradientOf(k), x.length, (i, by) => (x[i]! += by)))
  trained.forEach((w, k) => {
    const variable = w.variable!
    const held = net.state.get(variable) as unknown as Float64Array | number
    const value = typeof held === 'number' ? Float64Array.of(held) : held.slice()
    compare(`gradient of ${w.name}`, gradientOf(given.length + k), w.size, (i, by) => {
      value[i]! += by
      net.state.set(variable, (w.shape.length === 0 ? value[0] : value) as never)
    })
  })
  net.dispose()
}

/** What a layer gives for values of its inputs, in float64, with the weights that `built` gives it. */
export function valuesOf(
  target: Target,
  layerCase: LayerCase,
  given: readonly Float64Array[],
  options: (masks: readonly Tensor[]) => CallOptions = () => ({}),
  masks: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[] = [],
): { readonly layer: AnyLayer; readonly outputs: readonly number[][] } {
  const { layer } = built(layerCase)
  const shapes = layerCase.inputs.map((shape) => closed(shape, layerCase.open ?? 4))
  const specs = Object.fromEntries([
    ...shapes.map((shape, i) => [`x${i}`, tensor(shape, 'float64')]),
    ...masks.map(({ shape }, i) => [`m${i}`, tensor([...shape], 'bool')]),
  ]) as Record<string, ReturnType<typeof tensor>>
  const net = compile(
    entry(specs, (feeds) => {
      const all = feeds as unknown as Record<string, Tensor>
      const xs = shapes.map((_, i) => all[`x${i}`]!)
      const more = { ...layerCase.options, ...options(masks.map((_, i) => all[`m${i}`]!)) }
      const { result, updates } = forward({ training: more.training ?? false }, () => called(layer, xs, more))
      return { outputs: Object.fromEntries(result.map((y, i) => [`y${i}`, y])), updates }
    }),
    { target },
  )
  const feeds = Object.fromEntries([
    ...given.map((x, i) => [`x${i}`, x]),
    ...masks.map(({ data }, i) => [`m${i}`, Uint8Array.from(data)]),
  ]) as never
  const results = net(feeds) as unknown as Record<string, Float64Array>
  const outputs = Object.values(results).map((y) => [...y])
  net.dispose()
  return { layer, outputs }
}
