import { add, compile, constant, entry, grad, mul, sum, type Tensor, tensor, where } from 'gradloom'
import { describe, expect, it } from 'vitest'
import type { AnyLayer, CallOptions } from '../../src/layers/layer'
import { maskOf } from '../../src/layers/pass'
import { layerOf } from '../../src/layers/registry'
import { input, type Symbolic } from '../../src/layers/symbolic'
import { sizeOf, type Values } from '../ops/values'

type Mask = Values | undefined
/** A layer on inputs of some shapes, held to its meaning. */
export interface LayerCase {
  readonly make: () => AnyLayer
  /** Of the inputs, with the batch. */
  readonly shapes: readonly (readonly number[])[]
  /** Of inputs that are whole numbers: how many there are. */
  readonly below?: number
  /** Shapes of masks that are given with the call, one for each input. */
  readonly masks?: readonly (readonly number[] | undefined)[]
  /** The result, written without a look at how the layer is made; weights in their order. */
  readonly reference: (inputs: readonly Values[], weights: readonly Values[], masks: readonly Mask[]) => Values
  /** The mask behind it; none by default. */
  readonly mask?: (inputs: readonly Values[], masks: readonly Mask[]) => Mask
}

const GOLDEN = 0.6180339887498949
/** Numbers from -2 to 2 without ties and away from 0, other ones for each place. */
const wave = (shape: readonly number[], place: number): Values => ({
  shape,
  dtype: 'float64',
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    const v = (((i + 1 + 31 * place) * GOLDEN) % 1) * 4 - 2
    return Math.abs(v) < 0.05 ? v + 0.1 : v
  }),
})
const whole = (shape: readonly number[], below: number): Values => ({
  shape,
  dtype: 'int32',
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7 + 3) % below),
})
const bools = (shape: readonly number[], place: number): Values => ({
  shape,
  dtype: 'bool',
  data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => Number((i + place) % 3 !== 1)),
})

function expectNear(what: string, got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(got.length, `${what}: how many`).toBe(wanted.length)
  Array.from(wanted).forEach((w, i) => {
    const off = Math.abs(got[i]! - w)
    expect(off <= tolerance * Math.max(1, Math.abs(w)), `${what}[${i}] is ${got[i]}, it should be ${w}`).toBe(true)
  })
}
const list = (x: number | ArrayLike<number>): ArrayLike<number> => (typeof x === 'number' ? [x] : x)
const scalar = (x: Values, c: Values): number => x.data.reduce((total, v, i) => total + v * c.data[i]!, 0)

const DIRECTIONS = 3
/** The slope of sum(reference * c) along directions of one operand by central differences, beside that of a gradient. */
function slopes(run: () => number, operand: Values, gradient: ArrayLike<number>): [slope: number, own: number][] {
  const step = 1e-5
  const start = operand.data.slice()
  return Array.from({ length: DIRECTIONS }, (_, k) => {
    const direction = wave(operand.shape, 11 + k).data
    const moved = (by: number): number => {
      operand.data.set(start.map((v, i) => v + by * direction[i]!))
      return run()
    }
    const slope = (moved(step) - moved(-step)) / (2 * step)
    operand.data.set(start)
    return [slope, direction.reduce((total, d, i) => total + d * gradient[i]!, 0)]
  })
}

/**
 * Values, masks and gradients by all inputs and weights, the shape that a symbolic call finds for any batch, and that the
 * layer which its config describes computes the same from the same weights.
 */
export function checkCase(
  { make, shapes, below, masks: given, reference, mask }: LayerCase,
  target: 'js' | 'wasm',
): void {
  const dtype = below === undefined ? ('float64' as const) : ('int32' as const)
  const inputs = shapes.map((shape, i) => (below === undefined ? wave(shape, i) : whole(shape, below)))
  const masks = shapes.map((_, i) => given?.[i] && bools(given[i], i))
  const isList = shapes.length > 1
  const layer = make()
  const symbolic = (of: AnyLayer): Symbolic => {
    const open = shapes.map((shape) => input({ shape: shape.slice(1), dtype }))
    return of((isList ? open : open[0]!) as Symbolic) as Symbolic
  }
  const found = symbolic(layer)
  const weights = layer.weights.map((w, i) => wave(w.shape, 7 + i))
  layer.setWeights(weights.map((w) => w.data))
  const config = layer.getConfig()
  const again = layerOf(JSON.parse(JSON.stringify(config)) as typeof config)
  expect(again.getConfig()).toEqual(config)
  symbolic(again)
  again.setWeights(layer.getWeights())

  const wanted = reference(inputs, weights, masks)
  const c = wave(wanted.shape, 3)
  const specs = {
    ...Object.fromEntries(inputs.map((x, i) => [`x${i}`, tensor([...x.shape], x.dtype)])),
    ...Object.fromEntries(masks.flatMap((m, i) => (m ? [[`m${i}`, tensor([...m.shape], 'bool')]] : []))),
  }
  const net = compile(
    entry(specs, (fed) => {
      const feeds = fed as Readonly<Record<string, Tensor>>
      const xs = inputs.map((_, i) => feeds[`x${i}`]!)
      const options: CallOptions = given ? { mask: masks.map((_, i) => feeds[`m${i}`] ?? null) } : {}
      const call = (of: AnyLayer): Tensor => of((isList ? xs : xs[0]!) as Tensor, options) as Tensor
      const [y, other] = [call(layer), call(again)]
      const variables = layer.weights.map((w) => w.variable!)
      const loss = sum(mul(y, constant([...c.data] as never, { shape: c.shape, dtype: 'float64' })))
      const by = [...(below === undefined ? xs : []), ...variables]
      const found = by.length > 0 ? grad(loss as never, by) : []
      const behind = maskOf(y)
      return {
        outputs: {
          y,
          other: add(other, 0),
          ...(behind ? { mask: where(behind, 1, 0) } : {}),
          ...Object.fromEntries(found.map((g, i) => [`g${i}`, g])),
        },
      }
    }),
    { target },
  )
  const results = net({
    ...Object.fromEntries(inputs.map((x, i) => [`x${i}`, below === undefined ? x.data : Int32Array.from(x.data)])),
    ...Object.fromEntries(masks.flatMap((m, i) => (m ? [[`m${i}`, Uint8Array.from(m.data)]] : []))),
  }) as unknown as Readonly<Record<string, Float64Array & { readonly shape: readonly number[] }>>
  net.dispose()

  expect([...results.y!.shape], 'shape').toEqual([...wanted.shape])
  expect([...found.shape], 'shape for any batch').toEqual([null, ...wanted.shape.slice(1)])
  expectNear('result', results.y!, wanted.data, 1e-10)
  expect([...results.other!], 'the layer of the config').toEqual([...results.y!])
  const behind = mask?.(inputs, masks)
  expect(results.mask !== undefined, 'whether there is a mask').toBe(behind !== undefined)
  if (behind) {
    expect([...results.mask!.shape], 'shape of the mask').toEqual([...behind.shape])
    expect([...results.mask!], 'mask').toEqual([...behind.data])
  }
  const operands = [...(below === undefined ? inputs : []), ...weights]
  operands.forEach((operand, i) => {
    const gradient = list(results[`g${i}`]!)
    expect(gradient.length, `size of gradient ${i}`).toBe(operand.data.length)
    const found = slopes(() => scalar(reference(inputs, weights, masks), c), operand, gradient)
    expectNear(`slope ${i}`, found.map(([, own]) => own), found.map(([slope]) => slope), 1e-7) // prettier-ignore
  })
}

/** Cases by name, on both targets. */
export function describeCases(title: string, cases: Readonly<Record<string, LayerCase>>): void {
  describe.each(['js', 'wasm'] as const)(`${title} on %s`, (target) => {
    it.each(Object.entries(cases))('%s', (_, test) => {
      checkCase(test, target)
    })
  })
}
